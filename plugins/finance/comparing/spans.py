"""Moments as exports write them: seconds of the platform's own clock. Pure."""

from datetime import UTC, datetime, timedelta

from core.imports.rules import SHANGHAI_AHEAD

DAY = 86_400
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds_of(moment: datetime) -> int:
    """A moment in seconds of the platform's clock."""
    return (moment - EPOCH + SHANGHAI_AHEAD) // timedelta(seconds=1)


def moment_of(seconds: int) -> datetime:
    """The moment of so many seconds of the platform's clock."""
    return EPOCH + timedelta(seconds=seconds) - SHANGHAI_AHEAD
