"""Tables of what holds from one day to another: rules, freight templates, weights, capacities, campaigns, gifts."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.columns import BigId, Fen
from core.extensions import Model


class Rule(Model):
    """What is demanded from one day to another: of dispatch, or for a parcel to count as an exception.

    Where two of a kind hold on one day, the one that began last counts. ``values`` are those that its kind has.
    """

    __tablename__ = "logistics_rule"
    __table_args__ = (Index("ix_logistics_rule_kind", "kind", "since"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]  # the last day
    hours: Mapped[int | None]
    by_day: Mapped[date | None]  # dispatch: at the latest on this day
    remedy: Mapped[str] = mapped_column(default="")
    due_hours: Mapped[int] = mapped_column(default=24)
    ground: Mapped[str] = mapped_column(Text, default="")  # where the rule is written


class Tariff(Model):
    """A courier's freight template from one day to another; ``basis`` is weight, volume or piece."""

    __tablename__ = "logistics_tariff"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    carrier: Mapped[str] = mapped_column(index=True)
    since: Mapped[date]
    until: Mapped[date | None]
    basis: Mapped[str] = mapped_column(default="weight")
    divisor: Mapped[int] = mapped_column(default=6000)  # by volume: cubic centimetres that count as a kilogram
    tolerance: Mapped[int] = mapped_column(default=0)  # grams by which the courier's scales may differ
    zones: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # as rules.freight.Zone


class GoodsWeight(Model):
    """What one piece of an article weighs and takes up, packed."""

    __tablename__ = "logistics_goods_weight"

    code: Mapped[str] = mapped_column(primary_key=True)
    grams: Mapped[int]
    volume: Mapped[int | None]  # cubic centimetres


class Capacity(Model):
    """How many parcels a warehouse can send, or a courier collect, a day, from one day to another."""

    __tablename__ = "logistics_capacity"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]  # warehouse or carrier
    name: Mapped[str]
    since: Mapped[date]
    until: Mapped[date | None]
    per_day: Mapped[int]


class Campaign(Model):
    """Days on which more parcels than usual are expected; ``percent`` of the usual number, 100 being as usual."""

    __tablename__ = "logistics_campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    percent: Mapped[int]


class Gift(Model):
    """What goes into a parcel beside the goods, from one day to another: a gift, an insert."""

    __tablename__ = "logistics_gift"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str]
    since: Mapped[date]
    until: Mapped[date]
    merchant_code: Mapped[str] = mapped_column(default="")  # only with this article
    least: Mapped[int] = mapped_column(Fen, default=0)  # only for orders of at least this much
    put_in: Mapped[str] = mapped_column(Text)
