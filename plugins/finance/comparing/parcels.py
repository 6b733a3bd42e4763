"""Lines that name a parcel only, by the order that it carried. Pure."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.imports.columnar_cells import told
from core.imports.rules import bare
from core.stores import rules as stores
from plugins.finance.comparing.cells import TEXT, Numbers
from plugins.finance.comparing.exported import Block, Found
from plugins.finance.comparing.sides import Side, among
from plugins.finance.matching.groups import NONE, Bools, Ints


def put_to_orders(lines: Side, orders: Side, codes: Numbers, within: Bools) -> None:
    """Put the lines ``within`` that name a parcel to its order, and the others to none."""
    standing = codes.orders(pa.array(codes.parcels.values(), TEXT))
    order = lines.columns["order"]
    rows = np.flatnonzero(among(order, standing))
    found = np.append(_orders_of(list(codes.parcels), orders), NONE)
    place = np.where(within[rows], pd.Index(standing).get_indexer(order[rows]), NONE)
    order[rows] = found[place]
    lines.columns["place"][rows] = pd.Index(orders.columns["no"]).get_indexer(order[rows])


def _orders_of(waybills: list[str], orders: Side) -> Ints:
    """The order of each parcel; none of one that carried several. The exports are read once more, for few need it."""
    known = pa.array(waybills, TEXT)

    def reduce(block: Block) -> Found:
        cells = told(block["waybill_no"], lambda text: stores.waybills(bare(text)))
        return {"parcel": pc.index_in(cells, value_set=known).fill_null(NONE).to_numpy(zero_copy_only=False)}

    read = [block["parcel"] for each in orders.exports for block in each.read({"waybill_no": TEXT}, reduce)]
    pairs = pd.DataFrame({"order": orders.columns["no"], "parcel": np.concatenate(read)[~orders.again]}).query(
        "parcel >= 0"
    )
    pairs = pairs.drop_duplicates().drop_duplicates("parcel", keep=False)
    found = np.full(len(waybills), NONE, np.int64)
    found[pairs["parcel"].to_numpy()] = pairs["order"].to_numpy()
    return found
