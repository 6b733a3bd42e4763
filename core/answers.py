"""What plugins answer to each other's questions, and the demo store that they fill: frozen dataclasses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.contracts import Actor, Ref
from core.messages import Message


@dataclass(frozen=True)
class Promise:
    """Money promised to a buyer beside the platform's own refunds (a goodwill payment), in fen.

    ``number`` names the promise, the same for ever; ``ref`` is the record that holds it, if it has a page.
    """

    number: str
    order_no: str
    amount: int
    promised_at: datetime
    reason: str = ""
    by: str = ""
    ref: Ref | None = None


@dataclass(frozen=True)
class Parcel:
    """A parcel that somebody knows of: its waybill, and when it was handed over (None: it was not)."""

    waybill_no: str
    shipped_at: datetime | None = None
    carrier: str = ""
    grams: int | None = None
    ref: Ref | None = None


@dataclass(frozen=True)
class Receipt:
    """Goods that came in from a supplier: for which purchase, how many pieces, worth how much in fen, where known.

    ``number`` names the receipt; goods sent back have a negative quantity and value.
    """

    number: str
    supplier: str
    on: date
    purchase_no: str = ""
    goods: str = ""
    quantity: int | None = None
    amount: int | None = None
    ref: Ref | None = None


@dataclass(frozen=True)
class Payable:
    """A paper between the store and a supplier, in fen: an invoice with what is held of it, or a claim on the supplier.

    An invoice asks ``amount``, of which ``held`` may not be paid yet, for the reasons ``why``; a claim asks ``claimed``
    back. ``ref`` is the record that tells more, if it has a page.
    """

    number: str
    supplier: str
    on: date
    purchase_no: str = ""
    amount: int = 0
    held: int = 0
    claimed: int = 0
    why: tuple[Message | str, ...] = ()
    due_on: date | None = None
    ref: Ref | None = None


@dataclass(frozen=True)
class Demo:
    """The demo store while it is being filled: ``people`` by log-in, ``products`` to ask for work on.

    ``ago(hours)`` is a moment at work, about so long ago; ``picture(text, size)`` draws a product picture as an upload.
    """

    store_id: int
    people: Mapping[str, Actor]
    products: tuple[Ref, ...]
    ago: Callable[[float], datetime]
    picture: Callable[[str, tuple[int, int]], Any]
