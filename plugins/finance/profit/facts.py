"""From books to facts: one row for every amount of money, its part, its day, its article and where it comes from. Pure.

Facts add up whatever they are grouped by: an amount that belongs to no article is the row of no article.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from plugins.finance.profit.rules import (
    ADS,
    COLUMNS,
    GAIN,
    GIFTS,
    GOODS,
    OPEN,
    REFUNDS,
    RISK,
    SALES,
    SHARED,
    refunded,
    spread,
)

NOTHING = -1  # no order, no article
SHAPES: dict[str, dict[str, str]] = {
    "orders": {
        "id": "int64", "day": "int64", "paid_on": "int64", "total": "int64", "kept": "int64", "refund": "int64",
        "received": "int64", "returned": "int64", "sent": "bool", "open": "bool", "risk": "int64", "gain": "int64",
    },
    "lines": {
        "order": "int64", "article": "int64", "item": "object", "code": "object", "quantity": "int64",
        "weight": "int64", "refund": "int64", "gift": "bool",
    },
    "charges": {
        "source": "object", "id": "int64", "part": "object", "order": "int64", "day": "int64", "amount": "int64",
    },
    "ads": {"id": "int64", "day": "int64", "item": "object", "article": "int64", "amount": "int64"},
    "shared": {"id": "int64", "day": "int64", "gift": "bool", "amount": "int64"},
    "costs": {"code": "object", "since": "int64", "amount": "int64"},
}  # fmt: skip
FACT = ["part", "day", "article", "order", "source", "id", "amount"]


def frame(name: str, rows: Any = ()) -> pd.DataFrame:
    """A table of ``Books``, with its columns and types even when it is empty."""
    shape = SHAPES[name]
    columns = list(zip(*rows, strict=True)) or [()] * len(shape)
    told = {
        column: pd.Series(values, dtype=kind) for (column, kind), values in zip(shape.items(), columns, strict=True)
    }
    return pd.DataFrame(told)


@dataclass
class Books:
    """What profit is worked out from, of one store and some days. Days are ordinals, money is fen, costs are positive.

    ``order`` is a row's place in ``orders``, ``article`` one in ``articles`` (key, label), both -1 for none.
    ``charges`` belong to an order, or to none and a day, and have their own sign. ``weight`` is what a line counts for
    within its order. ``ads`` with an ``item`` belong to its lines of that day, other ads and ``shared`` costs to all.
    """

    orders: pd.DataFrame = field(default_factory=partial(frame, "orders"))
    lines: pd.DataFrame = field(default_factory=partial(frame, "lines"))
    charges: pd.DataFrame = field(default_factory=partial(frame, "charges"))
    ads: pd.DataFrame = field(default_factory=partial(frame, "ads"))
    shared: pd.DataFrame = field(default_factory=partial(frame, "shared"))
    costs: pd.DataFrame = field(default_factory=partial(frame, "costs"))
    articles: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """All amounts, the codes of articles that were sold without a known cost, and how many orders were sent of which
    not every article is known by its code."""

    rows: pd.DataFrame
    uncosted: tuple[str, ...] = ()
    uncoded: int = 0

    def by(self, *keys: str) -> pd.DataFrame:
        """The sums of every column for every value of ``keys``."""
        sums = self.rows.groupby([*keys, "part"], sort=True)["amount"].sum().unstack("part", fill_value=0)
        return sums.reindex(columns=list(COLUMNS), fill_value=0).astype("int64")

    def total(self) -> dict[str, int]:
        """The sum of every column."""
        sums = self.rows.groupby("part")["amount"].sum()
        return {column: int(sums.get(column, 0)) for column in COLUMNS}


def facts(books: Books, articles: bool = True) -> Facts:
    """The facts of ``books``; without ``articles`` nothing is put to single ones, which is faster and sums the same."""
    whole, spent = _of_orders(books), _of_days(books)
    goods, uncosted = _goods(books)
    uncoded = _uncoded(books)
    if articles:
        whole, spent = _to_lines(whole, books), _to_articles(spent, books)
    rows = pd.concat([whole, goods, spent], ignore_index=True)[FACT]
    return Facts(rows[rows["amount"] != 0].reset_index(drop=True), uncosted, uncoded)


def _uncoded(books: Books) -> int:
    sent = np.flatnonzero(books.orders["sent"].to_numpy(bool) & (books.orders["total"].to_numpy() > 0))
    coded = books.lines["code"].to_numpy() != ""
    owner = books.lines["order"].to_numpy()
    return len(np.setdiff1d(sent, np.setdiff1d(owner[coded], owner[~coded])))


def _of_orders(books: Books) -> pd.DataFrame:
    """What orders brought and cost, an order a row; and charges that belong to none."""
    orders = books.orders
    back = refunded(orders["total"], orders["kept"], orders["refund"], orders["received"], orders["returned"])
    left = orders["total"] - back
    amounts = {
        SALES: orders["total"],
        REFUNDS: -back,
        OPEN: np.where(orders["open"], left, 0),
        RISK: orders["risk"],
        GAIN: orders["gain"],
    }
    places = np.arange(len(orders))
    parts = [
        pd.DataFrame(
            {"part": part, "day": orders["day"], "order": places, "source": "order", "id": orders["id"], "amount": each}
        )
        for part, each in amounts.items()
    ]
    charges = books.charges.copy()
    known = charges["order"].to_numpy() >= 0
    charges.loc[known, "day"] = orders["day"].to_numpy()[charges["order"].to_numpy()[known]]
    rows = pd.concat([*parts, charges[["part", "day", "order", "source", "id", "amount"]]], ignore_index=True)
    return rows.assign(article=NOTHING)


def _goods(books: Books) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """What the goods cost that were sent: each line by the newest cost known on the day it was paid."""
    lines = books.lines.reset_index(names="place")
    orders = books.orders
    owner = lines["order"].to_numpy()
    lines = lines.assign(paid_on=orders["paid_on"].to_numpy()[owner], sent=orders["sent"].to_numpy()[owner])
    lines = lines[lines["sent"]].sort_values("paid_on", kind="stable")
    costs = books.costs.rename(columns={"since": "paid_on"}).sort_values("paid_on", kind="stable")
    known = pd.merge_asof(lines, costs, on="paid_on", by="code") if len(lines) else lines.assign(amount=0)
    lacking = sorted({str(code) for code in known["code"][known["amount"].isna()]} - {""})
    known = known[known["amount"].notna()].sort_values("place", kind="stable")
    owner = known["order"].to_numpy()
    return pd.DataFrame(
        {
            "part": np.where(known["gift"].to_numpy(bool), GIFTS, GOODS),
            "day": orders["day"].to_numpy()[owner],
            "article": known["article"].to_numpy(),
            "order": owner,
            "source": "order",
            "id": orders["id"].to_numpy()[owner],
            "amount": -known["amount"].to_numpy("int64") * known["quantity"].to_numpy(),
        }
    ), tuple(lacking)


def _of_days(books: Books) -> pd.DataFrame:
    """What was spent on days, not on orders."""
    ads = books.ads.assign(part=ADS, source="ad", order=NOTHING, amount=-books.ads["amount"])
    shared = books.shared.assign(source="shared", order=NOTHING, article=NOTHING, amount=-books.shared["amount"])
    shared["part"], shared["item"] = np.where(shared["gift"].to_numpy(bool), GIFTS, SHARED), ""
    return pd.concat([ads, shared], ignore_index=True)[[*FACT, "item"]]


def _to_lines(rows: pd.DataFrame, books: Books) -> pd.DataFrame:
    """Every row of an order with lines as one row for each line."""
    lines = books.lines.sort_values("order", kind="stable")
    has = rows["order"].isin(set(lines["order"])) & (rows["amount"] != 0)
    split, rest = rows[has].reset_index(drop=True), rows[~has]
    if not len(split):
        return rows
    merged = split[["order", "part"]].reset_index(names="group").merge(
        lines[["order", "article", "weight", "refund"]], on="order", how="left", suffixes=("", "_line")
    )  # fmt: skip
    marked = merged.groupby("group")["refund"].transform("sum") > 0
    weights = np.where((merged["part"] == REFUNDS) & marked, merged["refund"], merged["weight"])
    groups = merged["group"].to_numpy()
    made = split.iloc[groups].reset_index(drop=True)
    made["article"] = merged["article"].to_numpy()
    made["amount"] = spread(split["amount"].to_numpy(), groups, weights)
    return pd.concat([made, rest], ignore_index=True)


def _to_articles(rows: pd.DataFrame, books: Books) -> pd.DataFrame:
    """What was spent on a day as one row for each article sold on it, by what it sold."""
    lines = books.lines.assign(day=books.orders["day"].to_numpy()[books.lines["order"].to_numpy()])
    sold = lines.groupby(["day", "item", "article"], sort=True)["weight"].sum().reset_index()
    rows = rows.reset_index(drop=True).reset_index(names="group")
    named = rows["item"] != ""
    keys = ["group", "day"]
    merged = pd.concat(
        [
            rows[named][[*keys, "item"]].merge(sold, on=["day", "item"]),
            rows[~named][keys].merge(sold, on="day"),
        ],
        ignore_index=True,
    ).sort_values(["group", "article"], kind="stable")
    if not len(merged):
        return rows[FACT]
    groups = merged["group"].to_numpy()
    made = rows.iloc[groups].reset_index(drop=True)
    made["article"] = merged["article"].to_numpy()
    made["amount"] = spread(rows["amount"].to_numpy(), groups, merged["weight"].to_numpy())
    rest = rows[~rows["group"].isin(set(groups.tolist()))]
    return pd.concat([made, rest], ignore_index=True)[FACT]
