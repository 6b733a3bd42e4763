"""Boards, tasks, moves and polls over HTTP, in a small and a ten times larger database."""

import argparse
import gzip
import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import event, select

from benchmarks import dataset
from benchmarks.seed import cookies, form_token, seed, signed_in
from benchmarks.server import make
from core.board.models import Task
from core.extensions import db

CLIENTS = 8
BOARD = "/boards/bench1"
WAIT = {"show": "card", "waiting_for": "outside", "text": "等拍摄样品"}
HTMX = {"HX-Request": "true"}


class Client:
    """A browser that keeps its connection."""

    def __init__(self, port: int, cookie: str, token: str):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Cookie": cookie, "Accept-Encoding": "gzip", "X-CSRFToken": token}

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None) -> tuple[int, bytes, int, float]:
        """Status, unpacked body, bytes on the wire, milliseconds."""
        headers = dict(self.headers)
        body = None
        if form is not None:
            body = urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        begun = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # the server had closed the idle connection: as browsers do, once more
            self.connection.close()
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
        data = answer.read()
        took = (time.perf_counter() - begun) * 1000
        plain = gzip.decompress(data) if answer.headers.get("Content-Encoding") == "gzip" else data
        return answer.status, plain, len(data), took


@contextmanager
def served(home: Path) -> Iterator[int]:
    """The app of ``home`` behind the production server, on a free port of this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.server", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "STOREBOARD_HOME": str(home)})
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def kinds(doing: list[str]) -> dict[str, Callable[[Client, int], tuple[int, bytes, int, float]]]:
    """What is measured: a request each, by its number."""

    def move(client: Client, count: int) -> tuple[int, bytes, int, float]:
        number = doing[count // 2 % len(doing)]
        verb, said = ("resume", {"show": "card"}) if count % 2 else ("wait", WAIT)
        return client.ask("POST", f"/tasks/{number}/verbs/{verb}", said)

    return {
        "board": lambda client, _: client.ask("GET", BOARD),
        "task": lambda client, count: client.ask("GET", f"/tasks/B01-{count % 500 + 1}"),
        "move": move,
        "poll": lambda client, _: client.ask("GET", f"{BOARD}/changes?since=999999999"),
    }


def one_client(client: Client, work: Callable[..., Any], count: int) -> dict[str, Any]:
    for warm in range(min(10, count // 5) // 2 * 2):
        work(client, warm)
    answers = [work(client, number) for number in range(count)]
    times = sorted(answer[3] for answer in answers)
    return {
        "p50": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
        "wire": answers[0][2],
        "plain": len(answers[0][1]),
        "statuses": Counter(answer[0] for answer in answers),
    }


def _busy(port: int, who: dict[str, str], name: str, doing: list[str], seconds: float) -> list[tuple[int, float]]:
    client, work = Client(port, who["cookie"], who["token"]), kinds(doing)[name]
    until, count, found = time.perf_counter() + seconds, 0, []
    while time.perf_counter() < until:
        status, _, _, took = work(client, count)
        found.append((status, took))
        count += 1
    return found


def many_clients(port: int, who: dict[str, str], name: str, doing: list[str], seconds: float) -> dict[str, Any]:
    share = len(doing) // CLIENTS
    tasks = [(port, who, name, doing[n * share : (n + 1) * share], seconds) for n in range(CLIENTS)]
    with multiprocessing.Pool(CLIENTS) as pool:
        found = [answer for answers in pool.starmap(_busy, tasks) for answer in answers]
    times = sorted(took for _, took in found)
    return {
        "p50": times[len(times) // 2],
        "p95": times[int(len(times) * 0.95)],
        "rate": len(found) / seconds,
        "statuses": Counter(status for status, _ in found),
    }


def queries(app: Any, doing: list[str]) -> dict[str, int]:
    """SQL statements per request, counted inside the app."""
    counted: dict[str, int] = {}
    seen: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    client = signed_in(app)
    headers = {**HTMX, "X-CSRFToken": form_token(client)}
    client.post(f"/tasks/{doing[0]}/verbs/wait", data=WAIT, headers=headers)
    for name, ask in {
        "board": lambda: client.get(BOARD),
        "task": lambda: client.get("/tasks/B01-1"),
        "move": lambda: client.post(f"/tasks/{doing[0]}/verbs/resume", data={"show": "card"}, headers=headers),
        "poll": lambda: client.get(f"{BOARD}/changes?since=999999999"),
    }.items():
        seen.clear()
        ask()
        counted[name] = len(seen)
    return counted


def run(chosen: argparse.Namespace) -> None:
    found: dict[str, dict[str, Any]] = {}
    for size, given in (("1k", chosen.small), ("10k", chosen.large)):
        with tempfile.TemporaryDirectory() as folder:
            app = make(HOME=Path(folder))
            seed(app, size, dataset.load(given) if given else None)
            client = signed_in(app)
            token = form_token(client)
            who = {"cookie": cookies(client), "token": token}
            with app.app_context():
                working = select(Task.number).where(Task.responsible_team == "bench1", Task.state == "doing")
                doing = list(db.session.scalars(working.order_by(Task.id)))
            counted = queries(app, doing)
            with served(Path(folder)) as port:
                client = Client(port, who["cookie"], who["token"])
                for name, work in kinds(doing).items():
                    found.setdefault(name, {})[size] = one_client(client, work, chosen.requests)
                    found[name][size]["queries"] = counted[name]
                    found[name][f"{size} x{CLIENTS}"] = many_clients(port, who, name, doing, chosen.seconds)
    _table(found)


def _table(found: dict[str, dict[str, Any]]) -> None:
    head = f"{'p50 ms':>8} {'p95 ms':>8} {'gzip KB':>8} {'KB':>7} {'queries':>8}  answers"
    print(f"\n{'board with 1,000 open tasks':28} {head}")
    for name, sizes in found.items():
        for size in ("1k", "10k"):
            row = sizes[size]
            print(
                f"{name + ', ' + size:28} {row['p50']:8.1f} {row['p95']:8.1f} {row['wire'] / 1024:8.1f}"
                f" {row['plain'] / 1024:7.0f} {row['queries']:8}  {dict(row['statuses'])}"
            )
        print(f"{name + ', 10k : 1k':28} {sizes['10k']['p50'] / sizes['1k']['p50']:8.2f}")
    print(f"\n{f'{CLIENTS} clients':28} {'p50 ms':>8} {'p95 ms':>8} {'per s':>8}  answers")
    for name, sizes in found.items():
        for size in (f"1k x{CLIENTS}", f"10k x{CLIENTS}"):
            row = sizes[size]
            times = f"{row['p50']:8.1f} {row['p95']:8.1f} {row['rate']:8.0f}"
            print(f"{name + ', ' + size:28} {times}  {dict(row['statuses'])}")
