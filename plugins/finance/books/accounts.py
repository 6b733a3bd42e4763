"""Which store an account belongs to."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from core.contracts import ImportRecord
from core.extensions import db
from core.messages import Message, msg
from core.stores.models import Store
from plugins.finance.books.models import Line


def objections(records: Iterable[ImportRecord], store_id: int | None) -> Sequence[Message]:
    """The accounts in ``records`` whose lines another store has already: an account is of one store."""
    accounts = {record.values["account"] for record in records if record.values.get("account")}
    numbered = sorted(account for account in accounts if account[-1:].isdigit())
    return [reason for account in numbered if (reason := belongs_elsewhere(account, store_id))]


def belongs_elsewhere(account: str, store_id: int | None) -> Message | None:
    """Why the lines of an account cannot be in this store: another one has it."""
    store = _holder(account, store_id)
    return _belongs(account, store) if store else None


def _holder(account: str, store_id: int | None) -> str | None:
    held = select(Line.id).where(Line.store_id == Store.id, Line.account == account).exists()
    return db.session.scalar(select(Store.name).where(Store.id != (store_id or 0), held).order_by(Store.id).limit(1))


def _belongs(account: str, store: str) -> Message:
    return msg(
        "The account %(account)s belongs to the store %(store)s; its lines cannot be in two stores.",
        account=account.partition(":")[2],
        store=store,
    )
