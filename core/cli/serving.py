"""``storeboard serve`` and ``storeboard worker``: the processes of a running Storeboard."""

import errno
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
from threading import Event
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from core.cli import _, opened, stored

log = logging.getLogger("storeboard.serve")
PATIENCE = 25  # seconds that running requests and jobs are given to end
KEPT_OPEN = 75  # seconds that a connection may idle: longer than an open board's next question, or a proxy's patience


@click.command(help=_("Serve the pages, and do the background work."))
@click.option("--host", default="127.0.0.1", show_default=True, help=_("Address to listen on."))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    envvar="PORT",
    help=_("Port to listen on."),
)
@click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help=_("Processes that answer requests.")
)
@click.option(
    "--threads",
    type=click.IntRange(1),
    default=16,
    show_default=True,
    help=_("Requests that each of them answers at once."),
)
@click.option("--no-worker", is_flag=True, help=_("Leave the background work to `storeboard worker`."))
@click.option("--prepare", is_flag=True, help=_("First upgrade the database; load the demo store if it is new."))
def serve_command(*, host: str, port: int, workers: int, threads: int, no_worker: bool, prepare: bool) -> None:
    from core.cli.data import prepared
    from core.migrating import make_ready

    _refuse_taken(host, port)
    with opened() as app:
        if prepare:
            prepared(app)
        else:
            make_ready()
    logging.getLogger("storeboard").setLevel(logging.INFO)
    Server(app, not no_worker, bind=f"{host}:{port}", workers=workers, threads=threads).run()


@click.command(help=_("Do the background work only."))
@click.option("--follow-parent", is_flag=True, hidden=True)
@click.option("--keep", is_flag=True, hidden=True)
def worker_command(follow_parent: bool, keep: bool) -> None:
    if keep:
        keep_working()
        return
    from core.jobs.worker import run

    logging.getLogger("storeboard").setLevel(logging.INFO)
    with stored() as app:
        pass
    run(app, follow_parent=follow_parent)


class Server(BaseApplication):
    """Gunicorn with one app, loaded before it forks, and with the worker's keeper beside it."""

    def __init__(self, app: Flask, with_worker: bool, **options: Any):
        self.app = app
        self.with_worker = with_worker
        self.keeper: subprocess.Popen[bytes] | None = None
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        settings = {
            "worker_class": "gthread",
            "preload_app": True,
            "graceful_timeout": PATIENCE,
            "keepalive": KEPT_OPEN,
            "loglevel": "warning",
            "control_socket_disable": True,  # it would be a file in the user's home
            "forwarded_allow_ips": "",  # whom to believe about proxies is TRUSTED_PROXIES' to say
            "when_ready": self._ready,
            "on_exit": self._exit,
        }
        for name, value in (settings | self.options).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app

    def _ready(self, _server: Any) -> None:
        gc.freeze()
        gc.set_threshold(20_000, 20, 10)  # a page makes thousands of objects, and hardly one that only this would find
        host, _colon, port = self.options["bind"].rpartition(":")
        click.echo(_("Storeboard is at %(url)s", url=f"http://{host}:{port}"))
        if self.with_worker:
            self.keeper = subprocess.Popen([*_SELF, "worker", "--keep"], start_new_session=True)

    def _exit(self, _server: Any) -> None:
        if self.keeper:
            self.keeper.terminate()
            self.keeper.wait()


_SELF = [sys.executable, "-m", "core.cli"]


def keep_working() -> None:
    """Run a worker, and another when it dies, until told to stop or until the server that asked for it is gone."""
    told, server = Event(), os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    while True:
        worker = subprocess.Popen([*_SELF, "worker", "--follow-parent"])
        while worker.poll() is None and os.getppid() == server and not told.wait(0.5):
            pass
        if told.is_set() or os.getppid() != server:
            worker.terminate()
            worker.wait()
            return
        log.warning("the worker ended with %s and is started again", worker.returncode)
        told.wait(1)


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            told = {"host": host, "port": port, "why": error.strerror}
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                text = _("Port %(port)s cannot be used: %(why)s. Choose another one: PORT=8001 make run", **told)
            else:
                text = _("%(host)s is no address of this machine: %(why)s.", **told)
            raise click.ClickException(text) from error
