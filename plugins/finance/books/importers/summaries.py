"""账务明细(汇总): the bill's own summary beside it in the archive. It holds no line; the lines must agree with it."""

from collections.abc import Iterator, Sequence

from core.contracts import Column, Importer
from core.imports.rules import RowRejected, as_money, as_whole
from core.imports.tables import Table
from core.messages import N_, Message, msg
from plugins.finance.books import bills

NAME = "finance.alipay_summary"
STATEMENT = "finance.alipay_statement"

COLUMNS = (
    Column("kind", ("类型",), required=True),
    Column("in_count", ("收入笔数",), "int", required=True),
    Column("in_sum", ("收入金额（+元）", "收入金额（元）", "收入金额"), "money", required=True),
    Column("out_count", ("支出笔数",), "int", required=True),
    Column("out_sum", ("支出金额（-元）", "支出金额（元）", "支出金额"), "money", required=True),
    Column("total", ("总金额（元）", "总金额"), "money"),
)


def together(tables: Sequence[Table]) -> Sequence[Message]:
    """Why the tables of one file cannot be taken: several accounts, or lines that disagree with their summary."""
    bill = [table for table in tables if table.importer.name == STATEMENT]
    summaries = [table for table in tables if table.importer.name == NAME]
    accounts = list(dict.fromkeys(name for table in (*bill, *summaries) for name in bills.accounts_of(table)))
    if len(accounts) > 1:
        return [bills.several(accounts)]
    if summaries and not bill:
        return [msg("This is only the summary of a bill; import the file that holds its lines.")]
    return list(_disagreements(summaries, [bills.ledger_of(table) for table in bill]))


def _disagreements(summaries: Sequence[Table], ledgers: Sequence[bills.Ledger]) -> Iterator[Message]:
    if not summaries or any(ledger.unread for ledger in ledgers):
        return
    said = bills.Totals()
    for table in summaries:
        for each in _rows(table):
            said = said + each
    once = sum((ledger.once for ledger in ledgers), bills.Totals())
    whole = sum((ledger.whole for ledger in ledgers), bills.Totals())
    if said not in (once, whole):
        yield from bills.differences(said, once)


def _rows(table: Table) -> Iterator[bills.Totals]:
    for _, cells in table.rows or table.totals:
        try:
            yield bills.Totals(
                as_whole(cells[table.columns["in_count"]]) or 0,
                abs(as_money(cells[table.columns["in_sum"]]) or 0),
                as_whole(cells[table.columns["out_count"]]) or 0,
                abs(as_money(cells[table.columns["out_sum"]]) or 0),
            )
        except (RowRejected, IndexError):
            continue


SUMMARY = Importer(NAME, N_("Summary of an Alipay account statement"), COLUMNS, None, together=together, weight=30)
