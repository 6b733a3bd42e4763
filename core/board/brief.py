"""The typed brief: what a form said becomes plain values, and what is missing is named. Pure."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.contracts import Field
from core.messages import N_, Message, msg

GetList = Callable[[str], list[str]]
LARGEST = 10**12
Parsed = tuple[Any, Message | None]

# A field's value is a text, but for:
_KEPT_AS = {"choices": list, "list": list, "links": list, "size": list, "number": int, "money": int, "yesno": bool}


def parse(fields: Iterable[Field], given: GetList) -> tuple[dict[str, Any], dict[str, Message]]:
    """Plain values by field name from form values, and a problem for each field that could not be read.

    ``given(name)`` lists the values sent under a name; a size is sent as ``name_w`` and ``name_h``. Money becomes
    fen, a date ISO text. An empty field is left out.
    """
    values: dict[str, Any] = {}
    problems: dict[str, Message] = {}
    for field in fields:
        value, problem = _READERS[field.kind](field, given)
        if problem:
            problems[field.name] = problem
        elif value not in ("", None, []):
            values[field.name] = value
    return values, problems


def missing(fields: Iterable[Field], values: Mapping[str, Any]) -> dict[str, Message]:
    """Required fields without a value, each with a sentence that names it."""
    return {
        field.name: msg("“%(field)s” must be filled in before the task is handed over.", field=Message(field.label))
        for field in fields
        if field.required and values.get(field.name) in (None, "", [])
    }


def shown(fields: Iterable[Field], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Fields that have a value, with what a page or document prints: label, kind and value; options as labels."""
    rows = []
    for field in fields:
        value = values.get(field.name)
        if value in (None, "", []):
            continue
        if not isinstance(value, _KEPT_AS.get(field.kind, str)):  # an older type said another kind
            rows.append(_as_text(field.name, field.label, value))
            continue
        labels = dict(field.options)
        if field.kind == "choice":
            value = labels.get(value, value)
        elif field.kind == "choices":
            value = [labels.get(each, each) for each in value]
        rows.append({"name": field.name, "label": field.label, "kind": field.kind, "value": value})
    return rows


def strangers(fields: Iterable[Field], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Values of fields that the type no longer has (or whose plugin is switched off), as plain text."""
    known = {field.name for field in fields}
    return [_as_text(name, name, value) for name, value in values.items() if name not in known]


def _as_text(name: str, label: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"name": name, "label": label, "kind": "list", "value": [str(each) for each in value]}
    return {"name": name, "label": label, "kind": "text", "value": value if isinstance(value, str) else repr(value)}


def _one(field: Field, given: GetList) -> str:
    return next(iter(given(field.name)), "").replace("\r\n", "\n").strip()


def _text(field: Field, given: GetList) -> Parsed:
    value = _one(field, given)
    if len(value) > field.max_length:
        return None, msg("At most %(count)s characters.", count=field.max_length)
    return value, None


def _choice(field: Field, given: GetList) -> Parsed:
    value = _one(field, given)
    if value and value not in dict(field.options):
        return None, msg("Choose one of the options.")
    return value, None


def _choices(field: Field, given: GetList) -> Parsed:
    values = [value for value in given(field.name) if value]
    if not set(values) <= dict(field.options).keys():
        return None, msg("Choose from the options.")
    return list(dict.fromkeys(values)), None


def _one_of(read: Callable[[str], Any], otherwise: str) -> Callable[[Field, GetList], Parsed]:
    """The reader of what is one word; ``otherwise`` is the message id for a word that ``read`` makes nothing of."""

    def reader(field: Field, given: GetList) -> Parsed:
        text = _one(field, given)
        value = read(text) if text else None
        return value, Message(otherwise, {"value": text[:40]}) if text and value is None else None

    return reader


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def money(text: str) -> int | None:
    """Yuan as people write it, in fen; None for what is not an amount with at most two decimals."""
    try:
        amount = Decimal(text.replace(",", "").replace("¥", "").replace("￥", "").removesuffix("元").strip())
    except InvalidOperation:
        return None
    if not amount.is_finite() or abs(amount) > LARGEST or amount != amount.quantize(Decimal("0.01")):
        return None
    return int(amount * 100)


def _date(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _size(field: Field, given: GetList) -> Parsed:
    sides = [next(iter(given(f"{field.name}_{side}")), "").strip() for side in "wh"]
    if not any(sides):
        return None, None
    if not all(re.fullmatch(r"[1-9][0-9]{0,4}", side) for side in sides):
        return None, msg("Give width and height in pixels.")
    return [int(side) for side in sides], None


def _list(field: Field, given: GetList) -> Parsed:
    lines = [line.strip() for line in _one(field, given).split("\n") if line.strip()]
    if len(lines) > 50 or any(len(line) > 500 for line in lines):
        return None, msg("At most 50 lines of 500 characters.")
    return lines, None


def _links(field: Field, given: GetList) -> Parsed:
    lines, problem = _list(field, given)
    for line in lines or []:
        if not re.match(r"https?://[^\s]+$", line):
            return None, msg("“%(value)s” is not a web address; begin it with https://.", value=line[:80])
    return lines, problem


def _yesno(field: Field, given: GetList) -> Parsed:
    return {"yes": True, "no": False}.get(_one(field, given)), None


_READERS: dict[str, Callable[[Field, GetList], Parsed]] = {
    "text": _text,
    "longtext": _text,
    "choice": _choice,
    "choices": _choices,
    "number": _one_of(_number, N_("“%(value)s” is not a whole number.")),
    "money": _one_of(money, N_("“%(value)s” is not an amount in yuan.")),
    "date": _one_of(_date, N_("“%(value)s” is not a date.")),
    "size": _size,
    "list": _list,
    "links": _links,
    "yesno": _yesno,
}
