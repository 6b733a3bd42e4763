"""What logistics answers when other plugins ask."""

from collections.abc import Collection, Iterator

from sqlalchemy import select

from core.answers import Parcel as Answer
from core.contracts import Ref
from core.extensions import db
from plugins.logistics.models import Parcel

CHUNK = 2_000


def parcels(store_id: int, waybills: Collection[str]) -> Iterator[Answer]:
    """The parcels of a store that these waybills are of."""
    wanted = sorted(waybills)
    for start in range(0, len(wanted), CHUNK):
        here = (Parcel.store_id == store_id, Parcel.waybill_no.in_(wanted[start : start + CHUNK]))
        for parcel in db.session.scalars(select(Parcel).where(*here)):
            yield Answer(
                parcel.waybill_no or "",
                parcel.shipped_at,
                parcel.carrier or "",
                parcel.grams,
                Ref("logistics.parcel", parcel.id),
            )
