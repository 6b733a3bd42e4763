"""For tests and measurements: signed in without the slow password check."""

from typing import Any

from core.accounts import sessions
from core.accounts.gate import session_cookie
from core.transactions import transaction


def sign_in(client: Any, user: Any) -> str:
    """Give the client's browser a session of ``user``; its token."""
    with client.application.app_context():
        with transaction():
            token = sessions.open_session(user.id, agent="test")
        client.set_cookie(session_cookie(), token, secure=client.application.config["SECURE_COOKIES"])
    return token
