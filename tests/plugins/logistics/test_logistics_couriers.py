"""How couriers do, month by month: each parcel's trouble once, and the money that really came back."""

from datetime import date, timedelta
from fractions import Fraction

from core import localtime
from core.columns import now
from core.transactions import transaction
from plugins.logistics import claims, couriers, desk
from plugins.logistics.rules.couriers import months, next_month


def claimed(depot, *steps, **given):
    """A claim on the courier, taken some steps on."""
    values = {"kind": "damaged", "carrier": "中通快递", "subject": "731", "amount": 5000, **given}
    claim = claims.register(depot.actor("wei"), depot.store.id, values)
    for name, said in steps:
        claim = claims.step(claim.id, depot.actor("wei"), name, claim.version, said)
    return claim


def test_a_damaged_parcel_counts_once_by_its_exception_or_by_its_claim(depot):
    at = now()
    here = {"shipped": at, "promised_at": at + timedelta(days=2)}
    damaged = depot.parcel(depot.order(paid=at), status="damaged", **here)
    told = depot.parcel(depot.order(paid=at), status="signed", signed_at=at + timedelta(days=3), **here)
    depot.parcel(depot.order(paid=at), status="signed", signed_at=at + timedelta(days=1), **here)
    depot.parcel(depot.order(paid=at), status="transit", carrier="圆通速递", shipped=at)
    with transaction():
        desk.scan(at)
    (case,) = depot.cases("damaged")
    first = localtime.today().replace(day=1)
    claims.of_case(case, depot.actor("wei"))
    claimed(depot, ("send", {}), ("pay", {"granted": 3000}), parcel_id=damaged.id)  # the same parcel once more
    claimed(depot, ("send", {}), ("grant", {"granted": 900}), parcel_id=told.id, amount=1000)
    claimed(depot, ("drop", {"result": "证据不足"}), kind="lost")

    score, other = couriers.of_month(first)
    assert (score.carrier, score.parcels, score.damaged, score.lost) == ("中通快递", 3, 2, 0)
    assert score.wrong_share == Fraction(2, 3)
    assert (score.late, score.promised) == (1, 2)
    assert (score.claims, score.claimed, score.back) == (3, 5900 + 5000 + 1000, 3000)
    assert (other.carrier, other.parcels, other.wrong, other.claimed) == ("圆通速递", 1, 0, 0)
    later = next_month(first)
    months_ = [next_month(later), later, first, date(2020, 1, 1), date(2019, 12, 1)]
    assert [(each.month, each.parcels) for each in couriers.of_courier("圆通速递", months_)] == [
        (next_month(later), 0),
        (later, 0),
        (first, 1),
    ]


def test_months_go_back_over_the_turn_of_the_year():
    assert list(months(date(2027, 2, 28), 3)) == [date(2027, 2, 1), date(2027, 1, 1), date(2026, 12, 1)]
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)


def test_the_scorecard_leads_to_the_claims_behind_a_figure_and_is_a_file(depot, browse):
    claimed(depot)
    page = browse("li").get("/logistics/couriers").text

    assert "carrier=%E4%B8%AD%E9%80%9A%E5%BF%AB%E9%80%92" in page
    assert browse("li").get("/logistics/couriers?courier=中通快递&month=x").text.count('<th scope="row">') == 1
    assert browse("li").get("/logistics/couriers?export=csv").text.splitlines()[1].endswith("1,50.00,0.00")
