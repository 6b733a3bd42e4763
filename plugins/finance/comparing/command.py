"""``storeboard finance compare``: files with each other, before anything is imported."""

import json
from pathlib import Path

import click

from core.imports.services import importers_for
from core.messages import N_, Refusal
from core.web import say
from plugins.finance.comparing.comparison import compare
from plugins.finance.matching import report
from plugins.finance.matching.command import OPERATOR, day

FILES = {
    "multiple": True,
    "required": True,
    "type": click.Path(exists=True, dir_okay=False, path_type=Path),
    "metavar": "FILE",
}
EXPORT = N_("An order export; name several one by one.")
STATEMENT = N_("An Alipay statement; name several one by one.")


@click.command(
    "compare", help=N_("Compare order exports with statements as reconcile does, before importing; nothing is stored.")
)
@click.option("--orders", **FILES, help=EXPORT)
@click.option("--statement", "statements", **FILES, help=STATEMENT)
@click.option("--from", "first", required=True, metavar="DATE", help=N_("The first day, such as 2026-11-01."))
@click.option("--to", "last", required=True, metavar="DATE", help=N_("The last day, inclusive."))
@click.option("--json", "as_json", is_flag=True, help=N_("Everything as JSON."))
def compare_command(
    orders: tuple[Path, ...], statements: tuple[Path, ...], first: str, last: str, as_json: bool
) -> None:
    try:
        made = compare(orders, statements, day(first), day(last), importers_for(OPERATOR))
    except Refusal as refusal:
        click.echo("\n".join(map(say, refusal.reasons)), err=True)
        raise SystemExit(report.FAILED) from None
    told = {"from": first, "to": last, **made.summary(), "differences": [*map(report.difference, made.found)]}
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(report.text(f"{first} – {last}", told)))
    raise SystemExit(report.outcome(told, bool(made.found)))
