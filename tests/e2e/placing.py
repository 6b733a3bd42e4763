"""Where the demo store has what pages show: ids and numbers, and an import, a document and a job made for it."""

from sqlalchemy import select

from core.accounts.models import User
from core.board import moves
from core.board import services as board
from core.board.models import Task
from core.contracts import SYSTEM, Actor, Ref
from core.documents import services as documents
from core.extensions import db
from core.imports import services as imports
from core.jobs import services as jobs
from core.jobs.models import Job
from core.stores.models import Order, OrderLine, Product, Sku, Store
from plugins.finance.books.models import Control, Line, Trade
from plugins.logistics.models import BillLine, Case, Claim, Manifest, Parcel
from tests.fixtures import exports, money

SHIPPING = {"parcel": Parcel, "case": Case, "claim": Claim, "manifest": Manifest, "bill_line": BillLine}


def places(shop):
    """Everything by the names that addresses use."""
    with shop.app.test_request_context():
        login = db.session.scalar(select(User).where(User.login == "operations1"))
        actor = Actor(login.id, login.name, {"operations": "lead"})
        found = {"user": login.id, "word": "草莓"}
        draft = board.Draft("临时的活", {"what": "不做了"})
        moves.move(board.draft_task(actor, "core.general", "operations", draft).id, "cancel", actor, {"text": "重复了"})
        for state, number in db.session.execute(select(Task.state, Task.number).order_by(Task.type.desc())):
            found.setdefault(state, number)
        found["general"] = db.session.scalar(select(Task.number).where(Task.type == "core.general"))
        for name, model in {"store": Store, "product": Product, "sku": Sku, "order": Order, "line": OrderLine}.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        store = db.session.get(Store, found["store"]).name
        found["applied"], found["dry_run"] = trial(store, actor)
        found |= accounts(store)
        for name, model in SHIPPING.items():
            found[name] = db.session.scalar(select(model.id).order_by(model.id).limit(1))
        done = db.session.scalar(select(Task).where(Task.number == found["delivered"]))
        document = documents.issue("core.handoff", Ref("core.task", done.id), actor, "zh")
        documents.print_soon(document, actor)
        jobs.run_pending()
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
