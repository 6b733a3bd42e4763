"""What purchasing prints: every word of it in Chinese, amounts in capitals."""

import pypdfium2
import pytest

from core.contracts import Ref
from core.documents import printing, services
from core.language import speaking
from core.messages import LIST, msg, together
from core.web import say
from plugins.purchasing import inquiries, receiving, returns

pytestmark = pytest.mark.any_database


def printed(shop, kind, subject):
    """The words of the PDF without blanks, and the document."""
    document = services.issue(kind, subject, shop.actor("cai"), "zh")
    pdf = pypdfium2.PdfDocument(printing.paint(document)[0])
    return "".join("".join(page.get_textpage().get_text_range() for page in pdf).split()), document


def holds(words, *lines):
    for line in lines:
        assert "".join(line.split()) in words, line


def test_several_names_in_a_sentence_are_parted_as_the_language_does(shop):
    unpriced = msg("Give the price of %(codes)s.", codes=together(["A-1", "B-2", "C-3"], LIST))
    assert str(unpriced) == "Give the price of A-1, B-2, C-3."
    with speaking("zh"):
        assert say(unpriced) == "请填写 A-1、B-2、C-3 的单价。"


def test_the_order_says_what_of_whom_at_what_price_and_who_approved_it(shop):
    order = shop.sent(freight=1_250, discount=250, note="请用新外箱")
    words, document = printed(shop, "purchasing.purchase_order", Ref("purchasing.order", order.id))
    assert document.number.startswith("PUR-")
    holds(words, "致：云岭茶业", order.number, "A-1 草莓脆 100 5.00 500.00", "B-2 礼盒 20 30.00 600.00")
    holds(
        words, "¥1,110.00", "壹仟壹佰壹拾元整", "运费 12.50", "优惠 -2.50", "请用新外箱", "审批人：pan", "供方（盖章）"
    )
    assert "尚未审批" not in words and services.standing(document) == "current"


def test_a_draft_on_paper_says_that_it_is_not_approved(shop):
    words, _document = printed(shop, "purchasing.purchase_order", Ref("purchasing.order", shop.draft().id))
    holds(words, "尚未审批")


def test_the_discrepancy_note_says_what_was_wrong_and_what_is_claimed(shop):
    order = shop.sent()
    receipt = shop.receive(order, A_1=(85, 5), B_2=(20, 0))
    note = receiving.claim(shop.actor("cai"), order.id, "外箱受潮")
    words, _document = printed(shop, "purchasing.discrepancy_note", Ref("purchasing.discrepancy", note.id))
    holds(words, "到货差异单", note.number, order.number, receipt.number, "外箱受潮")
    holds(words, "A-1 草莓脆 短少 100 90 10 50.00", "A-1 草莓脆 破损 100 90 5 25.00", "¥75.00", "柒拾伍元整")


def test_the_return_note_says_what_goes_back_and_what_it_cost(shop):
    order = shop.sent()
    shop.receive(order, A_1=(95, 5), B_2=(20, 0))
    lines = [{"merchant_code": "A-1", "good": 10, "damaged": 5}]
    made = returns.draft(shop.actor("cai"), order.id, lines, warehouse="一号仓", note="受潮")
    returns.send(shop.actor("cai"), made.id, "中通快递", "7310001")
    words, _document = printed(shop, "purchasing.return_note", Ref("purchasing.return", made.id))
    holds(words, "退货单", made.number, order.number, "中通快递", "7310001", "受潮", "A-1 草莓脆 10 5 5.00 75.00")
    holds(words, "¥75.00", "柒拾伍元整")


def test_an_inquiry_asks_one_supplier_and_does_not_name_the_others(shop):
    lines = [("A-1", "草莓脆", 600)]
    asked = inquiries.Asked(shop.store.id, [shop.supplier.id, shop.other.id], lines, note="食品级")
    quote = inquiries.ask(shop.actor("cai"), asked).quotes[0]
    words, _document = printed(shop, "purchasing.rfq", Ref("purchasing.quote", quote.id))
    holds(words, "询价单", "致：云岭茶业", "A-1 草莓脆 600", "食品级", "合计（大写）")
    assert "恒泰包装" not in words
