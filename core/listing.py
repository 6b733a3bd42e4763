"""Lists of records: filtered, sorted, searched and paged by their address, and exported as they are shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from flask import Response, make_response, request
from flask_sqlalchemy.pagination import SelectPagination
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select
from sqlalchemy.orm.interfaces import ExecutableOption

from core.access import current_actor
from core.columns import now
from core.contracts import Actor
from core.exports import MEDIA, file_bytes
from core.extensions import db
from core.messages import Message, Refusal, msg
from core.web import local, respond, say, when, whole_number, zone

PER_PAGE = 50
LAST_PAGE = 1_000_000
MAX_EXPORT = 200_000
Kind = Literal["text", "number", "minutes", "money", "when", "label", "link"]


@dataclass(frozen=True)
class Column:
    """A column of a list: what it shows of a row, and how; sortable when ``sort`` is given.

    A ``label`` is translated; ``link`` is the text that leads to the row's page; ``wide`` is left out on a phone;
    ``tone`` names the colour of a label's tag or of a number, blank for none.
    """

    name: str
    label: str
    value: Callable[[Any], Any]
    kind: Kind = "text"
    sort: Any = None
    wide: bool = False
    tone: Callable[[Any], str] | None = None

    @property
    def head(self) -> str:
        """What the column is called in a file: of working time, with its unit."""
        return say(msg("%(column)s (min)", column=Message(self.label))) if self.kind == "minutes" else say(self.label)

    def shown(self, row: Any) -> Any:
        """The cell as a file holds it: money in yuan, times in the reader's zone, labels in their language."""
        value = self.value(row)
        if value is None:
            return ""
        if self.kind == "money":
            return Decimal(value) / 100
        if self.kind == "when":
            return local(value)
        return say(value) if self.kind == "label" or isinstance(value, Message) else value


@dataclass(frozen=True)
class Choice:
    """A filter with options; ``condition`` turns a chosen value into SQL, or None for one that is not known."""

    name: str
    label: str
    options: Callable[[Actor], Sequence[tuple[Any, str]]]
    condition: Callable[[str], ColumnElement[bool] | None]


@dataclass(frozen=True)
class Listing:
    """How one kind of record is listed. ``day`` is the time that the filter of days is about, ``key`` what the
    address of a row's page has of it, ``counted`` up to how many rows are counted, where all take too long."""

    name: str
    model: Any
    columns: tuple[Column, ...]
    search: tuple[Any, ...]
    order: tuple[Any, ...]
    filters: tuple[Choice, ...] = ()
    day: Any = None
    options: tuple[ExecutableOption, ...] = ()
    key: str = "id"
    counted: int | None = None

    def query(self, actor: Actor, args: Mapping[str, str]) -> Select[Any]:
        """The rows that an address asks for; what cannot be understood in it is left out."""
        query = select(self.model).where(self.model.visible_to(actor), *self._conditions(args)).options(*self.options)
        wanted = args.get("sort", "")
        chosen = {column.name: column.sort for column in self.columns if column.sort is not None}
        by = chosen.get(wanted.lstrip("-"))
        if by is None:
            return query.order_by(*self.order)
        # rows without a value come last either way, on every database; a column that always has one can use its index
        last = () if getattr(getattr(by, "expression", None), "nullable", True) is False else (by.is_(None),)
        return query.order_by(*last, by.desc() if wanted.startswith("-") else by.asc(), *self.order)

    def _conditions(self, args: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
        words = args.get("q", "")[:100].split()[:8]
        if words:
            yield and_(*(or_(*(c.icontains(word, autoescape=True) for c in self.search)) for word in words))
        for choice in self.filters:
            given = args.get(choice.name, "")[:80]
            condition = choice.condition(given) if given else None
            if condition is not None:
                yield condition
        if self.day is not None:
            if (first := midnight(args.get("from", ""))) is not None:
                yield self.day >= first
            if (last := midnight(args.get("to", ""), 1)) is not None:
                yield self.day < last

    def page(self, actor: Actor, args: Mapping[str, str]) -> Any:
        """One page of the list, with how many rows there are."""
        # sorted by what indexes hold: else a hundred thousand whole rows would be read to show fifty
        ids = self.query(actor, args).with_only_columns(self.model.id, maintain_column_froms=True)
        found = paged(ids, args, self.counted)
        query = select(self.model).where(self.model.id.in_(found.items)).options(*self.options)
        rows = {row.id: row for row in db.session.scalars(query)}
        found.items = [rows[id] for id in found.items if id in rows]
        return found

    def respond(self, page: str, endpoint: str, fragment: str = "stores/_list.html", **more: Any) -> Response:
        """The list that the request's address asks for: on ``page``, each row leading to ``endpoint``, or as a file."""
        actor, form = current_actor(), request.args.get("export", "")
        if form in MEDIA:
            return self.export(actor, form)
        shown = {"found": self.page(actor, request.args), "choices": self.choices(actor), "endpoint": endpoint}
        return respond(page, fragment, listing=self, **shown | more)

    def choices(self, actor: Actor) -> list[tuple[Choice, Sequence[tuple[Any, str]]]]:
        """The filters with their options, but for those that leave nothing to choose."""
        return [(choice, options) for choice in self.filters if (options := choice.options(actor))]

    def export(self, actor: Actor, form: str) -> Response:
        """The whole list that the request's address asks for, as a file."""
        rows = everything(self.query(actor, request.args))
        header = [column.head for column in self.columns]
        name = f"{self.name}-{when(now(), 'yyyyMMdd')}"
        return download(name, form, header, ([column.shown(row) for column in self.columns] for row in rows))


def paged(query: Select[Any], args: Mapping[str, str], counted: int | None = None) -> Any:
    """The page of ``query`` that an address asks for, with how many rows there are, counted up to ``counted``."""
    number = min(whole_number(args.get("page")) or 1, LAST_PAGE)
    most = counted and max(counted, number * PER_PAGE)
    return _Page(select=query, session=db.session(), page=number, per_page=PER_PAGE, error_out=False, most=most)


class _Page(SelectPagination):
    """Asks how many rows there are only where the page itself does not tell: what is sought is read once, not twice."""

    def _query_count(self) -> int:
        if len(self.items) < self.per_page and (self.items or self.page == 1):
            return (self.page - 1) * self.per_page + len(self.items)
        most = self._query_args["most"]
        if most is None:
            return super()._query_count()
        rows = self._query_args["select"].with_only_columns(literal(1), maintain_column_froms=True)
        some = select(func.count()).select_from(rows.order_by(None).limit(most + 1).subquery())
        return self._query_args["session"].scalar(some) or 0

    @property
    def more_than(self) -> int | None:
        """How many rows were counted where there are more."""
        most = self._query_args["most"]
        return most if most is not None and self.total is not None and self.total > most else None


def everything(query: Select[Any], most: int = MAX_EXPORT) -> Sequence[Any]:
    """All that ``query`` finds, for a file; raises ``Refusal`` rather than leave something out."""
    rows = db.session.scalars(query.limit(most + 1)).all()
    if len(rows) > most:
        raise Refusal(msg("There are more than %(count)s rows: filter the list and export it in parts.", count=most))
    return rows


def download(name: str, form: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Rows as a file called ``name``, in ``form``: ``csv`` or ``xlsx``."""
    return handed_out(name, form, file_bytes(form, header, rows))


def handed_out(name: str, form: str, data: bytes) -> Response:
    """The content of a file, to be saved under ``name``."""
    response = make_response(data)
    response.content_type = MEDIA[form]
    response.headers["Content-Disposition"] = f"attachment; filename={name}.{form}"
    return response


def midnight(text: str, plus: int = 0) -> datetime | None:
    """The beginning of a day of the reader's, in UTC, or of the day ``plus`` days later; None for no date."""
    try:
        begins = datetime.combine(date.fromisoformat(text) + timedelta(days=plus), time(), zone())
        return begins.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def known(options: Mapping[str, str], column: Any) -> Callable[[str], ColumnElement[bool] | None]:
    """A condition that a column holds one of ``options``."""
    return lambda given: column == given if given in options else None


def numbered(column: Any) -> Callable[[str], ColumnElement[bool] | None]:
    """A condition that a column holds a whole number."""
    return lambda given: None if (number := whole_number(given)) is None else column == number


def among(name: str, label: str, named: Mapping[str, str], column: Any) -> Choice:
    """A filter of a column that holds a key of ``named``, labels by key; the blank key is not offered."""
    options = {key: text for key, text in named.items() if key}
    return Choice(name, label, lambda _actor: list(options.items()), known(options, column))


def called(named: Mapping[str, str], name: str) -> Callable[[Any], str]:
    """What the attribute ``name`` of a row is called."""
    return lambda row: named.get(getattr(row, name), getattr(row, name))
