"""``storeboard finance reconcile``: a period from the command line, for scripts."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import click
from sqlalchemy import select

from core.contracts import Actor
from core.extensions import db
from core.messages import N_, Refusal, msg
from core.stores.models import Store
from core.web import say
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import CLOSED, Found
from plugins.finance.matching import report, services
from plugins.finance.matching.models import Run
from plugins.finance.matching.services import Made

OPERATOR = Actor(None, "storeboard finance", admin=True, source="command")
CHUNK = 5_000


@click.command("reconcile", help=N_("Reconcile a period: every row in one class, every difference listed."))
@click.option("--store", "store_name", required=True, metavar="NAME", help=N_("The store."))
@click.option("--from", "first", required=True, metavar="DATE", help=N_("The first day, such as 2026-11-01."))
@click.option("--to", "last", required=True, metavar="DATE", help=N_("The last day, inclusive."))
@click.option("--json", "as_json", is_flag=True, help=N_("Everything as JSON."))
def reconcile_command(store_name: str, first: str, last: str, as_json: bool) -> None:
    try:
        made, run = _run(store_name, first, last)
    except Refusal as refusal:
        click.echo("\n".join(map(say, refusal.reasons)), err=True)
        raise SystemExit(report.FAILED) from None
    told = {**_header(run, store_name), **made.summary(), "differences": list(_differences(run, made.found))}
    title = f"{told['store']}  {told['from']} – {told['to']}  #{told['run']}  {told['digest'][:12]}"
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(report.text(title, told)))
    raise SystemExit(report.outcome(told, any(each["state"] != CLOSED for each in told["differences"])))


def _run(store_name: str, first: str, last: str) -> tuple[Made, Run]:
    store = db.session.scalar(select(Store).where(Store.name == store_name.strip()))
    if store is None:
        raise Refusal(msg("There is no store called %(name)s.", name=store_name))
    made = services.make(store.id, day(first), day(last))
    return made, services.store(made, OPERATOR)


def day(text: str) -> date:
    """A day as the command line gives it."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(msg("%(value)s is no date; write 2026-11-30.", value=text)) from None


def _header(run: Run, store_name: str) -> dict[str, Any]:
    days = {"from": run.first.isoformat(), "to": run.last.isoformat()}
    return {"run": run.id, "digest": run.digest, "store": store_name.strip(), **days}


def _differences(run: Run, found: list[Found]) -> Iterator[dict[str, Any]]:
    known: dict[str, Difference] = {}
    for start in range(0, len(found), CHUNK):
        keys = [each.key for each in found[start : start + CHUNK]]
        query = select(Difference).where(Difference.store_id == run.store_id, Difference.key.in_(keys))
        known.update((row.key, row) for row in db.session.scalars(query))
    for each in found:
        row = known.get(each.key)
        yield {
            "id": row.id if row else None,
            **report.difference(each),
            "owner_team": row.owner_team if row else None,
            "task": row.task.number if row and row.task else None,
            "state": row.state if row else None,
        }
