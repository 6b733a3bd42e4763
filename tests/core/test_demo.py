"""The demo store: as full as a real one, for any number of teams, and nothing in it is yet to happen."""

from sqlalchemy import select

from core import demo, hookimpl
from core.columns import now
from core.contracts import Team
from core.extensions import db
from core.stores.models import Order


class Crowd:
    @hookimpl
    def teams(self):
        return [Team(f"crowd_{n}", f"Crowd {n}", f"C{n}") for n in range(6)]


def test_there_may_be_more_teams_than_names_and_nothing_happens_in_the_future(make_app):
    app = make_app(extra_plugins=[("crowd", Crowd())])
    demo.load(app)
    with app.app_context():
        assert {"crowd_51", "crowd_52", "operations1"} <= {login for login, _ in demo.logins()}
        times = db.session.execute(select(Order.ordered_at, Order.paid_at, Order.shipped_at, Order.confirmed_at)).all()
        assert len(times) == 80
        assert max(moment for row in times for moment in row if moment) < now()
