"""The app as the benchmarks serve it, by the production server: with a team for every project of the data set."""

import sys
from types import SimpleNamespace
from typing import Any

from core import hookimpl
from core.app import create_app
from core.cli.serving import Server
from core.contracts import Field, TaskType, Team

TEAMS = 20


@hookimpl
def teams() -> list[Team]:
    return [Team(f"bench{n}", f"Team {n}", f"B{n:02d}") for n in range(1, TEAMS + 1)]


@hookimpl
def task_types() -> list[TaskType]:
    brief = (Field("what", "What is needed", "longtext"),)
    return [TaskType(f"bench{n}.task", "Task", f"bench{n}", brief) for n in range(1, TEAMS + 1)]


def make(**settings: Any) -> Any:
    plugin = SimpleNamespace(teams=teams, task_types=task_types)
    return create_app(extra_plugins=[("bench", plugin)], **settings)


if __name__ == "__main__":
    Server(make(), with_worker=False, bind=f"127.0.0.1:{sys.argv[1]}", workers=1, threads=16).run()
