"""The complaint record and the goods-back sheet as PDFs: every word of them in Chinese."""

import pypdfium2
import pytest
from sqlalchemy import select

from core.contracts import Ref
from core.documents import printing, services
from core.extensions import db
from plugins.cs import handing, tickets
from plugins.cs.models import AfterSale
from tests.fixtures import cases as files

pytestmark = pytest.mark.any_database

ORDER = "154839030206893571"


def printed(desk, kind, ref):
    """A document's words without blanks, and the characters that could not be printed."""
    pdf, missing = printing.paint(services.issue(kind, ref, desk.actor("hui"), "zh"))
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range() for page in pages).split()), missing


def test_the_record_of_a_complaint_says_what_was_decided_and_asked(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    task = desk.ticket(cause="damaged", order_no=ORDER, wish="compensation")
    assert task.store_id == desk.store().id
    desk.set(task, amount=5050)
    tickets.approve(task.id, desk.actor("hui"), None, beyond=False)
    desk.evidence(task)
    handing.hand_out(task.id, ["warehouse"], desk.actor("an"))

    said, missing = printed(desk, "cs.record", Ref("core.task", task.id))

    wanted = [
        "投诉处理记录",
        ORDER,
        "破损",
        "赔付",
        "快递",
        "收到时罐子变形。",
        "¥50.50",
        "伍拾元零伍角整",
        "hui已审批",
        "凭证v1",
        "破损.png",
        "LOG-1仓库核查",
    ]
    assert [word for word in wanted if word not in said] == []
    assert missing == ""


def test_the_warehouse_reads_what_comes_back_and_what_to_count(desk):
    desk.bring("o.csv", files.orders(files.order(ORDER)))
    row = files.refund("26110301", ORDER, 售后类型="退货退款", 退货物流单号="751200011122", 退货物流公司="中通快递")
    desk.bring("r.csv", files.refunds(row))
    case = db.session.scalar(select(AfterSale))

    said, missing = printed(desk, "cs.goods_back", Ref("cs.after_sale", case.id))

    wanted = [
        "售后退货验货单",
        "26110301",
        ORDER,
        "中通快递751200011122",
        "退货退款",
        "商品破损",
        "冻干草莓脆",
        "良品数",
        "次品数",
        "无主件",
    ]
    assert [word for word in wanted if word not in said] == []
    assert "13812345678" not in said
    assert missing == ""
