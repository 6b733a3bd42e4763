"""For tests: signed in without the slow password check, and passwords quickly hashed."""

from typing import Any

from argon2 import PasswordHasher

from core.accounts import passwords, sessions
from core.accounts.gate import session_cookie
from core.transactions import transaction


def sign_in(client: Any, user: Any) -> str:
    """Give the client's browser a session of ``user``; its token."""
    with client.application.app_context():
        with transaction():
            token = sessions.open_session(user.id, agent="test")
        client.set_cookie(session_cookie(), token, secure=client.application.config["SECURE_COOKIES"])
    return token


def hash_quickly() -> None:
    """Hash passwords with the least argon2 allows, for as long as this process runs."""
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
