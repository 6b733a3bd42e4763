"""``storeboard finance settlements``: the store's payouts, and whether they add up."""

import json
import sys

import click

from core.imports.rules import money_text
from core.imports.services import find_store
from core.messages import N_, msg
from core.web import say
from plugins.finance.books.settlements import DIFFERENCES, FAILED, TIED, Settled, homeless, settlements


@click.command(
    "settlements", help=N_("Say of each payout of a Tmall Global store whether its details and fees add up to it.")
)
@click.option("--store", "store_name", required=True, metavar="NAME", help=N_("The store."))
@click.option("--json", "as_json", is_flag=True, help=N_("One line of JSON for each payout."))
def settlements_command(store_name: str, as_json: bool) -> None:
    store = find_store(store_name)
    if store is None:
        click.echo(say(msg("There is no store called %(name)s.", name=store_name)), err=True)
        raise SystemExit(FAILED)
    found, lost = settlements(store.id), homeless(store.id)
    for each in found:
        click.echo(json.dumps(told(each)) if as_json else sentence(each))
    if not found and not as_json:
        click.echo(say(msg("%(store)s has no payouts: its settlement files are not imported.", store=store.name)))
    if lost:
        click.echo(say(msg("%(count)s details belong to no imported payout.", count=len(lost))), err=True)
    worst = max((each.outcome for each in found), default=TIED)
    sys.exit(max(worst, DIFFERENCES if lost else TIED))


def told(each: Settled) -> dict[str, object]:
    """A payout for machines."""
    batch = each.batch
    return {
        "batch": batch.key,
        "lines": len(each.details),
        "amount": money_text(batch.amount),
        "fee": money_text(batch.fee),
        "settlement": money_text(batch.settlement),
        "currency": batch.currency,
        "details_tie": each.details_tie,
        "fees_tie": each.fees_tie,
        "other_period": len(each.other_period),
    }


def sentence(each: Settled) -> str:
    values = told(each)
    values["details_tie"] = msg("details tie") if each.details_tie else msg("details do not tie")
    values["fees_tie"] = msg("fees tie") if each.fees_tie else msg("fees do not tie")
    return say(
        msg(
            "%(batch)s: %(amount)s - %(fee)s = %(settlement)s %(currency)s over %(lines)s lines; %(details_tie)s, "
            "%(fees_tie)s; %(other_period)s lines of other periods",
            **values,
        )
    )
