"""Where the demo store has what pages show: ids and numbers, and an import, a document and a job made for it."""

from datetime import timedelta

from sqlalchemy import select

from core import localtime
from core.accounts.models import User
from core.board import moves
from core.board import services as board
from core.board.models import Task
from core.contracts import SYSTEM, Actor, Ref
from core.documents import services as documents
from core.extensions import db
from core.imports import services as imports
from core.jobs.models import Job
from core.stores.models import Order, OrderLine, Product, Sku, Store
from core.testing.jobs import run_pending
from plugins.cs.models import AfterSale, Member, Promise, Rating, ShopScore
from plugins.finance.books.models import Control, Line, SettlementBatch, Trade
from plugins.finance.differences.models import Difference
from plugins.finance.matching.models import Run
from plugins.finance.partners import services as columns
from plugins.finance.periods.models import Period
from plugins.finance.record_views import PAGES as RECORD_PAGES
from plugins.logistics.models import BillLine, Case, Claim, Manifest, Parcel
from plugins.purchasing.models import (
    Discrepancy,
    Inquiry,
    Invoice,
    PlatformOrder,
    PurchaseOrder,
    Quote,
    Supplier,
    SupplierReturn,
)
from tests.fixtures import exports, money, settlements
from tests.fixtures import partners as trade

RECONCILED = {"run": Run, "period": Period, "difference": Difference}
SHIPPING = {"parcel": Parcel, "case": Case, "claim": Claim, "manifest": Manifest, "bill_line": BillLine}
SERVICE = {"after_sale": AfterSale, "member": Member, "promise": Promise, "rating": Rating, "score": ShopScore}
BUYING = {"supplier": Supplier, "discrepancy": Discrepancy, "invoice": Invoice, "return": SupplierReturn}
BUYING |= {"platform_order": PlatformOrder}


def places(shop):
    """Everything by the names that addresses use."""
    with shop.app.test_request_context():
        login = db.session.scalar(select(User).where(User.login == "operations1"))
        actor = Actor(login.id, login.name, {"operations": "lead"})
        today = localtime.today()
        days = {"today": today.isoformat(), "a_month_ago": (today - timedelta(days=30)).isoformat()}
        found = {"user": login.id, "word": "草莓", **days}
        draft = board.Draft("临时的活", {"what": "不做了"})
        moves.move(board.draft_task(actor, "core.general", "operations", draft).id, "cancel", actor, {"text": "重复了"})
        for state, number in db.session.execute(
            select(Task.state, Task.number).order_by(Task.type.not_like("design.%"), Task.type.desc())
        ):
            found.setdefault(state, number)
        found["general"] = db.session.scalar(select(Task.number).where(Task.type == "core.general"))
        for name, model in {"store": Store, "product": Product, "sku": Sku, "order": Order, "line": OrderLine}.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        store = db.session.get(Store, found["store"]).name
        found["applied"], found["dry_run"] = trial(store, actor)
        found |= accounts(store)
        found |= partners(store)
        for name, model in SHIPPING.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        for name, model in SERVICE.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        for name, model in BUYING.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        found["purchase"] = db.session.scalar(select(Discrepancy.order_id).limit(1))
        found["draft_purchase"] = db.session.scalar(select(PurchaseOrder.id).where(PurchaseOrder.state == "draft"))
        found["inquiry"] = db.session.scalar(select(Inquiry.id).where(Inquiry.state == "open"))
        found["quote"] = db.session.scalar(select(Quote.id).where(Quote.inquiry_id == found["inquiry"]))
        found["ticket"] = db.session.scalar(select(Task.number).where(Task.type == "cs.complaint").order_by(Task.id))
        for name, model in RECONCILED.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        done = db.session.scalar(select(Task).where(Task.number == found["delivered"]))
        document = documents.issue("core.handoff", Ref("core.task", done.id), actor, "zh")
        documents.print_soon(document, actor)
        run_pending()
        found |= {"document": document.number, "token": document.token}
        found["job"] = db.session.scalar(select(Job.id).where(Job.created_by == actor.user_id).limit(1))
    return found


def accounts(store):
    """A month's account lines of some of the store's orders, and a list of trades."""
    orders = db.session.scalars(select(Order.order_no).order_by(Order.id).limit(40)).all()
    importers = imports.importers_for(SYSTEM)
    for name, data in (
        ("20880010_20260301_账务明细.zip", money.packed(money.movements(60, orders=orders))),
        ("20880010_20260301_业务明细.csv", money.business()),
    ):
        imports.import_now(imports.read_file(data, name, importers), store, SYSTEM)
    models = {"money_line": Line, "statement": Control, "trade": Trade}
    return {name: db.session.scalar(select(model.id).order_by(model.id).limit(1)) for name, model in models.items()}


def partners(store):
    """Payouts of Tmall Global and files of every kind of partner; a supplier with something to put together."""
    columns.save_columns("果园食品有限公司", {"amount": "本期应付", "on": "送货日", "document_no": "送货单"}, SYSTEM)
    first, second, third = settlements.payouts(3)
    third.details[0].fees.append(("Alipay commission", 1))
    orders = db.session.scalars(select(Order.order_no).order_by(Order.id).limit(3)).all()
    bought = [
        ("31000001", "100.00", "8.00", "-3.00", "105.00", ("杏仁", "5.00", "20")),
        ("31000002", "90.00", "0.00", "0.00", "90.00", ("核桃", "9.00", "10")),
    ]
    billed = "送货日,送货单,本期应付", "2026-11-03,31000001,110.00", "2026-11-05,S2,50.00", "2026-11-06,S3,40.00"
    parcels = [(f"7500000000{place}", "2026-11-03", "4.50", "1.2") for place in (1, 1, 2, 3)]
    files = {
        **{f"settlebatch_{each.number}.csv": each.batch() for each in (first, second, third)},
        **{f"settledetails_{each.number}.csv": each.detail_file() for each in (first, third)},
        f"settlefee_{first.number}.csv": first.fee_file(*second.details[-3:]),
        f"settlefee_{third.number}.csv": settlements.payouts(3)[2].fee_file(),
        "淘客.csv": trade.affiliate(*(trade.commission(f"{number}1", number) for number in orders)),
        "果园对账单.csv": trade.table(*billed),
        "商品报表_20261103.csv": trade.mama(("9001", "61001", "12.50", "80.00"), total="15.00"),
        "成本.csv": trade.table("商家编码,成本价,生效日期", "A-1,12.30,2026-11-01", "A-2,8.00,2026-11-01"),
    }
    importers = imports.importers_for(SYSTEM)
    for name, data in files.items():
        imports.import_now(imports.read_file(data, name, importers), store, SYSTEM)
    for kind, name, data in (  # what other teams read, too
        ("finance.courier_bill", "快递账单.csv", trade.courier(*parcels)),
        ("finance.purchases", "1688.csv", trade.purchases(*(trade.purchase(*each) for each in bought))),
    ):
        imports.import_now(imports.read_file(data, name, imports.importers_for(SYSTEM, kind)), store, SYSTEM)
    models = {name.replace("purchase", "paid_purchase"): model for name, (model, *_) in RECORD_PAGES.items()}
    found = {name: db.session.scalar(select(model.id).order_by(model.id).limit(1)) for name, model in models.items()}
    ids = select(SettlementBatch.id).order_by(SettlementBatch.settled_at)
    found |= dict(zip(("payout", "waiting_payout", "broken_payout"), db.session.scalars(ids), strict=True))
    return found | {"said_in_files": " ".join(("USD", settlements.TAOBAOKE, *settlements.KINDS))}


def trial(store, actor):
    """An import, and a dry run after it with something of everything: new orders, changed ones, one that is refused."""
    importers = imports.importers_for(actor)
    sold = exports.sales(60)
    sold[7]["no"] = "2.60000E+17"  # as a spreadsheet damages it
    first = imports.read_file(exports.orders(sold[:20]), "ExportOrderList202603011000.csv", importers)
    applied, _outcome = imports.import_now(first, store, actor)
    for sale in sold[:20]:
        if sale["state"] == "shipped":
            sale["state"] = "done"
    later = imports.read_file(exports.orders(sold), "ExportOrderList202603020900.csv", importers)
    return applied.id, imports.keep(later, store, actor).id
