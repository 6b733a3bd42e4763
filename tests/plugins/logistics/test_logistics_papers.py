"""What logistics prints: every word of it in Chinese, and barcodes that a scanner reads off the page."""

import hashlib
import io
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from core.contracts import Ref
from core.documents import printing, services
from core.files import services as files
from core.files.rules import Accepted
from plugins.logistics import claims, evidence, freight, manifests
from plugins.logistics.models import Gift, ParcelItem
from tests.plugins.logistics.conftest import NOW
from tests.plugins.logistics.test_logistics_money import billed

pytestmark = pytest.mark.any_database

__all__ = ["billed"]


def printed(depot, kind, subject):
    """The words of the PDF without blanks, what a scanner reads from its pages, and the document."""
    document = services.issue(kind, subject, depot.actor("fang"), "zh")
    pdf = pypdfium2.PdfDocument(printing.paint(document)[0])
    words = "".join("".join(page.get_textpage().get_text_range() for page in pdf).split())
    codes = [code for page in pdf for code in zxingcpp.read_barcodes(page.render(scale=4).to_pil())]
    return words, {code.text for code in codes if code.format.name == "Code128"}, document


def holds(words, *lines):
    for line in lines:
        assert "".join(line.split()) in words, line


@pytest.fixture
def handed(depot):
    depot.add(Gift(name="满赠", since=date(2026, 1, 1), until=date(2026, 12, 31), least=5000, put_in="试吃装 1 包"))
    for number, key in enumerate(("731000000014", "SF1234567890", "731000000016"), 1):
        order = depot.order(total=4000 + 1000 * number)
        parcel = depot.parcel(order, key=key, status="shipped", city="杭州市", grams=480)
        item = {"parcel_key": key, "parcel_id": parcel.id, "order_no": order.order_no, "name": "草莓脆"}
        depot.add(ParcelItem(store_id=depot.store.id, key=key, quantity=number, **item))
    return manifests.make(depot.actor("wei"), depot.store.id, "一号仓", "中通快递", NOW.date())


def test_the_handover_list_names_every_parcel_with_a_barcode_that_can_be_scanned(depot, handed):
    words, codes, document = printed(depot, "logistics.handover", Ref("logistics.manifest", handed.id))

    assert codes == {"731000000014", "SF1234567890", "731000000016", "HAND-1"}
    assert document.number.startswith("LOG-")
    holds(words, "交接清单", "一号仓 → 中通快递", "日期 2026-03-20", "包裹 3", "件数 6", "重量 1.44 kg", "浙江 杭州市")
    holds(words, "以上共 3 件，当面点清", "仓库交件人", "快递揽收人", "车牌号")
    assert services.standing(document) == "current"


def test_the_gift_instructions_say_what_goes_where(depot, handed):
    words, codes, _document = printed(depot, "logistics.gifts", Ref("logistics.manifest", handed.id))

    holds(words, "赠品及附件指示单", "备货清单", "试吃装 1 包 3", "满赠", "打包人")
    assert codes == {"731000000014", "SF1234567890", "731000000016"}


def test_the_claim_letter_gives_the_amount_in_capitals_and_each_line_of_the_bill(billed):
    ids = [each for kind in ("weight", "region") for each in freight.open_findings(kind)]
    (claim,) = claims.of_findings(ids, billed.actor("wei"))
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(picture, "PNG")
    shot = files.open_upload(io.BytesIO(picture.getvalue()), ("image",), "称重照片.png")
    sheet = Accepted(b"a,b", "text/csv", "sheet", "称重记录.csv")
    evidence.add(claim.id, [shot, sheet], billed.actor("wei"))
    words, _codes, document = printed(billed, "logistics.claim_letter", Ref("logistics.claim", claim.id))

    holds(words, "致：中通快递", "运费差异", "¥4.40", "肆元肆角整", "7310000002", "重量虚高", "目的地不符")
    holds(words, "附件 1", "称重照片.png", "附件 2", "称重记录.csv", "CSV", hashlib.sha256(b"a,b").hexdigest()[:12])
    pages = pypdfium2.PdfDocument(printing.paint(document)[0])
    drawn = [each for page in pages for each in page.get_objects() if each.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    assert len(drawn) == 1
    holds(words, f"请于 {claim.deadline.isoformat()} 前答复", "2.40 / 0.80", "店铺（盖章）")
    assert document.snapshot["amount"] == 440
