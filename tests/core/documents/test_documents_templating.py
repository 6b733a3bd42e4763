"""What templates can reach, and how documents write times, sizes and plain values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import jinja2
import pytest
from jinja2.sandbox import SecurityError

from core.documents.templating import environment, in_bytes, plain, qr

DOCUMENT = {"zone": "Asia/Shanghai"}


def fill(app, source, **values):
    with app.test_request_context():
        return environment(app).from_string(source).render(document=DOCUMENT, **values)


def test_what_people_wrote_is_text_and_never_markup(app):
    assert fill(app, "{{ x }}", x="<img src=x>&'\"") == "&lt;img src=x&gt;&amp;&#39;&#34;"


@pytest.mark.parametrize("source", ["{{ ''.__class__.__mro__ }}", "{{ x.__init__.__globals__ }}", "{{ x.append(1) }}"])
def test_templates_reach_no_python(app, source):
    with pytest.raises(SecurityError):
        fill(app, source, x=[])


@pytest.mark.parametrize("name", ["request", "g", "config", "session", "url_for", "current_app"])
def test_templates_see_nothing_of_the_app(app, name):
    with pytest.raises(jinja2.UndefinedError):
        fill(app, f"{{{{ {name} }}}}")


def test_a_value_the_snapshot_lacks_is_an_error(app):
    with pytest.raises(jinja2.UndefinedError):
        fill(app, "{{ task.title }}", task={})


def test_times_are_in_the_documents_zone(app):
    shown = fill(
        app, "{{ x|when }} {{ x|day }} {{ y|day }} {{ none|when }}", x="2026-11-22T16:05:00+00:00", y="2026-12-08"
    )
    assert shown == "2026-11-23 00:05 2026-11-23 2026-12-08 "


def test_money_is_written_in_figures_and_capitals(app):
    assert fill(app, "{{ 168032|yuan }} {{ 168032|capitals }}") == "1,680.32 壹仟陆佰捌拾元零叁角贰分"


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (150_000, "146 KB"), (5 * 1024**2, "5.0 MB"), (10**10, "9.3 GB")],
)
def test_sizes_of_files(size, shown):
    assert in_bytes(size) == shown


def test_snapshots_hold_plain_values_only():
    moment = datetime(2026, 11, 22, 14, tzinfo=UTC)
    assert plain({"a": (1, None, "x", True), "at": moment, "day": date(2026, 12, 8)}) == {
        "a": [1, None, "x", True],
        "at": "2026-11-22T14:00:00+00:00",
        "day": "2026-12-08",
    }
    for living in (object(), Decimal("1.5"), {"x": {1, 2}}, datetime(2026, 11, 22)):
        with pytest.raises(TypeError):
            plain(living)


def test_a_code_as_a_drawing_has_no_size_and_no_text_of_its_own():
    drawing = str(qr("http://localhost/v/x"))
    assert drawing.startswith("<svg")
    assert "width=" not in drawing.split(">", maxsplit=1)[0]
    assert "localhost" not in drawing
