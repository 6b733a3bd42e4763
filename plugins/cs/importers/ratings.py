"""Comments on articles, and the shop's scores."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

from core.contracts import Column, Importer, ImportRecord
from core.imports.rules import SHANGHAI, RowRejected
from core.messages import N_, msg
from plugins.cs.rules import words as rules

RATING_COLUMNS = (
    Column("text", ("评论", "评价内容"), "note", required=True),
    Column("item_id", ("商品id", "宝贝id"), "id", required=True),
    Column("rated_at", ("评价时间",), "time", required=True),
    Column("later_text", ("追评内容",), "note"),
    Column("later_at", ("追评时间",), "time"),
    Column("colour", ("颜色分类",)),
    Column("grade", ("评价分类",)),
    Column("sku_id", ("skuid",), "id"),
)
SCORE_COLUMNS = (
    Column("day", ("日期", "统计日期"), "time", required=True),
    Column("description", ("描述相符",), required=True),
    Column("service", ("服务态度",), required=True),
    Column("logistics", ("物流服务",), required=True),
    Column("overall", ("综合体验星级",)),
)
SCORE_NAMES = ("description", "service", "logistics", "overall")


def ratings(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The rating of one row. It has no number: article, SKU, time and words tell it from others."""
    if row["item_id"] is None or row["rated_at"] is None:
        raise RowRejected(msg("The article or the time is missing."), "item_id")
    told = repr([row["item_id"], row.get("sku_id"), row["rated_at"].isoformat(), row["text"]])
    values = {column.field: row.get(column.field) for column in RATING_COLUMNS}
    values["cause"] = rules.cause_of(f"{row['text'] or ''} {row.get('later_text') or ''}") or None
    return [ImportRecord("cs.rating", blake2b(told.encode(), digest_size=12).hexdigest(), values, counted=True)]


def scores(row: Mapping[str, Any]) -> Sequence[ImportRecord]:
    """The shop's scores of one day."""
    if row["day"] is None:
        raise RowRejected(msg("The day is missing."), "day")
    values = {}
    for name in SCORE_NAMES:
        values[name] = rules.hundredths(row.get(name))
        if values[name] is None and row.get(name):
            raise RowRejected(msg("Not a score between 0 and 5."), name)
    day = row["day"].astimezone(SHANGHAI).date().isoformat()
    return [ImportRecord("cs.shop_score", day, values, SCORE_NAMES)]


RATINGS = Importer("cs.ratings", N_("Ratings and comments"), RATING_COLUMNS, ratings, permission="cs.import", weight=40)
SCORES = Importer("cs.shop_scores", N_("Shop scores (DSR)"), SCORE_COLUMNS, scores, permission="cs.import", weight=40)
