"""Search among order and waybill numbers, of which there are too many to read each."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select

SHORTEST_BEGINNING = 6
SHORTEST_NUMBER = 10


@dataclass(frozen=True)
class Number:
    """A column of numbers in a listing's search: found by its beginning, for which it has an index.

    A few digits, such as the last four that people tell each other, are looked for at either end, a short word
    anywhere; but not in a number that people only paste, which is ``whole``.
    """

    column: Any
    whole: bool = False

    def icontains(self, word: str, autoescape: bool) -> ColumnElement[bool]:
        """The condition for one word, as a column of text gives it."""
        after, begins = following(word), self.column.startswith(word, autoescape=autoescape)
        if after is not None:
            begins = and_(self.column >= word, self.column < after, begins)
            if len(word) >= SHORTEST_BEGINNING:
                return begins
        if self.whole and len(word) < SHORTEST_BEGINNING:
            return false()
        row = self.column.class_.id  # which its index leads to: the rows themselves are many times as much to read
        digits = or_(begins, self.column.endswith(word, autoescape=autoescape))
        here = digits if word.isdecimal() else self.column.icontains(word, autoescape=autoescape)
        return row.in_(select(row).where(here))


@dataclass(frozen=True)
class Words:
    """A column of text beside numbers in a listing's search: what can only be a number is not looked for in it."""

    column: Any

    def icontains(self, word: str, autoescape: bool) -> ColumnElement[bool]:
        """The condition for one word, as a column of text gives it."""
        if word.isdecimal() and len(word) >= SHORTEST_NUMBER:
            return false()
        return self.column.icontains(word, autoescape=autoescape)


def following(number: str) -> str | None:
    """What comes after all numbers that begin so, however a database sorts letters: the last digit below 9 plus one."""
    place = next((place for place in reversed(range(len(number))) if number[place] in "012345678"), None)
    return None if place is None else f"{number[:place]}{int(number[place]) + 1}"
