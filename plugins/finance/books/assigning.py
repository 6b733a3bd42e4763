"""Say whose account a bill is of, where the bill itself does not."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import aliased

from core.audit import services as audit
from core.contracts import Actor, Ref
from core.extensions import db
from core.imports.models import UNCHANGED, ImportBatch, ImportRow, through
from core.imports.plans import chunks
from core.imports.rules import money_text
from core.messages import Refusal, msg, refuse
from core.transactions import transaction
from plugins.finance.books import accounts
from plugins.finance.books.models import Control, Line
from plugins.finance.differences.models import Difference
from plugins.finance.matching.models import Match
from plugins.finance.periods import locks
from plugins.finance.periods.rules import book_day

NUMBER = re.compile(r"[\d*]{8,32}", re.ASCII)
ASSIGNED = "account_assigned"


def known_accounts(store_id: int | None, channel: str) -> list[str]:
    """The numbers of a store's accounts of a channel that statements have named."""
    query = select(Control.account).where(Control.store_id == store_id, Control.account.startswith(f"{channel}:"))
    numbers = (account.partition(":")[2] for account in db.session.scalars(query.distinct().order_by(Control.account)))
    return [number for number in numbers if NUMBER.fullmatch(number)]


def assign(batch: ImportBatch, nameless: str, number: str, actor: Actor) -> int:
    """Put the lines that a file brought for a ``nameless`` account to the account ``number``; returns how many.

    A line that the account has already is the same line, seen twice.
    """
    number = re.sub(r"\s", "", number)
    if not NUMBER.fullmatch(number):
        refuse(account=msg("Give the account number as the platform shows it, 8 digits or more."))
    account = f"{nameless.partition(':')[0]}:{number}"
    if reason := accounts.belongs_elsewhere(account, batch.store_id):
        refuse(account=reason)
    with transaction():
        rows = select(ImportRow.record_id, ImportRow.last_id)
        told = db.session.execute(rows.where(ImportRow.batch_id == batch.id, ImportRow.kind + "" == "finance.line"))
        parts = [_unnamed(batch, part, nameless) for part in chunks(sorted(through(told)))]
        times = [at for part in parts for at in part.values()]
        if not times:
            raise Refusal(msg("No line of this file is without an account any more."))
        locks.demand_open(batch.store_id, book_day(min(times)), book_day(max(times)))
        for part in filter(None, parts):
            _same_lines(part, nameless, account)
            _rename(Difference, Difference.key, Difference.line_id.in_(part), f"line:{nameless}", f"line:{account}")
            _rename(Line, Line.key, Line.id.in_(part), nameless, account)
        _controls(batch, nameless, account)
        data = {"file": batch.file_name, "account": number, "lines": len(times)}
        audit.record(actor, ASSIGNED, Ref("core.import", batch.id), data, store_id=batch.store_id, team="finance")
    return len(times)


def _unnamed(batch: ImportBatch, ids: list[int], nameless: str) -> dict[int, datetime]:
    """Those of these lines that are of no named account, and when they moved."""
    query = select(Line.id, Line.at).where(Line.store_id == batch.store_id, Line.id.in_(ids))
    return dict(db.session.execute(query.where(Line.account == nameless)).all())


def _named(key: Any, nameless: str, account: str) -> Any:
    return account + func.substr(key, len(nameless) + 1)


def _rename(model: Any, key: Any, these: ColumnElement[bool], nameless: str, account: str) -> None:
    values = {key: _named(key, nameless, account), **({Line.account: account} if model is Line else {})}
    mine = these & key.startswith(f"{nameless}:", autoescape=True)
    db.session.execute(update(model).where(mine).values(values).execution_options(synchronize_session=False))


def _same_lines(ids: Collection[int], nameless: str, account: str) -> None:
    """Lines that are stored under the account's own name already: their rows speak of those, and they go."""
    other = aliased(Line)
    same = (other.store_id == Line.store_id) & (other.key == _named(Line.key, nameless, account))
    query = select(Line.id, Line.flow_no, Line.amount, other.id, other.amount).join(other, same)
    for line, flow, amount, known, stored in db.session.execute(query.where(Line.id.in_(ids))).all():
        if amount != stored:
            raise Refusal(
                msg(
                    "The account has line %(flow)s already, with %(stored)s instead of %(amount)s: it is not the same "
                    "account, or one of the files is wrong.",
                    flow=flow or "",
                    stored=money_text(stored),
                    amount=money_text(amount),
                )
            )
        if db.session.scalar(select(Match.id).where(Match.line_id == line).limit(1)) is not None:
            raise Refusal(msg("Line %(flow)s was matched by hand: take that back first.", flow=flow or ""))
        for row in db.session.scalars(select(ImportRow).where(ImportRow.tells_of("finance.line", line))).all():
            told = {"batch_id": row.batch_id, "sheet": row.sheet, "kind": row.kind, "number": row.number_of(line)}
            if row.last_id is None:
                db.session.delete(row)
            db.session.add(ImportRow(**told, record_id=known, action=UNCHANGED))
        db.session.execute(delete(Line).where(Line.id == line))


def _controls(batch: ImportBatch, nameless: str, account: str) -> None:
    """What the file says of itself is of the account now, unless another file says it already."""
    mine = select(ImportRow.record_id).where(ImportRow.batch_id == batch.id, ImportRow.kind == "finance.control")
    for control in db.session.scalars(select(Control).where(Control.id.in_(mine), Control.account == nameless)).all():
        key = account + control.key.removeprefix(nameless)
        known = db.session.scalar(select(Control.id).where(Control.store_id == control.store_id, Control.key == key))
        if known is None:
            control.account, control.key = account, key
        else:
            rows = update(ImportRow).where(ImportRow.kind == "finance.control", ImportRow.record_id == control.id)
            db.session.execute(rows.values(record_id=known, action=UNCHANGED))
            db.session.delete(control)
