"""The left rail marks one entry: the one whose address comes nearest to the page's."""

import pytest
from flask import g

from core.contracts import Actor
from core.web import navigation


@pytest.mark.parametrize(
    ("path", "active"),
    [
        ("/", ["/"]),
        ("/design/", ["/design/"]),
        ("/design/words", ["/design/words"]),
        ("/design/pick/DES-1", ["/design/"]),
        ("/boards/design", ["/boards"]),
        ("/storeskeeper", []),
    ],
)
def test_the_nearest_entry_is_active(app, path, active):
    with app.test_request_context(path):
        g.actor = Actor(1, "tang", {"design": "lead", "operations": "member"})
        found = [item["url"] for group in navigation() for item in group["items"] if item["active"]]

    assert found == active
