"""A supplier's statement, with the columns that a user has named for it."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from sqlalchemy import select

from core.contracts import Column, ColumnKind, Importer, ImportRecord
from core.extensions import db
from core.imports.rules import RowRejected, bare
from core.imports.tables import Table, plain
from core.messages import LIST, N_, Message, msg, together
from plugins.finance.partners.models import ColumnMap

NAME = "finance.supplier_statement"
LABEL = N_("Supplier statement")
FIELDS: dict[str, tuple[str, ColumnKind]] = {
    "amount": (N_("Amount"), "money"),
    "returned": (N_("Given back"), "money"),
    "on": (N_("Date"), "time"),
    "document_no": (N_("Delivery note or order number"), "text"),
    "goods": (N_("Goods bought"), "text"),
    "quantity": (N_("Pieces"), "text"),
    "memo": (N_("Remark"), "memo"),
}


def variants() -> Sequence[Importer]:
    """An importer for each supplier whose columns somebody has named."""
    return [of(saved.columns) for saved in db.session.scalars(select(ColumnMap).order_by(ColumnMap.supplier))]


def of(columns: Mapping[str, str]) -> Importer:
    """The importer of statements whose columns are called so: field -> header."""
    named = tuple(
        Column(name, (columns[name],), kind, required=True) for name, (_, kind) in FIELDS.items() if columns.get(name)
    )
    return Importer(NAME, LABEL, named, records, check=check, facts=facts, weight=80)


def suppliers_of(table: Table) -> list[str]:
    """Whose statement it may be: whose columns these are, and of several, those whom the file names."""
    header = set(table.header)
    fits = [
        saved.supplier
        for saved in db.session.scalars(select(ColumnMap).order_by(ColumnMap.supplier))
        if {plain(name) for name in saved.columns.values()} <= header and set(saved.columns) == set(table.columns)
    ]
    if len(fits) < 2:
        return fits
    text = " ".join((table.file, table.sheet, *(" ".join(cells) for _, cells in table.remarks)))
    return [name for name in fits if name in text] or fits


def check(table: Table) -> Sequence[Message]:
    """A statement that could be of several suppliers is not taken."""
    names = suppliers_of(table)
    if len(names) == 1:
        return []
    return [
        msg(
            "Several suppliers' statements have these columns (%(names)s): name the file after its supplier.",
            names=together(names, LIST),
        )
    ]


def facts(table: Table) -> Mapping[str, Any]:
    return {"supplier": next(iter(suppliers_of(table)), "")}


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """One line of the statement: what the supplier asks for, less what it gives back."""
    if row.get("amount") is None and row.get("returned") is None:
        raise RowRejected(msg("The amount is missing."), "amount")
    values = {name: row.get(name) for name in ("document_no", "on", "goods", "memo")}
    values |= {"supplier": row["supplier"], "quantity": _pieces(row.get("quantity"))}
    values["amount"] = (row.get("amount") or 0) - abs(row.get("returned") or 0)
    told = repr([str(values[name]) for name in ("document_no", "on", "goods", "quantity", "amount")])
    key = f"{row['supplier']}:{blake2b(told.encode(), digest_size=8).hexdigest()}"
    return [ImportRecord("finance.supplier_line", key, values, counted=True)]


def _pieces(text: str | None) -> int | None:
    digits = bare(text or "").replace(",", "").removesuffix(".00").removesuffix(".0")
    return int(digits) if digits.lstrip("-").isdigit() and len(digits) < 10 else None


SUPPLIER = Importer(NAME, LABEL, (), records, variants=variants, weight=80)


WORDS = {
    "returned": ("退",),
    "amount": ("应付", "金额", "货款", "合计", "amount"),
    "on": ("日期", "时间", "date"),
    "document_no": ("单号", "编号", "送货单"),
    "goods": ("品名", "货品", "商品", "名称", "规格"),
    "quantity": ("数量", "件数", "数目"),
    "memo": ("备注", "摘要", "说明"),
}


def guessed(headers: Sequence[str]) -> dict[str, str]:
    """Which header each field may be, by the words that such headers have."""
    found: dict[str, str] = {}
    for name, words in WORDS.items():
        fits = (text for word in words for text in headers if word in text.lower() and text not in found.values())
        if (first := next(fits, None)) is not None:
            found[name] = first
    return found
