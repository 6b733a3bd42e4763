"""Numbers given out one after another under a name."""

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from core import localtime
from core.extensions import Model, db


class Counter(Model):
    """The last number given out under ``name``."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


def next_number(name: str) -> int:
    """The next number under ``name``, from 1, inside the running transaction; a rolled-back one is given again."""
    if db.session.scalar(select(Counter.name).where(Counter.name == name)) is None:
        try:
            with db.session.begin_nested():
                db.session.execute(insert(Counter).values(name=name, value=0))
        except IntegrityError:
            pass  # somebody else began it in this moment
    raised = update(Counter).where(Counter.name == name).values(value=Counter.value + 1).returning(Counter.value)
    return db.session.scalars(raised.execution_options(synchronize_session=False)).one()


def number_of_month(prefix: str, name: str) -> str:
    """The next number of this month, as the stores' calendar has it, such as ``PO-202611-0001``."""
    month = f"{localtime.today():%Y%m}"
    return f"{prefix}-{month}-{next_number(f'{name}.{month}'):04}"
