"""Who may do what: permissions declared by routes, and the one loader of objects named in a request."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar

from flask import abort, g
from sqlalchemy import ColumnElement, Select, bindparam, select

from core import plugins
from core.contracts import Actor, Ref
from core.extensions import db
from core.registry import registry

View = TypeVar("View", bound=Callable[..., Any])
NOBODY = Actor(None, "")


def needs(permission: str) -> Callable[[View], View]:
    """Declare the permission a route asks for: a registered name, ``SIGNED_IN`` or ``ANYONE``."""

    def declare(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return declare


def current_actor() -> Actor:
    """Who makes this request; nobody, if not signed in."""
    return g.get("actor", NOBODY)


def allowed(actor: Actor, permission: str, subject: Any = None) -> bool:
    """Whether ``actor`` holds ``permission``, on ``subject`` if one is given."""

    def failed(plugin: str) -> bool | None:
        return False if permission.startswith(f"{plugin}.") else None  # its own rights are nobody's until it works

    return bool(plugins.first("can", failed, actor=actor, permission=permission, subject=subject))


def demand(permission: str, subject: Any = None) -> None:
    """Refuse the request (403) unless the current actor holds ``permission``."""
    if not allowed(current_actor(), permission, subject):
        abort(403)


def role_table(actor: Actor, permission: str) -> bool:
    """Core's own answer: the roles of the actor's teams, and what those teams are granted."""
    if actor.admin:
        return True
    teams = registry().teams
    if any(permission in teams[code].grants for code in actor.roles if code in teams):
        return True
    declared = registry().permissions.get(permission)
    if declared is None or declared.level == "admin":
        return False
    roles = [role for code, role in actor.roles.items() if not declared.teams or code in declared.teams]
    return bool(roles) if declared.level == "member" else "lead" in roles


def record(ref: Ref, actor: Actor) -> Any | None:
    """The store record ``ref`` names, if ``actor`` may see it; None otherwise."""
    kind = registry().record_types.get(ref.kind)
    if kind is None or not allowed(actor, kind.permission):
        return None
    return db.session.scalar(select(kind.model).where(kind.model.id == ref.id, kind.model.visible_to(actor)))


def load(model: type[Any], actor: Actor, **by: Any) -> Any:
    """The object that ``by`` names, if ``actor`` may see it; 404 otherwise, the same as for one that is not there."""
    found = db.session.scalar(_seen(model, model.visible_to(actor), *by), by)
    if found is None:
        abort(404)
    return found


@lru_cache(maxsize=200)  # to put the statement together takes longer than to ask
def _seen(model: type[Any], visible: ColumnElement[bool], *names: str) -> Select[Any]:
    return select(model).where(*(getattr(model, name) == bindparam(name) for name in names), visible)
