"""A real server and a real Chromium, for tests that need both."""

import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest

PATIENCE = 30_000  # milliseconds, Playwright's own for what a test does; what it expects comes later on a busy machine


class Server:
    """A running server of one app: its address, and the app."""

    def __init__(self, app: Any):
        from werkzeug.serving import make_server

        self.app = app
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def _answer(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        """What the app answers, closed in any case: werkzeug forgets it when the browser has gone meanwhile."""
        answer: Any = self.app(environ, start_response)
        try:
            yield from answer
        finally:
            answer.close()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def live_server(app: Any) -> Iterator[Server]:
    """The test's ``app`` behind a real socket, with the guards of production on: ``live_server.url``."""
    app.config.update(WTF_CSRF_ENABLED=True, TESTING=False)
    server = Server(app)
    yield server
    server.stop()


def program() -> str | None:
    """Debian's Chromium, best the one that has no windows to draw; None for the one that make test brought."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Chromium, which finds our own Chinese font though the machine has none."""
    from playwright.sync_api import expect, sync_playwright

    from core.documents import fonts

    expect.set_options(timeout=PATIENCE)
    font_list = fonts.fontconfig_file(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program(),
            timeout=6 * PATIENCE,
            args=["--no-sandbox", "--disable-dev-shm-usage"],  # /dev/shm is 64 MB in a container
            env={**os.environ, "FONTCONFIG_FILE": str(font_list)},
        )
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Any, live_server: Server) -> Iterator[Any]:
    """A browser profile of its own, Chinese, in which addresses begin at the live server."""
    made = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    yield made
    made.close()


@pytest.fixture
def page(context: Any) -> Any:
    """An open page of that profile."""
    return context.new_page()
