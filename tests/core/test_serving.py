"""``storeboard serve``: the processes it consists of, and how they end."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

GONE = (FileNotFoundError, ProcessLookupError)  # the second, of a process that ends while it is read about


def eventually(true, seconds=120):
    for _ in range(seconds * 10):
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen")


def children(pid):
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except GONE:
        return []


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except GONE:
        return False


def command_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except GONE:
        return []


@pytest.fixture
def serve(app):
    """Start the server on a free port: its process and its address."""
    started, kept = [], []

    def start(*words):
        free = socket.socket()
        kept.append(free)  # bound, so that nobody else is given the port, and not listening, so that the server may
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        environment = {f"STOREBOARD_{name}": str(app.config[name]) for name in ("DATABASE_URL", "HOME", "LANGUAGE")}
        command = [sys.executable, "-m", "core.cli", "serve", "--port", str(port), *words]
        process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        url = f"http://127.0.0.1:{port}"
        assert url in process.stdout.readline()
        return process, url

    yield start
    for process in started:
        process.kill()
        process.stdout.close()
        process.wait()
    for each in kept:
        each.close()


def answers(url):
    with urlopen(f"{url}/healthz", timeout=60) as answer:
        return answer.status == 200


def working(pid):
    """The process that does the background work."""
    keepers = [child for child in children(pid) if b"--keep" in command_of(child)]
    return keepers and (found := children(keepers[0])) and found[0]


def test_it_answers_and_is_gone_with_all_its_processes_when_told_to_stop(serve):
    process, url = serve()
    assert answers(url)
    worker = eventually(lambda: working(process.pid))
    family = [*children(process.pid), worker]

    process.terminate()

    assert process.wait(120) == 0
    assert [pid for pid in family if alive(pid)] == []


def test_a_request_that_is_running_is_answered_though_the_server_is_told_to_stop(serve):
    process, url = serve("--no-worker")
    body = b"login=li&password=" + b"x" * 100
    head = f"POST /log-in HTTP/1.1\r\nHost: {url[7:]}\r\nContent-Length: {len(body)}\r\nExpect: 100-continue\r\n"
    with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=120) as link:
        link.sendall(head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + body[:20])
        assert link.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it runs
        process.terminate()
        time.sleep(1)
        link.sendall(body[20:])
        answer = link.recv(100)

    assert answer.startswith(b"HTTP/1.1 4")  # it lacks the form's token, and is told so
    assert process.wait(120) == 0


def test_a_worker_that_dies_is_started_again(serve):
    process, url = serve()
    first = eventually(lambda: working(process.pid))

    os.kill(first, signal.SIGKILL)

    second = eventually(lambda: (found := working(process.pid)) != first and found)
    assert second != first
    assert answers(url)


def test_the_worker_ends_when_the_server_is_killed(serve):
    process, _url = serve()
    worker = eventually(lambda: working(process.pid))

    process.kill()

    eventually(lambda: not alive(worker))


def test_without_a_worker_it_only_answers(serve):
    process, url = serve("--no-worker")

    assert answers(url)
    assert working(process.pid) == []


def test_a_port_that_is_taken_is_named_in_a_sentence(serve, app):
    _process, url = serve("--no-worker")
    command = [sys.executable, "-m", "core.cli", "serve", "--port", url.rpartition(":")[2]]

    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert run.returncode == 1
    assert url.rpartition(":")[2] in run.stderr
    assert "Traceback" not in run.stderr
