"""What logistics' leads set by hand, each from one day to another: rules, templates, capacities, campaigns, gifts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, select

from core import localtime
from core.audit import services as audit
from core.contracts import Actor, Field, Ref
from core.extensions import db
from core.messages import N_, Message, Refusal, msg
from core.transactions import transaction
from plugins.logistics.models import Campaign, Capacity, Gift, GoodsWeight, Rule, Tariff
from plugins.logistics.rules import exceptions, freight
from plugins.logistics.types import TEAM

SINCE = Field("since", N_("First day"), "date", required=True)
UNTIL = Field("until", N_("Last day"), "date", help=N_("Empty: for good."))
LAST = Field("until", N_("Last day"), "date", required=True)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)
LARGEST = 1_000_000
KIND = case({name: place for place, name in enumerate(exceptions.RULE_KINDS)}, value=Rule.kind)  # as people know them


@dataclass(frozen=True)
class Setting:
    """One kind of entries: its table, its form, and the columns of its list."""

    name: str
    label: str
    model: Any
    fields: tuple[Field, ...]
    columns: tuple[str, ...]
    help: str = ""
    order: tuple[Any, ...] = ()
    problems: Callable[[Mapping[str, Any]], Mapping[str, Message]] = lambda _values: {}
    numbered: bool = True


def _rule_problems(values: Mapping[str, Any]) -> Mapping[str, Message]:
    dispatch = values.get("kind") == exceptions.DISPATCH
    if dispatch and values.get("hours") is None and values.get("by_day") is None:
        return {"hours": msg("Give hours, or the last day to send out.")}
    if not dispatch and values.get("by_day") is not None:
        return {"by_day": msg("Only dispatch has a last day; here it is hours.")}
    timed = (exceptions.STUCK, exceptions.NOT_COLLECTED)
    return {"hours": msg("Give hours.")} if values.get("kind") in timed and not values.get("hours") else {}


def _weight_problems(values: Mapping[str, Any]) -> Mapping[str, Message]:
    problem = freight.weight_problem(values.get("code", ""), values.get("grams") or 0)
    return {"grams": problem} if problem else {}


def _tariff_problems(values: Mapping[str, Any]) -> Mapping[str, Message]:
    problem = freight.divisor_problem(values.get("divisor"))
    return {"divisor": problem} if problem else {}


SETTINGS = {
    each.name: each
    for each in (
        Setting(
            "rules",
            N_("Dispatch and exception rules"),
            Rule,
            (
                Field(
                    "kind",
                    N_("What it is about"),
                    "choice",
                    required=True,
                    options=tuple(exceptions.RULE_KINDS.items()),
                ),
                Field("name", N_("Its name"), required=True, max_length=80),
                SINCE,
                UNTIL,
                Field("hours", N_("Hours"), "number", help=N_("To send out; or of silence until it is an exception.")),
                Field("by_day", N_("Or at the latest on"), "date", help=N_("Dispatch only, as campaigns say it.")),
                Field("remedy", N_("Remedy"), "choice", options=tuple(exceptions.REMEDIES.items())),
                Field("due_hours", N_("To be handled within (hours)"), "number"),
                Field("ground", N_("Where it is written"), "longtext", max_length=1000),
            ),
            ("kind", "name", "hours", "by_day", "since", "until"),
            N_("Where two of a kind hold on one day, the one that began last counts."),
            (KIND, Rule.since.desc(), Rule.id.desc()),
            _rule_problems,
        ),
        Setting(
            "tariffs",
            N_("Freight templates"),
            Tariff,
            (
                Field("carrier", N_("Courier"), required=True, max_length=80),
                SINCE,
                UNTIL,
                Field("basis", N_("Charged"), "choice", required=True, options=tuple(freight.BASES.items())),
                Field(
                    "divisor",
                    N_("Cubic centimetres to a kilogram"),
                    "number",
                    help=N_("Only by volume; empty: 6,000, as couriers do."),
                ),
                Field("tolerance", N_("Scales may differ by (grams)"), "number"),
                Field(
                    "zones",
                    N_("Zones and prices"),
                    "longtext",
                    required=True,
                    max_length=4000,
                    help=N_("One a line: provinces: first weight, price + each further weight, price. * is elsewhere."),
                ),
            ),
            ("carrier", "basis", "tolerance", "zones", "since", "until"),
            order=(Tariff.carrier, Tariff.since.desc()),
            problems=_tariff_problems,
        ),
        Setting(
            "weights",
            N_("Weights of articles"),
            GoodsWeight,
            (
                Field("code", N_("Merchant or goods code"), required=True, max_length=64),
                Field("grams", N_("Weight of one piece, packed (grams)"), "number", required=True),
                Field(
                    "volume",
                    N_("Volume of one piece, packed (cm³)"),
                    "number",
                    help=N_("For couriers that charge by volume."),
                ),
            ),
            ("code", "grams", "volume"),
            order=(GoodsWeight.code,),
            problems=_weight_problems,
            numbered=False,
        ),
        Setting(
            "capacity",
            N_("Daily capacities"),
            Capacity,
            (
                Field(
                    "kind",
                    N_("Of what"),
                    "choice",
                    required=True,
                    options=(("warehouse", N_("Warehouse")), ("carrier", N_("Courier"))),
                ),
                Field("name", N_("Its name"), required=True, max_length=80),
                SINCE,
                UNTIL,
                Field("per_day", N_("Parcels a day"), "number", required=True),
            ),
            ("kind", "name", "per_day", "since", "until"),
            order=(Capacity.kind, Capacity.name, Capacity.since.desc()),
        ),
        Setting(
            "campaigns",
            N_("Campaigns"),
            Campaign,
            (
                Field("name", N_("Its name"), required=True, max_length=80),
                SINCE,
                LAST,
                Field("percent", N_("Parcels, in percent of the usual"), "number", required=True),
            ),
            ("name", "percent", "since", "until"),
            order=(Campaign.since.desc(),),
        ),
        Setting(
            "gifts",
            N_("Gifts and inserts"),
            Gift,
            (
                Field("name", N_("Its name"), required=True, max_length=80),
                SINCE,
                LAST,
                Field("merchant_code", N_("Only with this article"), max_length=64),
                Field("least", N_("Only for orders of at least"), "money"),
                Field("put_in", N_("What to put in"), "longtext", required=True, max_length=500),
            ),
            ("name", "put_in", "merchant_code", "least", "since", "until"),
            order=(Gift.since.desc(), Gift.id),
        ),
    )
}
NOT_NULL = {
    "due_hours": 24,
    "divisor": freight.USUAL_DIVISOR,
    "tolerance": 0,
    "least": 0,
    "merchant_code": "",
    "remedy": "",
    "ground": "",
}


def rows(setting: Setting) -> Sequence[Any]:
    """The entries of a kind."""
    return db.session.scalars(select(setting.model).order_by(*setting.order)).all()


def save(setting: Setting, actor: Actor, given: Mapping[str, Any], entry_id: int | None = None) -> Any:
    """Store an entry, or change one; of one that holds already only the last day changes, for it was applied."""
    values = _checked(setting, given)
    with transaction() as session:
        entry = _entry(setting, session, values, entry_id)
        fresh, today = entry is None, localtime.today()
        if entry is None:
            entry = setting.model(**values)
            session.add(entry)
        elif setting.numbered and entry.since <= today:
            _end(entry, values)
        else:
            for name, value in values.items():
                setattr(entry, name, value)
        session.flush()
        said = {name: str(value) for name, value in values.items() if value is not None}
        ref = Ref(f"logistics.{setting.name}", getattr(entry, "id", 0))
        audit.record(actor, N_("added a setting") if fresh else N_("changed a setting"), ref, said, team=TEAM)
    return entry


def _entry(setting: Setting, session: Any, values: Mapping[str, Any], entry_id: int | None) -> Any:
    if not setting.numbered:
        return session.get(setting.model, values["code"])
    if entry_id is None:
        return None
    found = session.get(setting.model, entry_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise Refusal(msg("This entry no longer exists."))
    return found


def _end(entry: Any, values: Mapping[str, Any]) -> None:
    if any(getattr(entry, name) != value for name, value in values.items() if name != "until"):
        raise Refusal(
            msg("It holds since %(day)s and was applied: give it a last day, and add another.", day=str(entry.since))
        )
    entry.until = values["until"]


def _checked(setting: Setting, given: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems: dict[str, Message] = {}
    for field in setting.fields:
        value, problem = _read(field, given.get(field.name))
        values[field.name] = value
        if problem:
            problems[field.name] = problem
    if not problems:
        problems |= setting.problems(values)
        first, last = values.get("since"), values.get("until")
        if first and last and last < first:
            problems["until"] = msg("The last day must follow the first.")
    if problems:
        raise Refusal(fields=problems)
    if setting.model is Tariff:
        values["zones"] = freight.stored(freight.parse(values["zones"]))
    return values


def _read(field: Field, value: Any) -> tuple[Any, Message | None]:
    """A value as its column takes it, and what is wrong with it."""
    if field.required and value in (None, ""):
        return None, msg("“%(field)s” must be filled in.", field=Message(field.label))
    if value is None:
        return NOT_NULL.get(field.name), None
    if field.kind == "date":
        day = date.fromisoformat(value)
        return day, None if EARLIEST <= day <= LATEST else msg("Give a day from 2000 to 2100.")
    if field.kind in ("number", "money") and not 0 <= value <= LARGEST:
        return None, msg("Give a number from 0 to %(most)s.", most=LARGEST)
    return value, None


def shown(setting: Setting, entry: Any) -> dict[str, Any]:
    """An entry as its form shows it."""
    values = {field.name: getattr(entry, field.name) for field in setting.fields}
    if setting.model is Tariff:
        values["zones"] = freight.written(freight.zones_of(entry.zones))
    return values
