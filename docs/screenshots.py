"""Take the pictures of the README and the guides from the demo store: ``make screenshots``."""

import io
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pypdfium2
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select

from core import demo, localtime, migrating
from core.accounts.models import User
from core.accounts.testing import sign_in
from core.app import create_app
from core.board.models import Task
from core.contracts import Actor, Ref
from core.documents import fonts
from core.documents import services as documents
from core.documents.models import DocumentPrint
from core.extensions import db
from core.files import services as files
from core.stores.models import Order, Store
from core.testing.browser import Server, program
from core.testing.jobs import run_pending
from core.transactions import transaction
from tests.e2e.placing import trial

IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 800}
PAGE = "design.page_request"
SHOTS = {  # name -> who looks, and at what
    "desk": ("operations1", "/"),
    "board": ("admin", "/boards/design"),
    "task": ("operations1", "/tasks/{delivered}"),
    "queue": ("design2", "/design/"),
    "brief": ("operations1", "/tasks/new?type=design.page_request&record=core.product:1"),
    "order": ("operations1", "/orders/{order}"),
    "import": ("operations1", "/imports/{dry_run}"),
    "run": ("finance1", "/finance/runs/1"),
    "matrix": ("admin", "/matrix?from={a_month_ago}&to={today}"),
}


def main() -> None:
    """Take every picture anew, in a demo store of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(HOME=Path(folder), LANGUAGE="zh", PUBLIC_URL="http://127.0.0.1:8000")
        with app.app_context():
            migrating.upgrade()
        demo.load(app)
        with app.test_request_context():
            places = found(operator())
        with serving(app) as server, chromium(app) as browser:
            for language in ("zh", "en"):
                for name, (login, address) in SHOTS.items():
                    picture = shot(browser, server, login, language, address.format_map(places))
                    save(picture, f"{name}.{language}")
                with app.test_request_context():
                    save(handoff(places["done"], language), f"handoff.{language}")


@contextmanager
def serving(app: Flask) -> Iterator[Server]:
    server = Server(app)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def chromium(app: Flask) -> Iterator[Browser]:
    font_list = fonts.fontconfig_file(app.config["HOME"])
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=program(),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**os.environ, "FONTCONFIG_FILE": str(font_list)},
        )


def operator() -> Actor:
    user = db.session.scalars(select(User).where(User.login == "operations1")).one()
    return Actor(user.id, user.name, {"operations": "lead"})


def found(actor: Actor) -> dict[str, Any]:
    """Where to look: a delivered task, a task that is done, an order on its way, a file on trial."""
    number = {task.state: task.number for task in db.session.scalars(select(Task).where(Task.type == PAGE))}
    order = db.session.scalars(select(Order.id).where(Order.status == "done").order_by(Order.id)).first()
    store = db.session.scalars(select(Store.name).order_by(Store.id)).first()
    _applied, dry_run = trial(store, actor)
    today = localtime.today()
    days = {"today": today, "a_month_ago": today - timedelta(days=30)}
    return {"delivered": number["delivered"], "done": number["done"], "order": order, "dry_run": dry_run} | days


def shot(browser: Browser, server: Server, login: str, language: str, address: str) -> Image.Image:
    """A page as somebody sees it who reads that language."""
    with server.app.app_context(), transaction() as session:
        user = session.scalars(select(User).where(User.login == login)).one()
        user.language = language
    profile = browser.new_context(
        viewport=SIZE, base_url=server.url, timezone_id="Asia/Shanghai", locale={"zh": "zh-CN", "en": "en-GB"}[language]
    )
    token = sign_in(server.app.test_client(), user)
    profile.add_cookies([{"name": "storeboard_session", "value": token, "url": server.url}])
    page = profile.new_page()
    answer = page.goto(address, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise SystemExit(f"{address} did not answer: {answer.status if answer else 'nothing'}")
    picture = page.screenshot()
    profile.close()
    return Image.open(io.BytesIO(picture))


def handoff(number: str, language: str) -> Image.Image:
    """The first page of a signed-off task's handoff sheet."""
    task = db.session.scalars(select(Task).where(Task.number == number)).one()
    issued = documents.issue("core.handoff", Ref("core.task", task.id), operator(), language)
    documents.print_soon(issued, operator())
    run_pending()
    printed = db.session.scalars(select(DocumentPrint).where(DocumentPrint.document_id == issued.id)).one()
    return pypdfium2.PdfDocument(files.read(printed.file))[0].render(scale=1.4).to_pil()


def save(picture: Image.Image, name: str) -> None:
    """Write a picture in its 256 most telling colours: no eye sees a difference, and it is a third of the size."""
    few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(IMAGES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
