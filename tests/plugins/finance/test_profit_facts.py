"""Every amount stands in the facts once, with its day, its article and its row; whatever they are grouped by."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.finance.profit.facts import Books, facts, frame
from plugins.finance.profit.rules import COLUMNS, profit, refunded

D1, D2 = 739_571, 739_572  # 2025-11-10 and the day after
FEN = st.integers(0, 10**7)
DAYS = st.integers(D1, D1 + 3)


def order(id, day, total, *, kept=None, refund=0, received=None, returned=0, sent=True, open=False, risk=0, gain=0):
    kept = total - refund if kept is None else kept
    received = kept if received is None else received
    return (id, day, day, total, kept, refund, received, returned, sent, open, risk, gain)


def line(order, article, weight, quantity=1, *, item="", code="", refund=0, gift=False):
    return (order, article, item, code, quantity, weight, refund, gift)


def figures(sums, key):
    return {part: int(amount) for part, amount in sums.loc[key].items() if amount}


def shop():
    return Books(
        orders=frame("orders", [order(1, D1, 10000), order(2, D1, 5901, refund=901, open=True, risk=-5000)]),
        lines=frame(
            "lines",
            [
                line(0, 0, 6000, 2, item="61", code="A"),
                line(0, 1, 3000, 1, item="62", code="B"),
                line(0, 2, 0, 1, item="63", code="G", gift=True),
                line(1, 0, 5901, 1, item="61", code="A"),
            ],
        ),
        charges=frame(
            "charges",
            [
                ("line", 7, "fees", 0, D2, -301),
                ("parcel", 8, "freight", 1, D2, -450),
                ("line", 9, "fees", -1, D2, -99),
            ],
        ),
        ads=frame("ads", [(3, D1, "61", 0, 700), (4, D1, "", -1, 101), (5, D2, "61", 0, 50)]),
        shared=frame("shared", [(6, D1, False, 1000), (6, D2, True, 200)]),
        costs=frame("costs", [("A", D1 - 30, 1000), ("A", D1 + 1, 9999), ("G", D1, 55)]),
        articles=[("A", "Tea"), ("B", "Cup"), ("G", "Gift")],
    )


def test_a_stores_total_is_what_its_books_say():
    found = facts(shop())

    assert found.total() == {
        "sales": 15901, "refunds": -901, "goods": -3000, "gifts": -255, "freight": -450, "fees": -400, "ads": -851,
        "shared": -1000, "open": 5000, "risk": -5000, "gain": 0,
    }  # fmt: skip
    assert profit(found.total()) == 15901 - 901 - 3000 - 255 - 450 - 400 - 851 - 1000
    assert found.uncosted == ("B",)


def test_an_orders_charge_stands_on_the_orders_day_and_a_days_cost_on_its_own():
    days = facts(shop()).by("day")

    assert figures(days, D2) == {"fees": -99, "ads": -50, "gifts": -200}
    assert figures(days, D1)["freight"] == -450


def test_articles_share_an_order_by_what_they_sold():
    articles = facts(shop()).by("article")

    assert figures(articles, 1) == {"sales": 3333, "fees": -100, "ads": -20, "shared": -201}
    assert figures(articles, 0)["sales"] == 6667 + 5901
    assert figures(articles, 0)["ads"] == -700 - 81 - 50
    assert figures(articles, 2) == {"gifts": -55}
    assert figures(articles, -1) == {"fees": -99, "gifts": -200}


def test_a_refund_that_names_its_line_is_that_lines():
    books = Books(
        orders=frame("orders", [order(1, D1, 9000, refund=900)]),
        lines=frame("lines", [line(0, 0, 6000), line(0, 1, 3000, refund=900)]),
    )

    assert figures(facts(books).by("article"), 1) == {"sales": 3000, "refunds": -900}


def test_goods_that_never_left_cost_nothing():
    books = Books(
        orders=frame("orders", [order(1, D1, 9000, refund=9000, sent=False)]),
        lines=frame("lines", [line(0, 0, 6000, 3, code="A")]),
        costs=frame("costs", [("A", D1, 100)]),
    )

    assert facts(books).total()["goods"] == 0


def test_no_books_are_no_money():
    assert facts(Books()).total() == dict.fromkeys(COLUMNS, 0)


@st.composite
def books(draw):
    totals = draw(st.lists(st.tuples(DAYS, FEN, FEN, FEN, st.booleans()), max_size=6))
    orders = [
        order(number, day, total, refund=min(total, refund), returned=back, open=open)
        for number, (day, total, refund, back, open) in enumerate(totals)
    ]
    places = st.integers(0, len(orders) - 1) if orders else st.nothing()
    lines = draw(
        st.lists(
            st.builds(
                lambda place, article, weight, refund, quantity: line(
                    place, article, weight, quantity, item=f"6{article}", code=f"C{article}", refund=refund
                ),
                places, st.integers(0, 3), FEN, st.sampled_from([0, 0, 500]), st.integers(0, 9),
            ),
            max_size=10,
        )
    )  # fmt: skip
    place = st.integers(-1, len(orders) - 1)
    part = st.sampled_from(["fees", "freight", "ads", "risk", "gain"])
    charges = draw(
        st.lists(st.tuples(st.just("line"), FEN, part, place, DAYS, st.integers(-(10**7), 10**7)), max_size=6)
    )
    ads = draw(st.lists(st.tuples(FEN, DAYS, st.sampled_from(["", "60", "61", "9"]), st.just(-1), FEN), max_size=5))
    shared = draw(st.lists(st.tuples(FEN, DAYS, st.booleans(), FEN), max_size=5))
    costs = [(f"C{number}", D1 + number - 1, 100 * number) for number in range(3)]
    rows = {"orders": orders, "lines": lines, "charges": charges, "ads": ads, "shared": shared, "costs": costs}
    return Books(**{name: frame(name, each) for name, each in rows.items()})


@settings(max_examples=20)
@given(books())
def test_parts_add_up_to_the_stores_total_by_every_grouping(books):
    found, plain = facts(books), facts(books, articles=False)
    total = found.total()

    assert plain.total() == total
    for keys in (["day"], ["article"], ["order"], ["source"], ["day", "article"]):
        assert {part: int(found.by(*keys)[part].sum()) for part in COLUMNS} == total
    assert plain.by("day").equals(found.by("day"))
    assert plain.by("order").drop(index=-1, errors="ignore").equals(found.by("order").drop(index=-1, errors="ignore"))
    orders = books.orders
    back = refunded(orders.total, orders.kept, orders.refund, orders.received, orders.returned)
    assert (total["sales"], -total["refunds"]) == (int(orders.total.sum()), int(back.sum()))
