"""Databases for tests, SQLite or PostgreSQL: built once for all processes of a run, copied for each test."""

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

WANTED = "STOREBOARD_TEST_DATABASE"
CLUSTER = "STOREBOARD_TEST_CLUSTER"


def on_postgresql() -> bool:
    """Whether this run tests on PostgreSQL."""
    return os.environ.get(WANTED, "sqlite").startswith("postgres")


def build(folder: Path) -> "SQLiteCopies | PostgreSQLCopies":
    """A database with the tables of all owners, to be copied; ``folder`` is the same for all processes of a run."""
    source = PostgreSQLCopies() if on_postgresql() else SQLiteCopies(folder)
    once(folder / "database", lambda: _migrate(source, folder))
    return source


def _migrate(source: "SQLiteCopies | PostgreSQLCopies", folder: Path) -> None:
    from core import migrating
    from core.app import create_app

    source.begin()
    app = create_app(HOME=folder, DATABASE_URL=source.url, TESTING=True)
    with app.app_context():
        migrating.upgrade()
    release(app)
    source.keep_seed()


def once(done: Path, make: Callable[[], None]) -> None:
    """Let the first process of a test run make something; the others wait for it. ``done`` is the mark that it is."""
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make()
            done.touch()


def release(app: Any) -> None:
    """Close every connection of the app."""
    from core.transactions import let_go

    with app.app_context():
        let_go()


def wait_for_killed(session: Any) -> None:
    """Wait until a process just killed changes the database no more: PostgreSQL may be ending its last statement."""
    while on_postgresql() and session.connection().exec_driver_sql(BUSY).scalar():
        session.rollback()  # or it would go on seeing what it saw
        time.sleep(0.05)
    session.rollback()


class SQLiteCopies:
    """A file, copied."""

    def __init__(self, folder: Path):
        self.path = folder / "template.sqlite3"
        self.url = f"sqlite:///{self.path}"
        self.numbers = count()

    def begin(self) -> None:
        """Nothing to do: the file is made by who opens it."""

    def keep_seed(self) -> None:
        """Nothing to do: a file is copied with all its rows."""

    def copy(self, folder: Path, of: str = "") -> str:
        """Copy the template, or the database ``of``, to which nobody is connected."""
        url = self.empty(folder)
        shutil.copyfile((of or self.url).removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        return url

    def empty(self, folder: Path) -> str:
        return f"sqlite:///{folder / f'storeboard{next(self.numbers)}.sqlite3'}"

    def renew(self, url: str) -> None:
        """Make a copy that nobody is connected to as it was at first."""
        shutil.copyfile(self.path, url.removeprefix("sqlite:///"))

    def drop(self, url: str) -> None:
        Path(url.removeprefix("sqlite:///")).unlink(missing_ok=True)


EMPTY = """
DO $$ DECLARE name text; BEGIN
    IF EXISTS (SELECT FROM watch.reshaped) THEN
        RETURN;
    END IF;
    SET session_replication_role = replica; -- no trigger protects a row from this
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname NOT LIKE 'alembic%' AND pg_relation_size(oid) > 0 LOOP -- most never had a row
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
    FOR name IN SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('seed') AND relkind = 'r' LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM seed.%I', name, name);
        EXECUTE format('SELECT setval(pg_get_serial_sequence(%L, ''id''), (SELECT max(id) FROM %I))', name, name);
    END LOOP;
END $$
"""

# What migrations put into tables is kept aside, to be put back when a copy is emptied.
SEED = """
DO $$ DECLARE name text; filled boolean; BEGIN
    CREATE SCHEMA seed;
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname NOT LIKE 'alembic%' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE seed.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$
"""

# Whether a test changed what a database is made of, and not only its rows: then it cannot be used again.
RESHAPED = """
CREATE SCHEMA watch;
CREATE TABLE watch.reshaped (tag text);
CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO watch.reshaped VALUES (tg_tag); END';
CREATE EVENT TRIGGER watch_changes ON ddl_command_end EXECUTE FUNCTION watch.note();
CREATE EVENT TRIGGER watch_drops ON sql_drop EXECUTE FUNCTION watch.note();
"""
BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""
OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


class PostgreSQLCopies:
    """A template database in this run's own cluster. A copy that only has other rows is emptied and used again: that
    takes a tenth of the time of making one."""

    TEMPLATE = "storeboard_template"

    def __init__(self) -> None:
        self.worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        self.numbers = count()
        self.whole: set[str] = set()
        self.spare: list[str] = []
        self.url = self._url(self.TEMPLATE)

    def begin(self) -> None:
        self._do("postgres", f"CREATE DATABASE {self.TEMPLATE}")

    def keep_seed(self) -> None:
        self._do(self.TEMPLATE, SEED, RESHAPED)

    def copy(self, folder: Path, of: str = "") -> str:
        """A copy of the template, or of the database ``of``, to which nobody is connected."""
        if of:
            return self.empty(folder, _name(of))
        if self.spare:
            return self._url(self.spare.pop())
        url = self.empty(folder, self.TEMPLATE)
        self.whole.add(_name(url))
        return url

    def empty(self, folder: Path, template: str = "template1") -> str:
        name = f"storeboard_{self.worker}_{next(self.numbers)}"
        self._do("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._url(name)

    def renew(self, url: str) -> None:
        """Empty a copy that nobody is connected to."""
        self._do(_name(url), EMPTY)

    def drop(self, url: str) -> None:
        name = _name(url)
        if name in self.whole and not self._do(name, OTHERS, EMPTY, "SELECT EXISTS (SELECT FROM watch.reshaped)"):
            self.spare.append(name)
        else:
            self._do("postgres", f"DROP DATABASE {name} WITH (FORCE)")

    def _url(self, name: str) -> str:
        return f"postgresql+psycopg://storeboard@/{name}?host={os.environ[CLUSTER]}"

    def _do(self, database: str, *statements: str) -> Any:
        import psycopg

        with psycopg.connect(host=os.environ[CLUSTER], user="storeboard", dbname=database, autocommit=True) as link:
            for statement in statements:
                result = link.execute(statement)
            row = result.fetchone() if result.description else None
            return row[0] if row else None


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def start_cluster() -> Callable[[], None]:
    """Start a PostgreSQL of our own, reached by a socket in its own folder; returns what stops and removes it."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="storeboard-pg-"))
    as_who: dict[str, Any] = {"cwd": folder, "stdin": subprocess.DEVNULL}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        owner = _ordinary_user()
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        as_who |= {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = folder / "data"
    words = ["--username=storeboard", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    subprocess.run([programs / "initdb", "-D", data, *words], check=True, capture_output=True, **as_who)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": folder,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": 300,
    }
    flags = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *flags],
            stdout=log,
            stderr=log,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no thread is running yet
            **as_who,
        )
    ready = [programs / "pg_isready", "-q", "-h", folder, "-t", "1"]
    for _ in range(1200):
        if subprocess.run(ready, check=False).returncode == 0:
            break
        if server.poll() is not None:
            raise RuntimeError((folder / "log").read_text())
        time.sleep(0.1)
    os.environ[CLUSTER] = str(folder)

    def stop() -> None:
        server.send_signal(signal.SIGINT)  # a fast shutdown
        server.wait(120)
        shutil.rmtree(folder)
        del os.environ[CLUSTER]

    return stop


def _end_with_parent() -> None:
    """Ask the kernel to stop this process when the one that started it is gone, killed for instance."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)


def _programs() -> Path:
    """The folder of the newest PostgreSQL server; Debian keeps it off the search path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise RuntimeError("PostgreSQL is not installed: make test installs it")
    return (found[-1] if found else Path(on_path or "").resolve()).parent


def _ordinary_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
