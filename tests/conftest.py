"""What holds for all tests; their fixtures come from ``core.testing``, as for everybody's plugins."""

import pytest
from hypothesis import HealthCheck, settings

from core import demo
from core.app import create_app
from core.testing import databases

# A busy machine is no failure; the same examples everywhere, so that a failure can be repeated. Those of a test share
# its fixtures.
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("storeboard", deadline=None, derandomize=True, suppress_health_check=SLOW)
settings.load_profile("storeboard")


@pytest.fixture(scope="session")
def demo_store(template_database, of_this_run, cut_fonts):
    """The folder and the database of the demo store, loaded once for all processes."""
    home, address = of_this_run / "shop", of_this_run / "shop-database"

    def load():
        home.mkdir()
        (home / "fonts").symlink_to(cut_fonts)
        url = template_database.copy(of_this_run)
        app = create_app(HOME=home, DATABASE_URL=url, LANGUAGE="zh")
        demo.load(app)
        databases.release(app)
        address.write_text(url)

    databases.once(of_this_run / "shop-loaded", load)
    return home, address.read_text()


@pytest.fixture
def demo_app(make_app, template_database, demo_store, tmp_path):
    """An app with the demo store, to look at its records; files lie elsewhere."""
    url = template_database.copy(tmp_path, demo_store[1])
    yield make_app(DATABASE_URL=url)
    template_database.drop(url)
