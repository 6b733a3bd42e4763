"""Take the pictures of the README and the guides from the demo store: ``make screenshots``."""

import io
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from core import demo, migrating
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
from core.jobs import services as jobs
from core.testing.browser import Server
from core.transactions import transaction

IMAGES = Path(__file__).parent / "images"
SIZE = {"width": 1280, "height": 800}
SHOTS = {  # name -> who looks, and at what
    "desk": ("operations1", "/"),
    "board": ("admin", "/boards/design"),
    "task": ("operations1", "/tasks/DES-2"),
    "queue": ("design2", "/design/"),
    "brief": ("operations1", "/tasks/new?type=design.page_request&record=core.product:1"),
    "order": ("operations1", "/orders/1"),
    "import": ("operations1", "/imports"),
}
COLOURS = 128


def save(picture: Image.Image, name: str) -> None:
    """Write a picture in few colours: what documentation needs, at a quarter of the size."""
    picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)


def shoot(page: Page, url: str, name: str) -> None:
    answer = page.goto(url, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise SystemExit(f"{url} did not answer: {answer.status if answer else 'nothing'}")
    save(Image.open(io.BytesIO(page.screenshot())), name)


def handoff(language: str) -> Image.Image:
    """The first page of a signed-off task's handoff sheet."""
    task = db.session.scalars(select(Task).where(Task.number == "DES-1")).one()
    actor = Actor(task.requester_id, "", {"operations": "lead"})
    issued = documents.issue("core.handoff", Ref("core.task", task.id), actor, language)
    jobs.run_pending()
    printed = db.session.scalars(select(DocumentPrint).where(DocumentPrint.document_id == issued.id)).one()
    return pypdfium2.PdfDocument(files.read(printed.file))[0].render(scale=1.4).to_pil()


def take(app: Any) -> None:
    with app.app_context():
        migrating.upgrade()
    demo.load(app)
    server = Server(app)
    try:
        _take(app, server)
    finally:
        server.stop()


def _take(app: Any, server: Server) -> None:
    font_list = fonts.fontconfig_file(app.config["HOME"])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage"],
            env={**os.environ, "FONTCONFIG_FILE": str(font_list)},
        )
        for language in ("zh", "en"):
            for name, (login, path) in SHOTS.items():
                with app.app_context(), transaction() as session:
                    user = session.scalars(select(User).where(User.login == login)).one()
                    user.language = language
                context = browser.new_context(viewport=SIZE, base_url=server.url)
                token = sign_in(app.test_client(), user)
                context.add_cookies([{"name": "storeboard_session", "value": token, "url": server.url}])
                shoot(context.new_page(), path, f"{name}.{language}")
                context.close()
            with app.test_request_context():
                save(handoff(language), f"handoff.{language}")
        browser.close()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        take(create_app(HOME=Path(folder), LANGUAGE="zh", PUBLIC_URL="http://127.0.0.1:8000"))
