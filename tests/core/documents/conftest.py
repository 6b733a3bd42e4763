"""A task to issue documents about, and fonts that are cut once for all tests."""

import re
from collections.abc import Callable

import pypdfium2
import pytest

from core.board.models import Task
from core.board.services import Draft, draft_task
from core.contracts import Actor
from core.stores.models import Store
from core.transactions import transaction

BRIEF = {"what": "双12主会场:羊绒大衣「雾灰」首屏,¥1,680.32 起。", "links": ["https://example.com/?a=1&b=2"]}


@pytest.fixture(scope="session")
def shared_fonts(tmp_path_factory, cut_fonts):
    home = tmp_path_factory.mktemp("fonts")
    (home / "fonts").symlink_to(cut_fonts)
    return home


@pytest.fixture
def app(make_app):
    return make_app(PUBLIC_URL="http://localhost")


@pytest.fixture
def wang(make_user):
    return make_user("wang", teams={"operations": "lead"}, name="王小雨")


@pytest.fixture
def actor(wang):
    return Actor(wang.id, wang.name, {"operations": "lead"})


@pytest.fixture
def draft(actor) -> Callable[[], Task]:
    """Draft the task, in an app context."""

    def make() -> Task:
        with transaction() as session:
            store = Store(name="素禾旗舰店")
            session.add(store)
        said = Draft("详情页改版 𠮷祥", BRIEF, priority=3, store_id=store.id)
        return draft_task(actor, "core.general", "operations", said)

    return make


@pytest.fixture
def text_of() -> Callable[[bytes], str]:
    """All words of a PDF, without blanks."""

    def read(pdf: bytes) -> str:
        pages = pypdfium2.PdfDocument(pdf)
        return re.sub(r"\s+", "", "".join(page.get_textpage().get_text_range() for page in pages))

    return read
