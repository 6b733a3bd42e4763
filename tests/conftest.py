"""What holds for all tests; their fixtures come from ``core.testing``, as for everybody's plugins."""

from hypothesis import settings

# No deadline, for a busy machine is no failure; the same examples everywhere, so that a failure can be repeated.
settings.register_profile("storeboard", deadline=None, derandomize=True)
settings.load_profile("storeboard")
