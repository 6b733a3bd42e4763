"""What purchasing's tables have in common. Money is fen, quantities are whole pieces, times are UTC."""

from sqlalchemy import ColumnElement, false, true

from core.access import allowed
from core.contracts import Actor

NEVER_AGAIN = {"sqlite_autoincrement": True}


class Record:
    """What purchasing's records have in common: who may see them."""

    @classmethod
    def visible_to(cls, actor: Actor) -> ColumnElement[bool]:
        """Who buys, and whom purchasing lets look."""
        return true() if allowed(actor, "purchasing.view") else false()
