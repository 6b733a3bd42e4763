"""Rule sets: what counts as agreeing, when money is due, what fees are agreed, whose a difference is. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from core.messages import LIST, N_, Message, Refusal, msg, together
from plugins.finance.matching.classes import DIFFERENCES, PARTS
from plugins.finance.matching.kinds import DEFAULT, DIRECTIONS, Kind

AUTO, PAYMENT, CONFIRMATION = "auto", "payment", "confirmation"
RECEIPT_DUE = {
    AUTO: N_("As the data show"),
    PAYMENT: N_("When the buyer has paid"),
    CONFIRMATION: N_("When the buyer has confirmed"),
}
EVERYTHING = "*"
COMMISSION = "commission"
MOST_DAYS = 60


@dataclass(frozen=True)
class Tolerance:
    """How far the two sides may stand apart: ``fen``, or ``per_mille`` of what is expected if that is more; over the
    whole period at most ``total`` fen together."""

    fen: int = 0
    per_mille: int = 0
    total: int | None = None


@dataclass(frozen=True)
class Fee:
    """A line of the contract table: ``rate`` basis points of ``subject`` on orders of ``of`` (a merchant code, a
    category, or everything), from ``since`` to ``until`` inclusive."""

    subject: str
    rate: int
    of: str = EVERYTHING
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class RuleSet:
    """What one version of the rules says. The default is what the platform does with everybody.

    ``owners``, ``write_off`` and ``hand_over`` are read by ``differences.rules.policy``.
    """

    tolerance: Mapping[str, Tolerance] = field(
        default_factory=lambda: {"pay": Tolerance(), "refund": Tolerance(), "fee": Tolerance(1)}
    )
    cutoff_days: int = 3
    receipt_due: str = AUTO
    contract: tuple[Fee, ...] = ()
    kinds: tuple[Kind, ...] = DEFAULT
    owners: tuple[Mapping[str, Any], ...] = ()
    write_off: Mapping[str, int] = field(default_factory=dict)
    hand_over: tuple[str, ...] = ()

    @property
    def contracted(self) -> tuple[str, ...]:
        """The subjects of which a fee is expected: the commission, which orders tell, and those of the contract."""
        return tuple(dict.fromkeys([COMMISSION, *(fee.subject for fee in self.contract)]))

    def data(self) -> dict[str, Any]:
        """The rule set as JSON holds it."""
        return {
            "tolerance": {part: vars(each) for part, each in sorted(self.tolerance.items())},
            "cutoff_days": self.cutoff_days,
            "receipt_due": self.receipt_due,
            "contract": [_fee_data(fee) for fee in self.contract],
            "kinds": [kind.data() for kind in self.kinds],
            "owners": [dict(owner) for owner in self.owners],
            "write_off": dict(self.write_off),
            "hand_over": list(self.hand_over),
        }


def _fee_data(fee: Fee) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(fee).items()}


def rule_set(data: Mapping[str, Any] | None) -> RuleSet:
    """The rule set that JSON tells, with the default for what it leaves out; raises ``Refusal`` with every fault."""
    data = data or {}
    reader = _Reader()
    made = RuleSet(
        tolerance={part: reader.tolerance(part, data.get("tolerance", {}).get(part)) for part in PARTS[:3]},
        cutoff_days=reader.whole("cutoff_days", data.get("cutoff_days", 3), MOST_DAYS),
        receipt_due=reader.choice("receipt_due", data.get("receipt_due", AUTO), tuple(RECEIPT_DUE)),
        contract=tuple(reader.fee(number, fee) for number, fee in enumerate(data.get("contract", ()), 1)),
        kinds=tuple(reader.kind(number, kind) for number, kind in enumerate(data["kinds"], 1))
        if "kinds" in data
        else DEFAULT,
        owners=tuple(reader.owner(number, owner) for number, owner in enumerate(data.get("owners", ()), 1)),
        write_off={
            role: reader.whole("write_off", fen, 10**12) for role, fen in sorted(data.get("write_off", {}).items())
        },
        hand_over=tuple(reader.choice("hand_over", code, DIFFERENCES) for code in data.get("hand_over", ())),
    )
    if reader.problems:
        raise Refusal(fields=reader.problems)
    return made


class _Reader:
    """Reads the parts of a rule set and remembers, by field, what is wrong with them."""

    def __init__(self) -> None:
        self.problems: dict[str, Message] = {}

    def whole(self, name: str, value: Any, most: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            self.problems[name] = msg("A whole number from 0 to %(most)s, not %(value)s.", most=most, value=value)
            return 0
        return value

    def choice(self, name: str, value: Any, known: Sequence[str]) -> str:
        if value not in known:
            self.problems[name] = msg(
                "%(value)s is none of %(known)s.", value=value, known=together([each or "''" for each in known], LIST)
            )
            return known[0]
        return str(value)

    def day(self, name: str, value: Any) -> date | None:
        if value in (None, ""):
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.problems[name] = msg("%(value)s is no date; write 2026-11-30.", value=value)
            return None

    def tolerance(self, part: str, data: Any) -> Tolerance:
        name = f"tolerance.{part}"
        if data is None:
            return Tolerance(1) if part == "fee" else Tolerance()
        total = data.get("total")
        return Tolerance(
            self.whole(name, data.get("fen", 0), 1_000_000),
            self.whole(name, data.get("per_mille", 0), 1000),
            None if total is None else self.whole(name, total, 10**12),
        )

    def fee(self, number: int, data: Mapping[str, Any]) -> Fee:
        name = f"contract.{number}"
        if not data.get("subject"):
            self.problems[name] = msg("Say what the fee is for.")
        since, until = self.day(name, data.get("since")), self.day(name, data.get("until"))
        if since and until and until < since:
            self.problems[name] = msg("It ends before it begins.")
        rate = self.whole(name, data.get("rate"), 10_000)
        return Fee(str(data.get("subject", "")), rate, str(data.get("of") or EVERYTHING), since, until)

    def kind(self, number: int, data: Mapping[str, Any]) -> Kind:
        name = f"kinds.{number}"
        try:
            made = Kind.of(data)
        except TypeError:
            self.problems[name] = msg("It asks for something that lines do not have.")
            return DEFAULT[0]
        self.choice(name, made.part, PARTS)
        self.choice(name, made.direction, DIRECTIONS)
        if not made.subject:
            self.problems[name] = msg("Give the kind of line a name.")
        return made

    def owner(self, number: int, data: Mapping[str, Any]) -> dict[str, Any]:
        name = f"owners.{number}"
        if not data.get("team"):
            self.problems[name] = msg("Name the team that it belongs to.")
        code = self.choice(name, data.get("code", ""), ("", *DIFFERENCES))
        days = self.whole(name, data.get("days", 5), 365)
        return {"code": code, "finding": str(data.get("finding", "")), "team": str(data.get("team", "")), "days": days}


def half_up(amount: Any, rate: Any) -> Any:
    """``rate`` basis points of ``amount`` fen, half a fen rounded up; of whole columns, too."""
    return (amount * rate + 5000) // 10000
