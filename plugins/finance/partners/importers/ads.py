"""What advertising cost: reports of 直通车, 万相台, 引力魔方 and 阿里妈妈, by day, plan and article."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import RowRejected, as_money, as_whole, bare, money_text
from core.imports.tables import Table
from core.messages import N_, Message, msg

# Read and left aside: without them a report with dozens of columns would not be known for what it is.
RATIOS = (
    *("点击率", "平均点击花费", "千次展现花费", "总收藏数", "总购物车数", "总成交笔数", "投入产出比", "点击转化率"),
    *(
        "直接成交金额",
        "间接成交金额",
        "加购成本",
        "宝贝收藏数",
        "店铺收藏数",
        "直接购物车数",
        "间接购物车数",
        "直接成交笔数",
    ),
    *("间接成交笔数", "净成交金额", "实际投产比", "roi", "投资回报率", "单元id", "单元名称", "推广类型"),
    *("主体类型", "场景ID"),
)
COLUMNS = (
    Column("on", ("日期", "统计日期", "时间")),
    Column("spend", ("花费", "消耗", "花费(元)", "消耗(元)"), required=True),
    Column("plan_id", ("计划ID", "计划编号")),
    Column("plan", ("计划名称", "计划名字", "计划", "推广计划名称")),
    Column("group", ("计划组", "计划组名称", "场景名字", "优化目标")),
    Column("item_id", ("主体ID", "商品ID", "宝贝ID")),
    Column("item", ("主体名称", "商品名称", "宝贝名称")),
    Column("sales", ("总成交金额", "成交订单金额", "成交金额", "总成交金额(元)")),
    Column("shows", ("展现量", "曝光量", "展现")),
    Column("clicks", ("点击量", "点击")),
    *(Column(f"ratio_{place}", (name,)) for place, name in enumerate(RATIOS)),
)
CHANNELS = ("直通车", "万相台", "引力魔方", "超级推荐", "品销宝", "钻展")
BY_HEADER = (
    ("优化目标", "万相台"),
    ("计划组", "引力魔方"),
    ("场景名字", "阿里妈妈"),
    ("主体ID", "阿里妈妈"),
    ("消耗", "万相台"),
)
PARTED = r"[-/._年](0?[1-9]|1[0-2])[-/._月](0?[1-9]|[12]\d|3[01])"
DAY = re.compile(rf"(?<!\d)(20\d\d)(?:{PARTED}|(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01]))(?!\d)")
TOTAL = "总计"
NO_DAY = msg(
    "The report has no column of days, and neither its name nor its archive's tells one day. Name it after it."
)


def day_in(text: str) -> date | None:
    """The one day that a text names."""
    found = set()
    for groups in DAY.findall(text):
        try:
            found.add(date(*map(int, filter(None, groups))))
        except ValueError:
            continue
    return found.pop() if len(found) == 1 else None


def channel_of(table: Table) -> str:
    """Whose report it is: as its name says, or its headers."""
    named = [word for word in CHANNELS if word in f"{table.file} {table.sheet}"]
    known = [channel for header, channel in BY_HEADER if header.lower() in map(str.lower, table.header)]
    return (named or known or ["直通车"])[0]


def facts(table: Table) -> Mapping[str, Any]:
    """The report's channel, and the day of a report that is of one."""
    return {"channel": channel_of(table), "day": day_in(table.sheet) or day_in(table.file)}


def _spend(cell: str) -> int:
    return as_money(cell) or 0


def check(table: Table) -> Sequence[Message]:
    """A report that names no day, or whose total is less than its rows, is not taken."""
    if "on" not in table.columns and facts(table)["day"] is None:
        return [NO_DAY]
    rest = beyond(table)
    if rest is None or rest >= 0:
        return []
    return [msg("The report's total is %(less)s less than its rows; download it again.", less=money_text(-rest))]


def beyond(table: Table) -> int | None:
    """How much more the report's own total says than its rows; None for one without a total or with unread rows."""
    place = table.columns["spend"]
    try:
        said = [_spend(cells[place]) for _, cells in table.totals if place < len(cells)]
        return said[-1] - sum(_spend(cells[place]) for _, cells in table.rows) if said else None
    except (RowRejected, IndexError):
        return None


def whole(table: Table) -> Sequence[ImportRecord]:
    """What the total has more than the rows: spent on what the report does not list."""
    rest, told = beyond(table), facts(table)
    if not rest:
        return []
    days = (
        [told["day"]] if "on" not in table.columns else [day_in(cells[table.columns["on"]]) for _, cells in table.rows]
    )
    last = max((day for day in days if day), default=None)
    if last is None:
        return []
    values = {"on": last, "channel": told["channel"], "plan": TOTAL, "spend": rest}
    return [ImportRecord("finance.ad_spend", f"{told['channel']}:{last}:{TOTAL}", values)]


def records(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """What one row spent; rows alike in day, plan and article are as many spendings."""
    on = day_in(row["on"]) if row.get("on") else row["day"]
    if on is None:
        raise RowRejected(msg("Not a date."), "on")
    spend, sales, clicks = (
        _read(row, name, reader) for name, reader in (("spend", as_money), ("sales", as_money), ("clicks", as_whole))
    )
    plan = row.get("plan") or row.get("plan_id") or row.get("group")
    item = bare(row.get("item_id") or "") or None
    values = {
        "on": on,
        "channel": row["channel"],
        "plan": plan,
        "item_id": item,
        "spend": spend or 0,
        "sales": sales,
        "clicks": clicks,
    }
    key = ":".join((row["channel"], str(on), row.get("plan_id") or plan or "", row.get("group") or "", item or ""))
    return [ImportRecord("finance.ad_spend", key, values, counted=True)]


def _read(row: Mapping[str, Any], name: str, reader: Any) -> int | None:
    try:
        return reader(row.get(name) or "")
    except RowRejected as why:
        raise RowRejected(why.message, name) from None


ADS = Importer(
    "finance.ad_spend",
    N_("Advertising report"),
    COLUMNS,
    records,
    needs=(("shows", "clicks"),),
    check=check,
    facts=facts,
    whole=whole,
    weight=64,
)
