"""Money lines of a partner's subject: top-ups, commissions of affiliates, goodwill payments."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, or_, select

from core import localtime
from core.extensions import db
from plugins.finance.books.models import Line
from plugins.finance.matching.kinds import DEFAULT, chosen, classify


def span(column: ColumnElement[datetime], first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    """That a time lies from day ``first`` to day ``last`` where the stores are."""
    found: list[ColumnElement[bool]] = []
    if first is not None:
        found.append(column >= localtime.begins(first))
    if last is not None:
        found.append(column < localtime.begins(last + timedelta(days=1)))
    return found


def of_subject(store_id: int, subject: str, first: date | None = None, last: date | None = None) -> Sequence[Line]:
    """The store's lines of a subject, oldest first, by the default kinds of lines."""
    words = {word for kind in DEFAULT if kind.subject == subject for word in (*kind.memos, *kind.texts)}
    named = [
        column.contains(word, autoescape=True)
        for word in sorted(words)
        for column in (Line.memo, Line.subject, Line.merchant_no)
    ]
    query = select(Line).where(Line.store_id == store_id, or_(*named), *span(Line.at, first, last))
    lines = db.session.scalars(query.order_by(Line.at, Line.id)).all()
    told = [(line.account.partition(":")[0], line.kind, line.subject or "", line.amount > 0) for line in lines]
    kinds = classify(DEFAULT, told)
    return [
        line
        for line, candidates in zip(lines, kinds, strict=True)
        if chosen(candidates, line.memo or "", line.merchant_no or "").subject == subject
    ]
