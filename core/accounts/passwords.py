"""Passwords as argon2id hashes, never more than a few computed at once."""

import base64
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.accounts.rules import normal_password

AT_ONCE = 4  # each takes 64 MiB and a fifth of a second
hasher = PasswordHasher()
_turn = BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """The hash to store. Slow by design: call it outside of a transaction."""
    with _turn:
        return hasher.hash(normal_password(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether ``password`` gave ``stored``; without a stored one it takes the same time to say no."""
    with _turn:
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
