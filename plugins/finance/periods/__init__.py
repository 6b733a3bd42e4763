"""Sign-off of a period, its lock, and its papers."""
