"""Enter, change and take away what profit needs and no file tells: shared costs of a store, and its campaigns."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.audit import services as audit
from core.board.brief import money
from core.contracts import Actor, Ref
from core.localtime import day_named
from core.messages import N_, Message, Refusal, msg, refuse
from core.transactions import transaction
from plugins.finance.partners.models import Campaign, SharedCost
from plugins.finance.profit.report import LONGEST
from plugins.finance.profit.rules import COST_KINDS

NAME, MEMO = 80, 200
KINDS = {SharedCost: "finance.shared_cost", Campaign: "finance.campaign"}
SAVED = {
    SharedCost: N_("entered a shared cost"),
    Campaign: N_("entered a campaign"),
}
REMOVED = {
    SharedCost: N_("took a shared cost away"),
    Campaign: N_("took a campaign away"),
}


def save_shared(store_id: int, given: Mapping[str, str], actor: Actor, id: int | None = None) -> SharedCost:
    """Store a cost that is spread over the days from ``first`` to ``last``; of ``id``, if that is given."""
    amount = money(given.get("amount", ""))
    memo = given.get("memo", "").strip()
    days, problems = _days(given)
    refuse(
        kind=None if given.get("kind") in COST_KINDS else msg("Choose what the cost is for."),
        amount=None if amount else msg("Not an amount of money."),
        memo=None if len(memo) <= MEMO else msg("At most %(count)s characters.", count=MEMO),
        **problems,
    )
    values = {"kind": given["kind"], "amount": amount, "memo": memo}
    return _save(SharedCost, store_id, values | days, actor, id)


def save_campaign(store_id: int, given: Mapping[str, str], actor: Actor, id: int | None = None) -> Campaign:
    """Store a campaign by its days; of ``id``, if that is given."""
    name = given.get("name", "").strip()
    days, problems = _days(given)
    named = (
        None if 1 <= len(name) <= NAME else msg("Give the campaign a name of at most %(count)s characters.", count=NAME)
    )
    refuse(name=named, **problems)
    return _save(Campaign, store_id, {"name": name} | days, actor, id)


def _days(given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Message | None]]:
    days = {name: day_named(given.get(name, "")) for name in ("first", "last")}
    problems: dict[str, Message | None] = {name: None if day else msg("Not a date.") for name, day in days.items()}
    first, last = days["first"], days["last"]
    if first and last and last < first:
        problems["last"] = msg("The last day must not be before the first.")
    elif first and last and (last - first).days >= LONGEST:
        problems["last"] = msg("At most %(days)s days.", days=LONGEST)
    return days, problems


def _save(model: Any, store_id: int, values: dict[str, Any], actor: Actor, id: int | None) -> Any:
    with transaction() as session:
        row = session.get(model, id) if id else model(store_id=store_id)
        if row is None or row.store_id != store_id:
            raise Refusal(msg("It is not there any more."))
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        _log(model, SAVED[model], row, actor)
    return row


def remove(model: Any, id: int, actor: Actor) -> None:
    """Take a shared cost or a campaign away; the log keeps what it was."""
    with transaction() as session:
        row = session.get(model, id)
        if row is None:
            raise Refusal(msg("It is not there any more."))
        _log(model, REMOVED[model], row, actor)
        session.delete(row)


def _log(model: Any, verb: str, row: Any, actor: Actor) -> None:
    names = ("first", "last", "kind", "amount", "memo") if model is SharedCost else ("first", "last", "name")
    told = {name: getattr(row, name) for name in names}
    data = {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}
    audit.record(actor, verb, Ref(KINDS[model], row.id), data, store_id=row.store_id, team="finance")
