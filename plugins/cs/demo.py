"""Customer service's part of the demo store."""

from core.answers import Demo


def load(demo: Demo) -> None:
    """Tell the stories of a day at the desk."""
