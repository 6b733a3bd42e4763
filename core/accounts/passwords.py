"""Passwords as argon2id hashes, never more than a few computed at once."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.accounts.rules import normal_password
from core.messages import Message, Refusal, msg

AT_ONCE = 4  # each takes 64 MiB and a fifth of a second
PATIENCE = 10.0  # seconds
hasher = PasswordHasher()
_turns = BoundedSemaphore(AT_ONCE)


class Throttled(Refusal):
    """Too many tries; the next may be made after ``retry_after`` seconds."""

    status = 429

    def __init__(self, reason: Message, retry_after: int):
        super().__init__(reason)
        self.retry_after = retry_after


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=PATIENCE):
        raise Throttled(msg("Too many people are logging in at this moment. Try again in a minute."), 60)
    try:
        yield
    finally:
        _turns.release()


def hashed(password: str) -> str:
    """The hash to store. Slow by design: call it while no connection is held, and in no transaction."""
    with _turn():
        return hasher.hash(normal_password(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether ``password`` gave ``stored``; without a stored one it takes the same time to say no."""
    with _turn():
        try:
            return hasher.verify(stored or nobodys(), normal_password(password)) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether ``stored`` was made with other settings than today's."""
    return hasher.check_needs_rehash(stored)


def nobodys() -> str:
    """A well-formed hash that no known password has, as costly to check as a real one."""
    salt, digest = (base64.b64encode(bytes(size)).rstrip(b"=").decode() for size in (hasher.salt_len, hasher.hash_len))
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${salt}${digest}"
