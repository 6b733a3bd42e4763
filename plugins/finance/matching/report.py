"""What a reconciliation comes to on the command line: exit codes, and the lines that people read."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.imports.rules import money_text
from core.messages import Message
from core.web import say
from plugins.finance.differences.rules import Found
from plugins.finance.matching.classes import LABELS

AGREES, DIFFERS, FAILED = 0, 1, 2
LISTED = 20


def difference(each: Found) -> dict[str, Any]:
    """A difference for scripts."""
    return {
        "side": each.side,
        "class": each.code,
        "amount": money_text(each.amount),
        "order": each.order_no,
        "line": each.key.partition(":")[2] if each.key.startswith("line:") else None,
    }


def outcome(report: Mapping[str, Any], differs: bool) -> int:
    """What the command ends with."""
    if not report["tie_out"]["ok"]:
        return FAILED
    return DIFFERS if differs else AGREES


def text(title: str, report: Mapping[str, Any]) -> Iterator[str]:
    """The classes that hold something, every tie-out, and the first differences."""
    yield title
    for side in ("order_classes", "line_classes"):
        for code, each in report[side].items():
            if each["count"]:
                yield f"  {code:<14}{each['count']:>10}{each['amount']:>18}  {say(Message(LABELS[code]))}"
        yield ""
    for check in report["tie_out"]["checks"]:
        mark = "=" if check["ok"] else "≠"
        yield f"  {check['name']}: {check['expected']} {mark} {check['found']}"
    for each in report["differences"][:LISTED]:
        about = each["order"] or each["line"] or ""
        yield f"  {each['class']:<14}{each['amount']:>14}  {about}  {each.get('owner_team') or ''}".rstrip()
    if len(report["differences"]) > LISTED:
        yield f"  … {len(report['differences'])}"
