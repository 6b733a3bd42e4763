"""What people say of partners: how a supplier names its columns, what articles cost."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.imports.reading import read
from core.imports.rules import RowRejected, as_money, bare
from core.imports.tables import HEADER_WITHIN
from core.localtime import day_named
from core.messages import Refusal, Stale, msg, refuse
from core.transactions import transaction
from plugins.finance.partners.importers.suppliers import FIELDS, guessed
from plugins.finance.partners.models import ColumnMap, Cost

SHOWN_ROWS = 3
LONGEST = 80


def headers_of(data: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    """The headers of a file's first table, and some of its rows; raises ``Refusal`` for a file without a table."""
    for sheet in read(data, name):
        rows = [[bare(cell) for cell in row] for row in sheet.rows[:HEADER_WITHIN]]
        widths = [len({cell for cell in row if cell}) for row in rows]
        if widths and max(widths) > 1:
            at = widths.index(max(widths))
            return [cell for cell in rows[at] if cell], rows[at + 1 : at + 1 + SHOWN_ROWS]
    raise Refusal(fields={"file": msg("No table was found in the file.")})


def first_guess(headers: Sequence[str]) -> dict[str, str]:
    """Which header each field may be, by the words in it."""
    return guessed(headers)


def save_columns(supplier: str, columns: Mapping[str, str], actor: Actor) -> ColumnMap:
    """Remember how a supplier's statements name their columns."""
    name, chosen = (
        supplier.strip()[:LONGEST],
        {field: text for field, text in columns.items() if field in FIELDS and text},
    )
    twice = len(set(chosen.values())) < len(chosen)
    refuse(
        supplier=None if name else msg("Name the supplier."),
        amount=None if "amount" in chosen else msg("Choose the column of amounts."),
        columns=msg("A column can mean one thing only.") if twice else None,
    )
    if len(chosen) < len(("amount", "another")):
        raise Refusal(fields={"columns": msg("Choose at least one more column, to know the file by.")})
    with transaction() as session:
        saved = session.scalar(select(ColumnMap).where(ColumnMap.supplier == name))
        if saved is None:
            saved = ColumnMap(supplier=name, columns={})
            session.add(saved)
        saved.columns, saved.by_id, saved.at = chosen, actor.user_id, now()
    return saved


def forget_columns(map_id: int) -> str:
    """Forget a supplier's columns, as those of a name that was mistyped; what was imported by them stays."""
    with transaction() as session:
        saved = session.get(ColumnMap, map_id)
        if saved is None:
            raise Stale(msg("These columns are not known any more."))
        name = saved.supplier
        session.delete(saved)
    return name


def save_cost(store_id: int, code: str, amount: str, since: str) -> Cost:
    """Remember what an article costs from a day on."""
    code, day, fen = code.strip()[:LONGEST], day_named(since), _money(amount)
    refuse(
        merchant_code=None if code else msg("The merchant code is missing."),
        amount=None if fen is not None and fen >= 0 else msg("Not an amount of money."),
        since=None if day else msg("Not a date."),
    )
    with transaction() as session:
        same = (Cost.store_id == store_id, Cost.merchant_code == code, Cost.since == day)
        saved = session.scalar(select(Cost).where(*same))
        if saved is None:
            saved = Cost(store_id=store_id, merchant_code=code, since=day)
            session.add(saved)
        saved.amount = fen
    return saved


def _money(text: str) -> int | None:
    try:
        return as_money(text)
    except RowRejected:
        return None


def column_maps() -> Sequence[ColumnMap]:
    """Every supplier's columns."""
    return db.session.scalars(select(ColumnMap).order_by(ColumnMap.supplier)).all()
