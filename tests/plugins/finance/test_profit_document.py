"""The profit statement on paper: every word of it, with the charts of the page."""

import pypdfium2
import pytest

from core.contracts import Ref
from core.documents import printing, services
from tests.plugins.finance.papers import WEN, november
from tests.plugins.finance.test_profit_queries import spent

pytestmark = pytest.mark.any_database

STATEMENT = [
    "利润表", "素禾茶旗舰店 2025-11-01 至 2025-11-30",
    "销售收入 713.00 100.0% 退款 -107.00 -15.0% 货品成本 -113.00 -15.8%",
    "赠品 -0.51 -0.1% 运费 -6.00 -0.8% 平台费用 -0.64 -0.1% 广告推广 -18.00 -2.5% 公摊费用 -3,000.00 -420.8%",
    "利润 -2,532.15 -355.1%", "人民币 负贰仟伍佰叁拾贰元壹角伍分", "-2,664.25 … -2,126.15",
]  # fmt: skip


@pytest.fixture
def period(in_app):
    month = november()
    spent(month)
    month.reconcile()
    return month.period()


def test_the_profit_statement_says_every_word(period, tmp_path):
    document = services.issue("finance.profit", Ref("finance.period", period.id), WEN, "zh")
    pdf, missing = printing.paint(document)
    pages = pypdfium2.PdfDocument(pdf)
    said = "".join("".join(page.get_textpage().get_text_range() for page in pages).split())

    assert missing == ""
    assert [line for line in STATEMENT if "".join(line.split()) not in said] == []
    assert services.standing(document) == "current"
