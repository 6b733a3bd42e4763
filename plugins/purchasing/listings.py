"""Lists of suppliers, inquiries, orders, discrepancies and invoices."""

from sqlalchemy.orm import joinedload, selectinload

from core.listing import Choice, Column, Listing, among, called
from core.messages import N_
from core.stores.queries import of_store
from core.web import day, say
from plugins.purchasing import bought_online, inquiries, invoices, orders, receiving, returns, suppliers
from plugins.purchasing.models import (
    Discrepancy,
    Inquiry,
    Invoice,
    PlatformOrder,
    PurchaseOrder,
    Supplier,
    SupplierReturn,
)

WITH, WITHOUT = "with", "without"


ORDERS = Listing(
    "purchase-orders",
    PurchaseOrder,
    (
        Column("number", N_("Number"), lambda row: row.number, "link", PurchaseOrder.number),
        Column("state", N_("State"), called(orders.STATES, "state"), "label", PurchaseOrder.state),
        Column("supplier", N_("Supplier"), lambda row: row.supplier.name),
        Column("lines", N_("Articles"), lambda row: len(row.lines), "number", wide=True),
        Column("total", N_("Total"), lambda row: row.total, "money"),
        Column("expected_on", N_("Expected on"), lambda row: day(row.expected_on), sort=PurchaseOrder.expected_on),
        Column("by", N_("Buyer"), lambda row: row.by.name if row.by else "", wide=True),
        Column("created_at", N_("Drafted"), lambda row: row.created_at, "when", PurchaseOrder.created_at, wide=True),
        Column("store", N_("Store"), lambda row: row.store.name, wide=True),
    ),
    search=(PurchaseOrder.number, PurchaseOrder.platform_no, PurchaseOrder.note),
    order=(PurchaseOrder.id.desc(),),
    filters=(of_store(PurchaseOrder.store_id), among("state", N_("All states"), orders.STATES, PurchaseOrder.state)),
    day=PurchaseOrder.created_at,
    options=(
        joinedload(PurchaseOrder.supplier),
        joinedload(PurchaseOrder.store),
        joinedload(PurchaseOrder.by),
        selectinload(PurchaseOrder.lines),
    ),
)
SUPPLIERS = Listing(
    "suppliers",
    Supplier,
    (
        Column("name", N_("Supplier"), lambda row: row.name, "link", Supplier.name),
        Column("code", N_("Short code"), lambda row: row.code, sort=Supplier.code, wide=True),
        Column("status", N_("State"), called(suppliers.STATUSES, "status"), "label", Supplier.status),
        Column("lead_days", N_("Lead time, days"), lambda row: row.lead_days, "number", Supplier.lead_days),
        Column("minimum_order", N_("Least order"), lambda row: row.minimum_order, "money", Supplier.minimum_order),
        Column("payment_days", N_("Paid within, days"), lambda row: row.payment_days, "number", Supplier.payment_days),
        Column("offers", N_("Offers"), lambda row: len(row.offers), "number", wide=True),
    ),
    search=(Supplier.name, Supplier.code, Supplier.contact, Supplier.note),
    order=(Supplier.name,),
    filters=(among("status", N_("All states"), suppliers.STATUSES, Supplier.status),),
    options=(selectinload(Supplier.offers),),
)
INQUIRIES = Listing(
    "inquiries",
    Inquiry,
    (
        Column("number", N_("Number"), lambda row: row.number, "link", Inquiry.number),
        Column("state", N_("State"), called(inquiries.STATES, "state"), "label", Inquiry.state),
        Column("goods", N_("Articles"), lambda row: say(", ").join(line["merchant_code"] for line in row.lines)),
        Column("asked", N_("Suppliers"), lambda row: len(row.quotes), "number"),
        Column(
            "quoted", N_("Quoted"), lambda row: sum(quote.state == inquiries.QUOTED for quote in row.quotes), "number"
        ),
        Column("answer_by", N_("Answer by"), lambda row: day(row.answer_by), sort=Inquiry.answer_by),
        Column("chosen", N_("Ordered for"), lambda row: row.chosen, "money", Inquiry.chosen, wide=True),
        Column("created_at", N_("Asked on"), lambda row: row.created_at, "when", Inquiry.created_at, wide=True),
    ),
    search=(Inquiry.number, Inquiry.note),
    order=(Inquiry.id.desc(),),
    filters=(of_store(Inquiry.store_id), among("state", N_("All states"), inquiries.STATES, Inquiry.state)),
    day=Inquiry.created_at,
    options=(selectinload(Inquiry.quotes),),
)
PLATFORM_ORDERS = Listing(
    "1688-orders",
    PlatformOrder,
    (
        Column("key", N_("1688 order number"), lambda row: row.key, "link", PlatformOrder.key),
        Column("seller", N_("Seller"), lambda row: row.seller, sort=PlatformOrder.seller),
        Column("status_text", N_("State on 1688"), lambda row: row.status_text, sort=PlatformOrder.status_text),
        Column("paid", N_("Amount paid"), lambda row: row.paid, "money", PlatformOrder.paid),
        Column("ordered_at", N_("Ordered on"), lambda row: row.ordered_at, "when", PlatformOrder.ordered_at),
        Column("purchase", N_("Purchase order"), lambda row: say(", ").join(order.number for order in row.purchases)),
        Column("store", N_("Store"), lambda row: row.store.name, wide=True),
    ),
    search=(PlatformOrder.key, PlatformOrder.seller),
    order=(PlatformOrder.ordered_at.desc(), PlatformOrder.id.desc()),
    filters=(
        of_store(PlatformOrder.store_id),
        Choice(
            "taken",
            N_("With and without purchase order"),
            lambda _actor: [(WITHOUT, N_("Without a purchase order")), (WITH, N_("With a purchase order"))],
            {WITH: bought_online.TAKEN, WITHOUT: ~bought_online.TAKEN}.get,
        ),
    ),
    day=PlatformOrder.ordered_at,
    options=(selectinload(PlatformOrder.purchases), joinedload(PlatformOrder.store)),
)
DISCREPANCIES = Listing(
    "discrepancies",
    Discrepancy,
    (
        Column("number", N_("Number"), lambda row: row.number, "link", Discrepancy.number),
        Column("state", N_("State"), called(receiving.STATES, "state"), "label", Discrepancy.state),
        Column("supplier", N_("Supplier"), lambda row: row.order.supplier.name),
        Column("order", N_("Purchase order"), lambda row: row.order.number, wide=True),
        Column("claimed", N_("Claimed"), lambda row: row.claimed, "money", Discrepancy.claimed),
        Column("granted", N_("Granted"), lambda row: row.granted, "money", Discrepancy.granted),
        Column("created_at", N_("Noted"), lambda row: row.created_at, "when", Discrepancy.created_at, wide=True),
    ),
    search=(Discrepancy.number, Discrepancy.note),
    order=(Discrepancy.id.desc(),),
    filters=(
        of_store(Discrepancy.store_id),
        among("state", N_("All states"), receiving.STATES, Discrepancy.state),
    ),
    day=Discrepancy.created_at,
    options=(joinedload(Discrepancy.order).joinedload(PurchaseOrder.supplier),),
)
RETURNS = Listing(
    "supplier-returns",
    SupplierReturn,
    (
        Column("number", N_("Number"), lambda row: row.number, "link", SupplierReturn.number),
        Column("state", N_("State"), called(returns.STATES, "state"), "label", SupplierReturn.state),
        Column("supplier", N_("Supplier"), lambda row: row.order.supplier.name),
        Column("order", N_("Purchase order"), lambda row: row.order.number, wide=True),
        Column("amount", N_("Worth"), lambda row: row.amount, "money"),
        Column("credited", N_("Credited"), lambda row: row.credited, "money", SupplierReturn.credited),
        Column("created_at", N_("Drafted"), lambda row: row.created_at, "when", SupplierReturn.created_at, wide=True),
    ),
    search=(SupplierReturn.number, SupplierReturn.waybill_no, SupplierReturn.note),
    order=(SupplierReturn.id.desc(),),
    filters=(
        of_store(SupplierReturn.store_id),
        among("state", N_("All states"), returns.STATES, SupplierReturn.state),
    ),
    day=SupplierReturn.created_at,
    options=(joinedload(SupplierReturn.order).joinedload(PurchaseOrder.supplier),),
)
INVOICES = Listing(
    "supplier-invoices",
    Invoice,
    (
        Column("number", N_("Invoice number"), lambda row: row.number, "link", Invoice.number),
        Column("supplier", N_("Supplier"), lambda row: row.supplier.name),
        Column("on", N_("Dated"), lambda row: day(row.on), sort=Invoice.on),
        Column("order", N_("Purchase order"), lambda row: row.order.number if row.order else "", wide=True),
        Column("amount", N_("Amount"), lambda row: row.amount, "money", Invoice.amount),
        Column("held", N_("Held"), invoices.held_amount, "money"),
        Column("due_on", N_("Pay by"), lambda row: day(row.due_on), sort=Invoice.due_on, wide=True),
    ),
    search=(Invoice.number,),
    order=(Invoice.on.desc(), Invoice.id.desc()),
    filters=(
        Choice(
            "order",
            N_("With and without order"),
            lambda _actor: [(WITH, N_("With an order")), (WITHOUT, N_("Without an order"))],
            {WITH: Invoice.order_id.is_not(None), WITHOUT: Invoice.order_id.is_(None)}.get,
        ),
    ),
    options=(
        joinedload(Invoice.supplier),
        joinedload(Invoice.order).selectinload(PurchaseOrder.lines),
        joinedload(Invoice.order).selectinload(PurchaseOrder.receipts),
        joinedload(Invoice.order).selectinload(PurchaseOrder.returns),
        joinedload(Invoice.order).selectinload(PurchaseOrder.invoices),
        joinedload(Invoice.order).selectinload(PurchaseOrder.discrepancies),
    ),
)
