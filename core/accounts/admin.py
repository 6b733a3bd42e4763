"""Pages for the administrator: users and plugins."""

from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from core import plugins
from core.access import current_actor, load, needs
from core.accounts import rules, services
from core.accounts.models import User
from core.accounts.views import attempt, bp
from core.extensions import db
from core.messages import Refusal, msg
from core.pages import answer
from core.registry import registry
from core.web import go


@bp.get("/users")
@needs("accounts.manage")
def users() -> ResponseReturnValue:
    wanted, team, state = (request.args.get(name, "").strip() for name in ("q", "team", "state"))
    query = select(User).options(selectinload(User.memberships)).order_by(User.active.desc(), User.name)
    if wanted:
        query = query.where(
            or_(User.login.icontains(wanted, autoescape=True), User.name.icontains(wanted, autoescape=True))
        )
    if team:
        query = query.where(User.memberships.any(team=team))
    if state:
        query = query.where(User.active == (state == "active"))
    return render_template("admin/users.html", users=db.session.scalars(query).all())


@bp.get("/users/new")
@needs("accounts.manage")
def new_user() -> ResponseReturnValue:
    return _user_form(None)


@bp.post("/users/new")
@needs("accounts.manage")
def create_user() -> ResponseReturnValue:
    login, password = request.form.get("login", ""), request.form.get("password", "")
    return attempt(
        lambda: services.create_user(current_actor(), login=login, password=password, **_rights()),
        lambda: go("accounts.users", msg("%(name)s can log in now.", name=request.form.get("name") or login)),
        lambda refusal: _user_form(None, refusal),
    )


@bp.get("/users/<int:user_id>")
@needs("accounts.manage")
def user(user_id: int) -> ResponseReturnValue:
    return _user_form(load(User, current_actor(), id=user_id))


@bp.post("/users/<int:user_id>")
@needs("accounts.manage")
def save_user(user_id: int) -> ResponseReturnValue:
    found = load(User, current_actor(), id=user_id)
    return attempt(
        lambda: services.edit_user(current_actor(), found.id, **_rights()),
        lambda: go("accounts.users", msg("%(name)s is stored.", name=found.name)),
        lambda refusal: _user_form(found, refusal),
    )


@bp.post("/users/<int:user_id>/password")
@needs("accounts.manage")
def reset_password(user_id: int) -> ResponseReturnValue:
    found = load(User, current_actor(), id=user_id)
    keep = g.presence.session_id if found.id == current_actor().user_id else None
    return attempt(
        lambda: services.set_password(current_actor(), found.id, request.form.get("password", ""), keep),
        lambda: go("accounts.user", msg("The new password holds; their devices are logged out."), user_id=user_id),
        lambda refusal: _user_form(found, refusal),
    )


@bp.post("/users/<int:user_id>/<any(disable, enable):what>")
@needs("accounts.manage")
def switch_user(user_id: int, what: str) -> ResponseReturnValue:
    """Close an account, or open it again."""
    found = load(User, current_actor(), id=user_id)
    if what == "disable":
        services.disable_user(current_actor(), found.id)
        return go("accounts.users", msg("%(name)s can no longer log in.", name=found.name))
    services.enable_user(current_actor(), found.id)
    return go("accounts.users", msg("%(name)s can log in again.", name=found.name))


@bp.get("/plugins")
@needs("accounts.manage")
def plugin_list() -> ResponseReturnValue:
    """Which plugins are installed, which of them are enabled, and which had to be left out."""
    return render_template("admin/plugins.html", plugins=plugins.standings())


def _user_form(found: User | None, refusal: Refusal | None = None) -> ResponseReturnValue:
    """The form as it was sent, if it was refused; else as the user is stored."""
    values: dict[str, Any] = {"login": request.form.get("login", "")}
    if "name" in request.form:
        values |= _rights()
    elif found:
        values |= {"name": found.name, "admin": found.admin, "roles": found.roles}
    teams = registry().teams.values()
    return answer("admin/user.html", refusal, values=values, user=found, teams=teams, role_labels=rules.ROLE_LABELS)


def _rights() -> dict[str, Any]:
    """The fields of a user's form; a team whose role is left empty is none of theirs."""
    given = {code: request.form.get(f"team-{code}", "") for code in registry().teams}
    return {
        "name": request.form.get("name", ""),
        "admin": "admin" in request.form,
        "roles": {code: role for code, role in given.items() if role},
    }
