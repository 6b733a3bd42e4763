"""A rule set as the rows and fields of a form, and back. Money is yuan there, rates are per cent."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from core.board.brief import money
from core.imports.rules import money_text
from core.messages import Message, Refusal, msg
from plugins.finance.matching.classes import DIFFERENCES
from plugins.finance.matching.kinds import DEFAULT, Kind
from plugins.finance.matching.rules import RuleSet

PARTS = ("pay", "refund", "fee")
ROLES = ("member", "lead")
BLANK = 3  # empty rows at the end of each table
WORDS = ("kinds", "texts", "memos", "memo_is", "channels")
BETWEEN = re.compile(r"[;；\n]")
CONTRACT = ("subject", "of", "rate", "since", "until")
OWNER = ("code", "finding", "team", "days")
KIND = ("part", "subject", "direction", *WORDS)


def shown(rules: RuleSet) -> dict[str, str]:
    """The fields of the form, by name."""
    data = rules.data()
    fields = {"cutoff_days": str(rules.cutoff_days), "receipt_due": rules.receipt_due}
    for part in PARTS:
        each = rules.tolerance[part]
        fields |= {f"{part}.fen": money_text(each.fen), f"{part}.per_mille": str(each.per_mille)}
        fields[f"{part}.total"] = "" if each.total is None else money_text(each.total)
    for role, fen in rules.write_off.items():
        fields[f"write_off.{role}"] = money_text(fen)
    fields |= {f"hand_over.{code}": "1" for code in rules.hand_over}
    for number, fee in enumerate(data["contract"]):
        rate = f"{Decimal(fee['rate']) / 100:f}"
        fields |= {f"contract.{number}.{name}": str(fee[name] or "") for name in CONTRACT} | {
            f"contract.{number}.rate": rate
        }
    for number, owner in enumerate(data["owners"]):
        fields |= {f"owners.{number}.{name}": str(owner[name]) for name in OWNER}
    for number, kind in enumerate(own_kinds(rules)):
        fields |= {f"kinds.{number}.{name}": "；".join(getattr(kind, name)) for name in WORDS}
        fields |= {f"kinds.{number}.{name}": getattr(kind, name) for name in KIND[:3]}
    return fields


def own_kinds(rules: RuleSet) -> list[Kind]:
    """The kinds of line that a store has added: they stand above those that everybody has."""
    return [kind for kind in rules.kinds if kind not in DEFAULT]


def rows(fields: Mapping[str, str], table: str) -> range:
    """The rows to show of a table: those that say something, and some to fill in."""
    told = [int(name.split(".")[1]) for name, value in fields.items() if name.startswith(f"{table}.") and value]
    return range(max(told, default=-1) + 1 + BLANK)


def parsed(form: Mapping[str, str], before: RuleSet) -> dict[str, Any]:
    """What a form says, as JSON for ``rule_set``; raises ``Refusal`` for figures that are none."""
    reader = _Form(form)
    data: dict[str, Any] = {
        "tolerance": {part: reader.tolerance(part) for part in PARTS},
        "cutoff_days": reader.whole("cutoff_days"),
        "receipt_due": form.get("receipt_due", ""),
        "contract": [
            {**row, "rate": reader.rate(f"contract.{number}.rate")}
            for number, row in reader.table("contract", CONTRACT)
        ],
        "owners": [
            {**row, "days": reader.whole(f"owners.{number}.days")} for number, row in reader.table("owners", OWNER)
        ],
        "write_off": {
            role: reader.fen(f"write_off.{role}") for role in ROLES if form.get(f"write_off.{role}", "").strip()
        },
        "kinds": [
            *(_kind(row) for _, row in reader.table("kinds", KIND)),
            *(kind.data() for kind in before.kinds if kind in DEFAULT),
        ],
        "hand_over": [code for code in DIFFERENCES if form.get(f"hand_over.{code}")],
    }
    if reader.problems:
        raise Refusal(fields=reader.problems)
    return data


def _kind(row: Mapping[str, str]) -> dict[str, Any]:
    told = {name: [each.strip() for each in BETWEEN.split(row[name]) if each.strip()] for name in WORDS}
    return {name: row[name] for name in KIND[:3] if row[name]} | {name: each for name, each in told.items() if each}


class _Form:
    """Reads the fields of a form, and remembers what is wrong with them."""

    def __init__(self, form: Mapping[str, str]):
        self.form = form
        self.problems: dict[str, Message] = {}

    def table(self, name: str, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
        """The rows of a table that say something, with their numbers."""
        found = []
        for number in rows(self.form, name):
            row = {column: self.form.get(f"{name}.{number}.{column}", "").strip() for column in columns}
            if any(row.values()):
                found.append((number, row))
        return found

    def fen(self, name: str) -> int:
        found = money(self.form.get(name, "").strip() or "0")
        if found is None or found < 0:
            self.problems[name] = msg("“%(value)s” is not an amount in yuan.", value=self.form.get(name, "")[:40])
            return 0
        return found

    def whole(self, name: str) -> int:
        text = self.form.get(name, "").strip() or "0"
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.problems[name] = msg("“%(value)s” is not a whole number.", value=text[:40])
            return 0
        return int(text)

    def rate(self, name: str) -> int:
        """Per cent with at most two decimals, in basis points."""
        text = self.form.get(name, "").strip().removesuffix("%")
        try:
            points = Decimal(text) * 100
        except InvalidOperation:
            points = Decimal("0.5")
        if not points.is_finite() or points != int(points):
            self.problems[name] = msg("“%(value)s” is no rate in per cent with at most two decimals.", value=text[:40])
            return 0
        return int(points)

    def tolerance(self, part: str) -> dict[str, Any]:
        total = f"{part}.total"
        return {
            "fen": self.fen(f"{part}.fen"),
            "per_mille": self.whole(f"{part}.per_mille"),
            "total": self.fen(total) if self.form.get(total, "").strip() else None,
        }
