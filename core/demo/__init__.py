"""A demo store to look around in: people of every team, products, orders, and what plugins add."""

from core.demo.filling import PASSWORD, load, logins

__all__ = ["PASSWORD", "load", "logins"]
