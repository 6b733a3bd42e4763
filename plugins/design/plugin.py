"""Design: the hook implementations."""
