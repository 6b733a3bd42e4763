"""The account statement of a Tmall Global store: newest first, and no order among the rows of one second."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, as_moment, as_money, bare, money_text
from core.imports.tables import Table
from core.messages import N_, Message, msg
from plugins.finance.books.balances import Chain, Movement, broken, chain_of
from plugins.finance.books.importers.settlements import full
from plugins.finance.books.rules import find_order, opened_at
from plugins.finance.books.settlement_rules import digest

COLUMNS = (
    Column("at", ("Time",), "time", required=True),
    Column("flow_no", ("Order No",), "id", required=True),
    Column("order_no", ("Partner Transaction ID",), "id"),
    Column("trade_no", ("Transaction ID",), "id"),
    Column("kind", ("Type",), required=True),
    Column("currency", ("Currency",), required=True),
    Column("amount", ("Amount",), "money", required=True),
    Column("balance", ("Balance",), "money", required=True),
    Column("remarks", ("Remarks",), "memo"),
    Column("memo", ("Details",), "memo"),
)


def movements(table: Table) -> dict[str, list[Movement]]:
    """The table's movements by currency."""
    found: dict[str, list[Movement]] = {}
    places, seen = table.columns, set()
    for number, cells in table.rows:
        if (said := tuple(map(bare, cells))) in seen:
            continue  # with the same balance after it, it is the same movement
        seen.add(said)
        try:
            at, amount, balance = (
                as_moment(cells[places["at"]]),
                as_money(cells[places["amount"]]),
                as_money(cells[places["balance"]]),
            )
        except (RowRejected, IndexError):
            continue
        if amount is not None:
            found.setdefault(bare(cells[places["currency"]]), []).append(Movement(number, at, amount, balance))
    return found


def check(table: Table) -> Sequence[Message]:
    """Where a running balance shows that rows are missing."""
    return list(_gaps(table))


def _gaps(table: Table) -> Iterator[Message]:
    for rows in movements(table).values():
        gap = broken(chain_of(rows), len(rows))
        if gap is not None:
            yield msg(
                "The running balance breaks at row %(row)s: it should be %(expected)s there, but is %(found)s. A "
                "movement of %(missing)s is missing before it; download the file again.",
                row=gap.row,
                expected=money_text(gap.expected),
                found=money_text(gap.found),
                missing=money_text(gap.missing),
            )


def whole(table: Table) -> Sequence[ImportRecord]:
    """What the statement says of each account: when it begins and ends, and with what balances."""
    return [_control(currency, rows, chain_of(rows)) for currency, rows in movements(table).items()]


def _control(currency: str, rows: Sequence[Movement], chain: Chain) -> ImportRecord:
    account, times = f"alipay_global:{currency}", [each.at for each in rows if each.at is not None]
    values = {"account": account, "opening": chain.opening, "closing": chain.closing, "chained": chain.holds}
    if not times:
        return ImportRecord("finance.control", f"{account}:{digest(values)}", values)
    first, until = min(times), max(times) + timedelta(seconds=1)
    values |= {"first_at": first, "until": until}
    return ImportRecord("finance.control", f"{account}:{first:%Y%m%d%H%M%S}-{until:%Y%m%d%H%M%S}", values)


def line(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The movement of one row."""
    full(row, "at", "amount", "balance", "currency")
    memo = " ".join(filter(None, (row.get("memo"), row.get("remarks")))) or None
    order_no, by, waybill = find_order(row.get("order_no"), row["flow_no"], memo)
    account = f"alipay_global:{row['currency']}"
    values = {
        "source": "global_statement",
        "account": account,
        "flow_no": row["flow_no"],
        "trade_no": row.get("trade_no"),
        "merchant_no": row["flow_no"],
        "base_order_no": row.get("order_no"),
        "order_no": order_no,
        "order_by": by,
        "waybill_no": waybill,
        "at": row["at"],
        "opened_at": opened_at(row.get("trade_no"), row["kind"]) if order_no else None,
        "kind": row["kind"],
        "memo": memo,
        "amount": row["amount"],
        "balance": row["balance"],
        "currency": row["currency"],
    }
    # one number stands for several movements of one order: the balance after them tells them apart
    said = {name: row.get(name) for name in ("at", "amount", "balance", "flow_no", "kind")}
    return [ImportRecord("finance.line", f"{account}:{row['flow_no'] or '-'}:{digest(said)}", values)]


GLOBAL_STATEMENT = Importer(
    "finance.global_statement",
    N_("Tmall Global account statement"),
    COLUMNS,
    line,
    check=check,
    whole=whole,
    weight=45,
)
