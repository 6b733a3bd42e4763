"""Put a data set into a fresh database through the models, and sign its first user in."""

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from benchmarks.dataset import make as make_dataset
from core.accounts.models import Membership, User
from core.accounts.testing import sign_in
from core.board import clocks
from core.board.models import Leg, Task, TaskComment
from core.columns import now
from core.extensions import db
from core.migrating import upgrade
from core.transactions import transaction

STATES = ("offered", "accepted", "doing", "waiting", "delivered")
PHASES = ("accept", "deliver", "deliver", "wait", "check")


def seed(app: Any, size: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Fill the app's database; returns the data set."""
    data = data or make_dataset(size)
    with app.app_context():
        upgrade()
        people = _people(data)
        for number, project in enumerate(data["projects"], 1):
            _project(number, project, people)
    return data


def signed_in(app: Any) -> Any:
    """A test client in which the first user is signed in."""
    client = app.test_client()
    with app.app_context():
        user = db.session.scalars(select(User).where(User.login == "user01")).one()
    sign_in(client, user)
    return client


def form_token(client: Any) -> str:
    """The token that a signed-in browser's forms carry."""
    page = client.get("/boards/bench1").get_data(as_text=True)
    found = re.search(r"X-CSRFToken[&#34;\"':\s]+([\w.\-]+)", page)
    if found is None:
        raise RuntimeError("the page carries no form token")
    return found[1]


def cookies(client: Any) -> str:
    """A signed-in browser's cookies, as it sends them."""
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())


def _people(data: dict[str, Any]) -> dict[str, int]:
    with transaction() as session:
        users = {
            person["login"]: User(login=person["login"], name=person["name"], password_hash="-", language="zh")
            for person in data["users"]
        }
        for number, project in enumerate(data["projects"], 1):
            for login in project["members"]:
                users[login].memberships.append(Membership(team=f"bench{number}", role="lead"))
        session.add_all(users.values())
        session.flush()
        return {login: user.id for login, user in users.items()}


def _project(number: int, project: dict[str, Any], people: dict[str, int]) -> None:
    team, start = f"bench{number}", now() - timedelta(days=3)
    with transaction() as session:
        calendar = clocks.calendar_of(team)
        for count, given in enumerate(project["tasks"], 1):
            state, phase = STATES[given["column"]], PHASES[given["column"]]
            due = calendar.after(start, 3600 * (4 + count % 60)) if phase != "wait" else None
            closed = start if given["closed"] else None
            task = Task(
                number=f"B{number:02d}-{count}",
                type=f"{team}.task",
                title=given["title"],
                state="done" if closed else state,
                requester_team=team,
                responsible_team=team,
                requester_id=people[given["creator"]],
                holder_id=people.get(given["assignee"] or ""),
                priority=given["priority"],
                brief={"what": given["description"]},
                created_at=start,
                closed_at=closed,
                due_at=start + timedelta(days=given["due_days"]) if given["due_days"] else None,
                leg_team="" if closed else team,
                leg_due_at=None if closed else due,
            )
            leg = {"team": team, "state": state, "phase": phase, "round": 1, "started_at": start, "due_at": due}
            task.legs.append(Leg(**leg, ended_at=closed, working_seconds=0 if closed else None, target_minutes=600))
            task.comments = [TaskComment(by_id=people[c["user"]], at=start, body=c["text"]) for c in given["comments"]]
            session.add(task)
