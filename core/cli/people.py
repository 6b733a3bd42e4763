"""``storeboard user``: accounts, for the first administrator and for who is locked out."""

import sys
from typing import Any

import click

from core.cli import _, stored


@click.group(help=_("Add, list and disable users; set passwords."))
def user_command() -> None:
    pass


@user_command.command(help=_("Add a user. The password is asked for, unless --password-stdin."))
@click.argument("login")
@click.option("--name", default="", help=_("The name others see; the log-in name, if none is given."))
@click.option("--admin", is_flag=True, help=_("May administer everything."))
@click.option("--team", "teams", multiple=True, metavar="TEAM[:lead]", help=_("A team to join; may be repeated."))
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input."))
def add(login: str, name: str, admin: bool, teams: tuple[str, ...], password_stdin: bool) -> None:
    from core.accounts.services import create_user
    from core.contracts import SYSTEM

    roles = {team: role or "member" for team, _colon, role in (word.partition(":") for word in teams)}
    with stored():
        password = _password(password_stdin)
        create_user(SYSTEM, login=login, name=name, password=password, admin=admin, roles=roles)
    click.echo(_("%(login)s can sign in.", login=login))


@user_command.command(help=_("Give a user another password; their sessions end."))
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input."))
def password(login: str, password_stdin: bool) -> None:
    from core.accounts.services import set_password
    from core.contracts import SYSTEM

    with stored():
        set_password(SYSTEM, _user(login).id, _password(password_stdin))
    click.echo(_("%(login)s has another password.", login=login))


@user_command.command(help=_("Close an account and end its sessions at once."))
@click.argument("login")
def disable(login: str) -> None:
    from core.accounts.services import disable_user
    from core.contracts import SYSTEM

    with stored():
        disable_user(SYSTEM, _user(login).id)
    click.echo(_("%(login)s is disabled.", login=login))


@user_command.command("list", help=_("All users, with their teams."))
def list_() -> None:
    from sqlalchemy import select
    from sqlalchemy.orm import selectinload

    from core.accounts.models import User
    from core.extensions import db

    with stored():
        for user in db.session.scalars(select(User).options(selectinload(User.memberships)).order_by(User.login)):
            teams = [f"{team}:{role}" for team, role in user.roles.items()]
            marks = [_("administrator")] * user.admin + [_("disabled")] * (not user.active)
            click.echo("\t".join([user.login, user.name, " ".join(teams), " ".join(marks)]).rstrip())


def _user(login: str) -> Any:
    from sqlalchemy import select

    from core.accounts.models import User
    from core.accounts.rules import normal_login
    from core.extensions import db

    user = db.session.scalar(select(User).where(User.login == normal_login(login)))
    if user is None:
        raise click.ClickException(_("Nobody has the log-in name %(login)s.", login=login))
    return user


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt(_("Password"), hide_input=True, confirmation_prompt=True)
