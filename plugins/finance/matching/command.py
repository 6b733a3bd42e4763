"""``storeboard finance reconcile``: a period from the command line, for scripts."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import click
from sqlalchemy import select

from core.contracts import Actor
from core.extensions import db
from core.imports.rules import money_text
from core.messages import N_, Message, Refusal, msg
from core.stores.models import Store
from core.web import say
from plugins.finance.differences.models import Difference
from plugins.finance.differences.rules import CLOSED, Found
from plugins.finance.matching import services
from plugins.finance.matching.classes import LABELS
from plugins.finance.matching.models import Run
from plugins.finance.matching.services import Made

AGREES, DIFFERS, FAILED = 0, 1, 2
OPERATOR = Actor(None, "storeboard finance", admin=True, source="command")
CHUNK = 5_000
LISTED = 20


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
        raise SystemExit(FAILED) from None
    report = {**_header(run, store_name), **services.summary(made), "differences": list(_differences(run, made.found))}
    click.echo(json.dumps(report, ensure_ascii=False) if as_json else _text(report))
    raise SystemExit(_outcome(report))


def _run(store_name: str, first: str, last: str) -> tuple[Made, Run]:
    store = db.session.scalar(select(Store).where(Store.name == store_name.strip()))
    if store is None:
        raise Refusal(msg("There is no store called %(name)s.", name=store_name))
    made = services.make(store.id, _day(first), _day(last))
    return made, services.store(made, OPERATOR)


def _day(text: str) -> date:
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
            "side": each.side,
            "class": each.code,
            "amount": money_text(each.amount),
            "order": each.order_no,
            "line": each.key.partition(":")[2] if each.key.startswith("line:") else None,
            "owner_team": row.owner_team if row else None,
            "task": row.task.number if row and row.task else None,
            "state": row.state if row else None,
        }


def _outcome(report: dict[str, Any]) -> int:
    if not report["tie_out"]["ok"]:
        return FAILED
    return DIFFERS if any(each["state"] != CLOSED for each in report["differences"]) else AGREES


def _text(report: dict[str, Any]) -> str:
    lines = [f"{report['store']}  {report['from']} – {report['to']}  #{report['run']}  {report['digest'][:12]}"]
    for side in ("order_classes", "line_classes"):
        for code, each in report[side].items():
            if each["count"]:
                lines.append(f"  {code:<14}{each['count']:>10}{each['amount']:>18}  {say(Message(LABELS[code]))}")
        lines.append("")
    for check in report["tie_out"]["checks"]:
        mark = "=" if check["ok"] else "≠"
        lines.append(f"  {check['name']}: {check['expected']} {mark} {check['found']}")
    for each in report["differences"][:LISTED]:
        about = each["order"] or each["line"] or ""
        lines.append(f"  {each['class']:<14}{each['amount']:>14}  {about}  {each['owner_team'] or ''}")
    if len(report["differences"]) > LISTED:
        lines.append(f"  … {len(report['differences'])}")
    return "\n".join(lines)
