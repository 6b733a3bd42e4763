"""A real server and a real Chromium, for tests that need both."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class Server:
    """A running server of one app: its address, and the app."""

    def __init__(self, app: Any):
        from werkzeug.serving import make_server

        self.app = app
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def live_server(make_app: Any) -> Iterator[Server]:
    """An app behind a real socket, with every guard of production on: ``live_server.url``, ``live_server.app``."""
    server = Server(make_app(WTF_CSRF_ENABLED=True, TESTING=False, LANGUAGE="zh"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Debian's Chromium, which finds our own Chinese font though the machine has none."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise RuntimeError("Chromium is not installed: make test installs it")
    fonts = font_configuration(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-dev-shm-usage"],  # /dev/shm is 64 MB in a container
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
        )
        yield chromium
        chromium.close()


def font_configuration(folder: Path) -> Path:
    """A fontconfig file that knows our own fonts, and only those."""
    from core.documents import fonts

    folder_of_fonts = fonts.folder(folder)
    path = folder / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{folder_of_fonts}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>"
    )
    return path


@pytest.fixture
def context(browser: Any, live_server: Server) -> Iterator[Any]:
    """A browser profile of its own, Chinese, in which addresses begin at the live server."""
    made = browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(context: Any) -> Any:
    """An open page of that profile."""
    return context.new_page()
