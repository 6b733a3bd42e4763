"""Every route there is, plugins' included: nothing of other teams answers, and nothing sent makes it fail."""

import io
import re
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from argon2 import PasswordHasher
from PIL import Image
from sqlalchemy import select

from core.accounts import passwords
from core.accounts.models import LoginSession, Membership, User
from core.accounts.testing import sign_in
from core.board import contents, moves, services
from core.board.matrix.models import Review
from core.columns import now
from core.contracts import ANYONE, SYSTEM, Actor, Ref
from core.documents.services import issue
from core.extensions import db
from core.files.models import File
from core.files.services import open_upload
from core.imports.models import ImportBatch
from core.jobs.services import enqueue
from core.stores.models import Order, OrderLine, Product, Sku
from core.stores.services import create_store
from core.testing import PASSWORD
from core.transactions import transaction
from plugins.cs.models import Reply
from plugins.finance.books.models import Control, Line, SettlementBatch, Trade
from plugins.finance.differences.models import Difference
from plugins.finance.matching.services import reconcile
from plugins.finance.partners.models import ColumnMap, SupplierMatch
from plugins.finance.periods.services import of_run
from plugins.finance.record_views import PAGES as RECORD_PAGES
from plugins.purchasing.models import (
    Discrepancy,
    Inquiry,
    Invoice,
    Offer,
    PlatformLine,
    PlatformOrder,
    PurchaseOrder,
    Quote,
    StockDay,
    StockMove,
    Suggestion,
    Supplier,
    SupplierReturn,
    Uplift,
)

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).resolve().parents[2]
HOLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")
READ = re.compile(r"request\.(?:form|args|values|files)(?:\.get\w*|\.poplist)?[\[(]\s*[\"']([\w-]+)")
OF_PARTNERS = {f"/finance/{path}": model for model, path, _above, _label in RECORD_PAGES.values()}
OF_PARTNERS |= {"/finance/settlements": SettlementBatch, "/finance/partners/suppliers": SupplierMatch}
ABSENT = {"number": "OPS-20200101-9999", "token": "0" * 32, "record_id": "999999"}


@pytest.fixture
def world(make_app, monkeypatch):
    """An app with one of everything that only the operations team may see."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    app = make_app(LANGUAGE="zh")
    with app.test_request_context():
        hash_ = passwords.hashed(PASSWORD)
        for login, admin, role in (
            ("admin", True, None),
            ("operations1", False, "lead"),
            ("operations2", False, "member"),
        ):
            with transaction() as session:
                user = User(login=login, name=login, password_hash=hash_, admin=admin)
                user.memberships = [Membership(team="operations", role=role)] if role else []
                session.add(user)
        lead = Actor(user_of("operations1").id, "operations1", {"operations": "lead"})
        store = create_store("Shop", SYSTEM)
        draft = services.Draft("Sort the products", {"what": "By margin."}, store_id=store.id)
        task = services.draft_task(lead, "core.general", "operations", draft)
        for verb in ("offer", "accept", "start"):
            moves.move(task.id, verb, lead)
        image = io.BytesIO()
        Image.new("RGB", (40, 30)).save(image, "PNG")
        contents.add_file(
            task.id, contents.BRIEF_SLOT, open_upload(io.BytesIO(image.getvalue()), ("image",), "a.png"), lead
        )
        asked = services.Draft("A ticket", {"what": "When is it sent?"}, store_id=store.id)
        ticket = services.draft_task(lead, "cs.inquiry", "operations", asked)
        broken = services.Draft("A complaint", {"what": "It leaks.", "cause": "damaged"}, store_id=store.id)
        complaint = services.draft_task(lead, "purchasing.supplier_complaint", "operations", broken)
        document = issue("core.handoff", Ref("core.task", task.id), lead)
        with transaction() as session:
            job = enqueue(next(iter(app.extensions["registry"].jobs)), {}, actor=lead)
            product = filled(Product, store_id=store.id, item_id="7300000001")
            order = filled(Order, store_id=store.id, order_no="100200300400500600")
            kind, importer = next(iter(app.extensions["registry"].importers.items()))
            batch = filled(ImportBatch, kind=kind, permission=importer.permission, state="applied", store_id=store.id)
            review = filled(Review, team="operations")
            session.add_all([product, order, batch, review])
            session.flush()
            sku = filled(Sku, store_id=store.id, product_id=product.id, key="5200000001")
            line = filled(OrderLine, store_id=store.id, order_id=order.id, key="1002003004005006001")
            session.add_all([sku, line])
            logistics = records_of("logistics", app, session, store.id)
            service = records_of("cs", app, session, store.id)
            purchases = purchases_of(session, store.id)
            reply = filled(Reply, text="x")
            session.add(reply)
            books = [
                filled(Line, store_id=store.id, at=now()),
                filled(Control, store_id=store.id),
                filled(Trade, store_id=store.id),
            ]
            partners = {path: filled(model, store_id=store.id) for path, model in OF_PARTNERS.items()} | {
                "/finance/partners/columns": filled(ColumnMap, columns={"amount": "金额"})  # of every store
            }
            session.add_all([*books, *partners.values()])
        run = reconcile(store.id, date(2026, 11, 1), date(2026, 11, 30), SYSTEM)
        with transaction() as session:
            runs = dict.fromkeys(("first_run_id", "last_run_id"), run.id)
            difference = filled(Difference, store_id=store.id, key="order:1", code="AMOUNT", side="order", **runs)
            session.add(difference)
        sign_in(app.test_client(), user_of("operations1"))
        db.session.rollback()  # to see that session
        app.extensions["world"] = {
            "number": task.number,
            "/documents": document.number,
            "/stores": store.id,
            "/products": product.id,
            "/skus": sku.id,
            "/orders": order.id,
            "/order-lines": line.id,
            **logistics,
            "/logistics/orders": order.id,
            **purchases,
            **service,
            "/cs/orders": order.id,
            "/cs/replies": reply.id,
            "/cs/tickets": ticket.number,
            "/purchasing/complaints": complaint.number,
            "/imports": batch.id,
            "/matrix/reviews": review.id,
            "/finance/lines": books[0].id,
            "/finance/lines/statements": books[1].id,
            "/finance/lines/trades": books[2].id,
            "/finance/imports": batch.id,
            "/finance/orders": order.id,
            "/finance/differences": difference.id,
            "/finance/runs": run.id,
            "/finance/periods": of_run(run).id,
            **{path: row.id for path, row in partners.items()},
            "token": db.session.scalar(select(File.token).limit(1)),
            "job_id": job.id,
            "session_id": db.session.scalar(select(LoginSession.id).limit(1)),
            "user_id": lead.user_id,
            "record_id": order.id,
            "store": store.id,
            "kind": "core.order",
            "team": "operations",
            "state": "doing",
            "verb": "deliver",
            "slot": contents.BRIEF_SLOT,
            "what": "disable",
            "form": "csv",
            "side": "orders",
            "code": "AMOUNT",
            "name": "htmx.min.js",
        }
    return app


def records_of(plugin, app, session, store_id):
    """A record of every kind that a plugin brings with a page of its own: the page's folder -> the record's id."""
    made = {}
    for kind in app.extensions["registry"].record_types.values():
        if kind.name.startswith(f"{plugin}."):
            record = filled(kind.model, store_id=store_id)
            session.add(record)
            session.flush()
            made |= {rule.rule.partition("/<")[0]: record.id for rule in app.url_map.iter_rules(kind.endpoint)}
    return made


def purchases_of(session, store_id):
    """A purchase order with what belongs to it: each page's folder -> the record's id."""
    made = {"/purchasing/suppliers": filled(Supplier)}
    session.add(made["/purchasing/suppliers"])
    session.flush()
    supplier = made["/purchasing/suppliers"].id
    order = made["/purchasing/orders"] = filled(PurchaseOrder, store_id=store_id, supplier_id=supplier, state="draft")
    session.add(order)
    session.flush()
    made["/purchasing/discrepancies"] = filled(
        Discrepancy, store_id=store_id, order_id=order.id, lines=[], state="open", remedy=""
    )
    inquiry = made["/purchasing/inquiries"] = filled(Inquiry, store_id=store_id, lines=[])
    session.add(inquiry)
    session.flush()
    made["/purchasing/inquiries/quotes"] = filled(Quote, inquiry_id=inquiry.id, store_id=store_id, supplier_id=supplier)
    made["/purchasing/returns"] = filled(SupplierReturn, store_id=store_id, order_id=order.id, lines=[])
    made["/purchasing/1688"] = filled(PlatformOrder, store_id=store_id)
    made["/purchasing/1688/lines"] = filled(PlatformLine, store_id=store_id)
    made["/purchasing/invoices"] = filled(Invoice, supplier_id=supplier, lines=[])
    made["/purchasing/suggestions"] = filled(Suggestion, store_id=store_id, steps=[])
    made["/purchasing/offers"] = filled(Offer, store_id=store_id, supplier_id=supplier, prices=[[1, 1]])
    made["/purchasing/uplifts"] = filled(Uplift, store_id=store_id)
    made["/purchasing/stock/days"] = filled(StockDay, store_id=store_id)
    made["/purchasing/stock/movements"] = filled(StockMove, store_id=store_id)
    session.add_all(made.values())
    session.flush()
    return {path: row.id for path, row in made.items()}


def filled(model, **values):
    """A row of any table, with something in every column that must have something."""
    anything = {int: 1, str: "x", bool: False, date: now().date(), dict: {}, list: [], float: 1.0}
    anything |= {datetime: now(), object: now()}  # our own type of times does not say what it holds
    for column in model.__table__.columns:
        if not (column.nullable or column.primary_key or column.default or column.name in values):
            values[column.name] = anything[column.type.python_type]
    return model(**values)


def user_of(login):
    return db.session.scalar(select(User).where(User.login == login))


def browser(app, login):
    client = app.test_client()
    with app.app_context():
        user = user_of(login)
    sign_in(client, user)
    return client


class Raw(str):
    """A piece of an address as it is sent."""


def address(rule, values):
    """The route's address with ``values`` in its holes, quoted unless they are ``Raw``."""
    texts = {name: value if isinstance(value, Raw) else quote(str(value), safe="") for name, value in values.items()}
    return HOLE.sub(lambda hole: texts[hole[1]], rule.rule)


def routes(app, permission=None):
    """Every route and method (that declares ``permission``), but for files that are the same for everybody."""
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.endswith("static") and permission in (None, permission_of(app, rule)):
            for method in sorted(rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
                yield rule, method


def values_for(app, rule):
    """Real values for the holes in a route's address; fails for a hole that this test has never heard of."""
    known = app.extensions["world"]
    if folder := next((name for name in known if name[0] == "/" and rule.rule.startswith(f"{name}/<")), None):
        known = known | dict.fromkeys(("id", "number"), known[folder])
    assert rule.arguments <= set(known), f"{rule} has a hole that no value is known for: add it to the world"
    return known


def permission_of(app, rule):
    return app.view_functions[rule.endpoint].permission


def without_traces(answer, url):
    """A page without what differs from request to request: form tokens, the request's number, its own address."""
    text = re.sub(r'(name="csrf_token" value=|"X-CSRFToken": )"[^"]*"', "", answer.text)
    return answer.status_code, text.replace(answer.headers["X-Request-Id"], "").replace(url, "")


def test_nobody_who_is_not_logged_in_gets_anything(world):
    client, wrong = world.test_client(), {}
    for rule, method in routes(world):
        if permission_of(world, rule) != ANYONE:
            answer = client.open(address(rule, values_for(world, rule)), method=method)
            if answer.status_code != 303 or not answer.location.startswith("/log-in"):
                wrong[f"{method} {rule}"] = answer.status
    assert wrong == {}


def test_a_disabled_user_gets_what_a_stranger_gets(world):
    client, wrong = browser(world, "operations2"), {}
    with world.app_context(), transaction() as session:
        session.scalar(select(User).where(User.login == "operations2")).active = False
    for rule, method in routes(world):
        if permission_of(world, rule) != ANYONE:
            answer = client.open(address(rule, values_for(world, rule)), method=method)
            if answer.status_code != 303 or not answer.location.startswith("/log-in"):
                wrong[f"{method} {rule}"] = answer.status
    assert wrong == {}


# What names one thing of one team. The rest of an address (a verb, a slot, a kind) is the same for everybody.
IDENTITIES = {"id", "number", "token", "job_id", "session_id", "user_id", "record_id"}
OPEN_TO_TEAMS = {ANYONE, "stores.view"}


@pytest.mark.parametrize("team", ["elsewhere", "design"])
def test_what_is_another_teams_looks_as_if_it_were_not_there(world, team):
    client, wrong, seen = outsider(world, team), {}, 0
    for rule, method in routes(world):
        holes = rule.arguments & IDENTITIES
        if not holes or permission_of(world, rule) in OPEN_TO_TEAMS:
            continue
        there = values_for(world, rule)
        absent = there | {hole: ABSENT.get(hole, 999_999) for hole in holes}
        urls = [address(rule, values) for values in (there, absent)]
        pages = [without_traces(client.open(url, method=method), url) for url in urls]
        if pages[0] != pages[1] or pages[0][0] not in (403, 404):
            wrong[f"{method} {rule}"] = [status for status, _ in pages]
        seen += 1
    assert wrong == {}
    assert seen >= 20


def outsider(app, team):
    """A browser of the lead of another team, who holds every right that leads have."""
    with app.app_context(), transaction() as session:
        session.add(
            User(login="outsider", name="O", password_hash="", memberships=[Membership(team=team, role="lead")])
        )
    return browser(app, "outsider")


def test_no_get_changes_anything(world):
    client, changed = browser(world, "admin"), set()
    with world.app_context():
        watching = db.engine.connect()
    before, version = contents_of(world), written(watching)
    for rule, method in routes(world):
        if method == "GET":
            with client.get(address(rule, values_for(world, rule))):
                pass
            if (now_at := written(watching)) != version and (after := contents_of(world)) != before:
                changed.add(rule.rule)
                before = after
            version = now_at
    assert contents_of(world) == before
    watching.close()
    assert changed == set()


def written(watching):
    """A number that is another one when anybody else has stored anything; the rows need not be compared until then."""
    with watching.begin():
        return watching.exec_driver_sql("PRAGMA data_version").scalar()


def contents_of(app):
    with app.app_context():
        rows = {name: db.session.execute(table.select()).all() for name, table in db.metadata.tables.items()}
        return {name: sorted(map(repr, found)) for name, found in rows.items()}


NASTY = [
    "",
    "a\0b",
    "\r\nSet-Cookie: a=b",
    "-1",
    "9" * 30,
    "1e400",
    "NaN",
    "１２",
    "²",
    "x" * 3_000,
    "店" * 300,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "../../../../etc/passwd",
    "%s%n%(name)s{0}{{7*7}}",
    "\u202e\u2066\ufeff\U0001f600\U00020bb7",
    "0001-01-01",
    "9999-12-31T23:59",
    "2026-02-30",
    "core.order:0,core.order:x",
    "[]",
    "admin",
]
BYTES = ["%ff%fe", "%ed%a0%80", "%00", "%c0%ae%c0%ae%2f", "%", "%zz", "a%0d%0ab"]


def failures(client, answers):
    """Which requests failed, by what they were and what came of them."""
    found = {}
    for name, ask in answers:
        try:
            with ask() as answer:
                if answer.status_code >= 500:
                    found[name] = answer.status
        except Exception as error:
            found[name] = repr(error)[:200]
    return found


@pytest.fixture(scope="module")
def names():
    """Names of form fields and arguments that any view reads."""
    return sorted(
        {name for path in ROOT.glob("**/*.py") if ".venv" not in path.parts for name in READ.findall(path.read_text())}
    )


@pytest.mark.parametrize("login", ["admin", "operations2", None])
def test_no_value_in_an_address_makes_a_page_fail(world, login):
    client = browser(world, login) if login else world.test_client()
    nasty, asked = cycle([*map(quote, filter(None, NASTY)), *BYTES]), []
    for rule, method in routes(world, ANYONE if login is None else None):
        known = values_for(world, rule)
        for hole in sorted(rule.arguments):
            for _ in range(4):
                url = address(rule, known | {hole: Raw(next(nasty))})
                asked.append((f"{method} {url[:150]}", lambda m=method, u=url: client.open(u, method=m)))
    assert failures(client, asked) == {}


@pytest.mark.parametrize("login", ["admin", "operations2", None])
def test_no_argument_and_no_field_makes_a_page_fail(world, names, login):
    client = browser(world, login) if login else world.test_client()
    # NUL is refused before any view sees it: it would hide the others
    nasty = cycle([quote(value) for value in NASTY if "\0" not in value] + [value for value in BYTES if value != "%00"])
    asked = []
    for rule, method in routes(world, ANYONE if login is None else None):
        if "log-out" in rule.rule or rule.endpoint == "accounts.end_session":
            continue
        url = address(rule, values_for(world, rule))
        for _ in range(2):
            pairs = "&".join(f"{name}={next(nasty)}" for name in names)
            if method == "GET":
                asked.append((f"GET {url}?{pairs}", lambda u=url, p=pairs: client.get(f"{u}?{p}")))
            else:
                form = {"data": pairs, "content_type": "application/x-www-form-urlencoded"}
                asked.append((f"{method} {url} {pairs}", lambda u=url, f=form, m=method: client.open(u, method=m, **f)))
    assert failures(client, asked) == {}


class Forms(HTMLParser):
    """The forms of a page as a browser would send them, and where its links lead."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.links, self._form, self._select = [], [], None, None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        have = dict(attributes)
        if tag == "a" and (have.get("href") or "").startswith("/"):
            self.links.append(have["href"].partition("#")[0])
        if tag == "form":
            self._form = {"method": (have.get("method") or "get").upper(), "url": have.get("action"), "fields": {}}
            self.forms.append(self._form)
        elif self._form is not None and have.get("name"):
            if tag in ("input", "textarea", "select", "button"):
                self._form["fields"].setdefault(have["name"], have.get("value") or "1")
            self._select = have["name"] if tag == "select" else None
        elif tag == "option" and self._select and have.get("value") and self._form is not None:
            self._form["fields"][self._select] = have["value"]

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None


def crawl(client, limit):
    """Pages that links lead to from the first one, each kind of address once."""
    queue, seen, found = ["/"], set(), {}
    while queue and len(seen) < limit:
        url = queue.pop(0)
        kind = re.sub(r"[A-Z]+-\d+-\d+|\d+|=[^&]*", "*", url)
        if kind in seen or url.startswith(("/static", "/files")):
            continue
        seen.add(kind)
        answer = client.get(url)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Forms(answer.text)
            queue += page.links
            for form in page.forms:
                target = form["url"] or url
                found.setdefault(
                    (form["method"], re.sub(r"[A-Z]+-\d+-\d+|\d+", "*", target)), form | {"url": target, "page": url}
                )
    return list(found.values())


def sent(client, form, field, value):
    """Send a form with ``value`` in one field and all else as its page has it now: what was sent before moved on."""
    fields = form["fields"]
    if "version" in fields:
        now_there = Forms(client.get(form["page"]).text).forms
        fields = next((each["fields"] for each in now_there if each["url"] == form["url"]), fields)
    values = fields | {field: value}
    if form["method"] == "GET":
        return client.get(f"{form['url']}?{urlencode(values)}")
    return client.post(form["url"], data=values)


@pytest.mark.parametrize("login", ["admin", "operations1"])
def test_no_field_of_a_form_otherwise_well_filled_makes_it_fail(world, login):
    client = browser(world, login)
    forms = crawl(client, 120)
    assert len(forms) > 20
    nasty, asked = cycle([value for value in NASTY if value]), []
    for form in forms:
        if "log-out" in form["url"] or "/sessions/" in form["url"]:
            continue
        for field in form["fields"]:
            value = next(nasty)
            name = f"{form['method']} {form['url']} {field}={value[:40]!r}"
            asked.append((name, lambda f=form, n=field, v=value: sent(client, f, n, v)))
    assert failures(client, asked) == {}


HEADERS = (
    "Accept Accept-Encoding Accept-Language Content-Length Content-Type Cookie HX-Current-URL HX-Request If-Match "
    "If-Modified-Since If-None-Match Origin Range Referer Sec-Fetch-Site User-Agent X-Forwarded-For"
)
ODD = ["", "\xff\xfe", "x" * 5000, "http://[", "-1", "bytes=0-0,-1,5-", ";;;q=9", "multipart/form-data", "true", "*"]


def test_no_header_makes_a_page_fail(world):
    client, asked = browser(world, "operations2"), []
    pages = [("GET", "/preferences"), ("POST", "/preferences"), ("GET", "/static/app.css")]
    for name in HEADERS.split():
        for value in ODD:
            for method, url in pages:
                given = {"method": method, "headers": {name: value}}
                asked.append((f"{method} {url} {name}: {value[:30]!r}", lambda u=url, g=given: client.open(u, **g)))
    assert failures(client, asked) == {}
