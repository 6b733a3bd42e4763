"""Who works here: users, their teams and roles, their sign-ins and preferences."""

from core.accounts.gate import init_app, locale_selector, timezone_selector

__all__ = ["init_app", "locale_selector", "timezone_selector"]
