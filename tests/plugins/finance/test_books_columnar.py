"""A large Alipay statement read in columns leaves what it leaves when read row by row."""

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from benchmarks import bulk
from core import steps
from core.extensions import db
from core.imports import columnar, columnar_parts, services
from core.imports.models import ImportRow
from core.messages import Refusal
from core.stores.models import RecordChange
from core.transactions import transaction
from plugins.finance.books.importers.columns import opened, orders
from plugins.finance.books.models import Control, Line
from plugins.finance.books.queries import origins
from plugins.finance.books.rules import find_order, opened_at
from plugins.finance.matching import repeats
from tests.core.test_imports_columnar import LI, told

KIND = "finance.alipay_statement"


@pytest.fixture
def small(monkeypatch):
    """Every file is large, in many blocks and steps."""
    monkeypatch.setattr(columnar, "LARGE", 0)
    monkeypatch.setattr(columnar_parts, "BLOCK", 5_000)
    monkeypatch.setattr(steps, "FEWEST", 11)
    monkeypatch.setattr(steps, "MOST", 11)
    monkeypatch.setattr(steps, "REST", 0)


@pytest.fixture(scope="module")
def bill(tmp_path_factory):
    """The lines of a statement: three of the head, its header, the rows, the foot."""
    path = bulk.files(tmp_path_factory.mktemp("bill"), 60)[1]
    return path.read_bytes().decode("gb18030").split("\r\n")


def both(tmp_path, data):
    """What the two ways leave of a file, one after the other in the same store; or why each refuses it."""
    path = tmp_path / "alipay.csv"
    path.write_bytes(data)
    found = []
    for read in (
        lambda of: services.read_file(data, path.name, of),
        lambda of: services.read_file(path, path.name, of),
    ):
        try:
            reading = read(services.importers_for(LI, KIND))
            assert not found or reading.columns is not None
            batch = services.import_now(reading, "S", LI)[0]
            found.append((told(batch, Line), told(batch, Control)))
        except Refusal as refusal:
            found.append([str(reason) for reason in refusal.reasons])
        _empty()
    return found


def _empty():
    db.session.rollback()
    with transaction() as session:
        for model in (ImportRow, RecordChange, Line, Control):
            session.execute(delete(model))


def test_a_statement_is_read_alike(in_app, tmp_path, small, bill):
    normal, columns = both(tmp_path, "\r\n".join(bill).encode("gb18030"))
    assert columns == normal
    assert len(normal[0][0]) == 75
    assert len(normal[1][0]) == 1


def test_a_line_read_in_columns_leads_to_its_row_and_is_known_when_another_file_has_it_too(
    in_app, tmp_path, small, bill
):
    batches = []
    for name, rows in (("whole.csv", bill), ("part.csv", [bill[1], bill[4], *bill[10:40], ""])):
        path = tmp_path / name
        path.write_bytes("\r\n".join(rows).encode("gb18030"))
        reading = services.read_file(path, name, services.importers_for(LI, KIND))
        batches.append(services.import_now(reading, "S", LI)[0])
    flow = bill[20].split(",")[0].strip('"\t')
    line = db.session.scalars(select(Line).where(Line.flow_no == flow)).one()
    told = [(each["row"], each["action"], each["batch"].id) for each in origins("finance.line", line.id)]
    assert told == [(21, "created", batches[0].id), (13, "unchanged", batches[1].id)]
    ids = np.array(db.session.scalars(select(Line.id).order_by(Line.id)).all())
    found = repeats.repeated(repeats.files(line.store_id), "finance.line", ids)
    assert found.files == {batches[1].id: {"inside": 0, "overlap": 30}}
    assert found.places.tolist() == list(range(5, 35))


CELLS = [
    "",
    "abc",
    "1.234",
    "1,000.00",
    "2025-12-31 00:00:00",
    "20251101",
    "2.025E+27",
    "买家3 (138****0003)",
    "账号 abcdef99",
]
changes = st.lists(st.tuples(st.integers(0, 74), st.integers(0, 13), st.sampled_from(CELLS)), max_size=5)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes, st.lists(st.integers(0, 74), max_size=4), st.integers(0, 10**6), st.booleans())
def test_a_damaged_statement_is_read_or_refused_alike(  # noqa: PLR0917
    in_app, tmp_path, small, bill, changed, again, seed, whole
):
    chance, lines = random.Random(seed), list(bill)
    for number, position, cell in changed:
        cells = lines[5 + number].split(",")
        cells[position] = f'"{cell}"'
        lines[5 + number] = ",".join(cells)
    for number in again:
        lines.insert(5 + chance.randrange(70), lines[5 + number])
    if seed % 4 == 0:
        del lines[5 + chance.randrange(70)]
    if not whole:  # without its own totals a damaged file is taken
        lines = lines[3:-4]
    normal, columns = both(tmp_path, "\r\n".join(lines).encode("gb18030"))
    assert columns == normal


NUMBERS = st.sampled_from(["5116032541422009018", "123", "LP00123456789", "20251101220000000000000000"])
WORDS = [
    "T200P{}",
    "T50060NP{}",
    "CAE_CHARITY_{}",
    "HJCOM==a=={}",
    "MYBK{}",
    "天猫佣金（类目）{{{}}}",
    "运单号：{}",
    "订单号：{}",
]
WORDS += ["花呗交易号[{}]佣金（类目）{{{}}}", "代扣返点积分{}", "{}", "T200P{}x", "T200P{}9", "佣金{{1}}佣金｛{}｝"]
texts = st.one_of(
    st.none(), st.builds(lambda word, number: word.replace("{}", number), st.sampled_from(WORDS), NUMBERS)
)


@given(st.lists(st.tuples(st.one_of(st.none(), NUMBERS), texts, texts), min_size=1, max_size=30))
def test_orders_are_found_alike(rows):
    import pyarrow as pa

    found = orders(*(pa.array(column, pa.string()) for column in zip(*rows, strict=True)))
    assert list(zip(*(each.to_pylist() for each in found), strict=True)) == [find_order(*row) for row in rows]


@given(
    st.lists(
        st.tuples(st.from_regex(r"20\d\d[01]\d[0-3]\d\d{20}", fullmatch=True), st.sampled_from(["交易付款", "收费"]))
    )
)
def test_trades_are_dated_alike(rows):
    import pyarrow as pa

    found = opened(*(pa.array([row[n] for row in rows], pa.string()) for n in (0, 1))).to_pylist()
    assert [at and at.isoformat() for at in found] == [
        at and at.replace(tzinfo=None).isoformat() for at in (opened_at(*row) for row in rows)
    ]
