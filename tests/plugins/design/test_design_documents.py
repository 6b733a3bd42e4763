"""The design brief as a PDF: every word of it, and true as long as the brief is."""

import pypdfium2
import pytest

from core.board.services import Draft, edit_task
from core.contracts import Ref
from core.documents import printing, services
from core.stores.models import Product, Store
from core.transactions import transaction

FULL = {
    "other_sizes": ["800×800"],
    "price_text": ["活动价 ¥99 起", "第2件半价"],
    "must_have": ["顺丰包邮"],
    "forbidden": ["明星同款"],
    "references": ["https://example.com/tea?id=1&from=2"],
    "formats": ["jpeg", "png"],
    "max_kb": 500,
    "notes": "主图第一张放白底；\n第二张放场景。",
}
BRIEF_SHEET = [
    "店务台 素禾茶旗舰店 设计需求单", "双十一主图", "DES-1 页面需求", "发起方 运营 li → 责任方 设计 尚未接单",
    "期望完成 – 优先级 普通 工作量点数 4 轮次 1",
    "需求内容 页面类型 主图 投放平台 天猫 图片尺寸 750 × 1000 px 其他尺寸 800×800 目标人群 办公室白领",
    "文件格式 JPG、PNG 文件大小上限（KB） 500 交付说明 主图第一张放白底； 第二张放场景。",
    "文案 卖点（按重要程度） 1 高山原叶 2 冷热皆宜", "图上文字，一字不差 活动价 ¥99 起 第2件半价",
    "必须出现 顺丰包邮", "不得出现 明星同款 以及广告法禁用词",
    "商品 商品 商品 ID 商家编码 价格 桂花乌龙 100g 612345678901 GH-100 ¥129.00",
    "参考 https://example.com/tea?id=1&from=2", "样图.jpg 750 × 1000",
    "交付物 成图 必交 手机版 选交 其他尺寸 选交 源文件 选交",
    "验收标准 尺寸、格式与需求一致* 价格文案与需求一致* 必含文案齐全* 无禁用文案、无广告法极限词*",
    "文案已校对* 手机端清晰可读* 如实展示商品", "发起人签字 接单人签字 日期",
]  # fmt: skip


def words(pdf):
    """All words of a PDF, without blanks."""
    pages = pypdfium2.PdfDocument(pdf)
    return "".join("".join(page.get_textpage().get_text_range() for page in pages).split())


@pytest.fixture
def request_with_product(studio, picture):
    with transaction() as session:
        store = Store(name="素禾茶旗舰店")
        product = Product(
            store=store, item_id="612345678901", merchant_code="GH-100", title="桂花乌龙 100g", list_price=12900
        )
        session.add_all([store, product])
    task = studio.draft(records=(Ref("core.product", product.id),), **FULL)
    studio.add(task, "brief", picture(), who="li", name="样图.jpg")
    with transaction():
        studio.fresh(task).store_id = store.id
    return studio.fresh(task)


def issue(studio, task, language="zh"):
    document = services.issue("design.brief", Ref("core.task", task.id), studio.actor("li"), language)
    return document, printing.paint(document)


def test_the_brief_says_every_word_in_chinese(studio, request_with_product):
    document, (pdf, missing) = issue(studio, request_with_product)

    said = words(pdf)
    assert document.number.startswith("DES-20")
    assert [line for line in BRIEF_SHEET if "".join(line.split()) not in said] == []
    assert missing == ""


def test_the_brief_stays_true_while_the_request_moves(studio, request_with_product):
    document, _ = issue(studio, request_with_product)
    studio.move(request_with_product, "offer", "li")
    studio.move(request_with_product, "accept", "mei")

    assert services.standing(document) == "current"


def test_the_brief_is_no_longer_true_when_it_was_rewritten(studio, request_with_product):
    document, _ = issue(studio, request_with_product)
    rewritten = {**request_with_product.brief, "price_text": ["活动价 ¥89 起"]}
    edit_task(request_with_product.id, studio.actor("li"), Draft("双十一主图", rewritten))

    assert services.standing(document) == "changed"


@pytest.mark.parametrize("kind", ["design.photo_shoot", "design.image_retouch"])
def test_every_kind_of_request_has_a_brief(studio, kind):
    _, (pdf, _) = issue(studio, studio.draft(kind=kind), "en")

    assert "Whatisaskedfor" in words(pdf)
    assert "Copy" not in words(pdf).replace("Copyproofread", "")
