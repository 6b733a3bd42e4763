"""What purchasing prints: inquiries, orders and returns to suppliers, and notes of what was wrong."""

from typing import Any

from core.contracts import DocumentType
from core.messages import N_
from plugins.purchasing import inquiries, orders, receiving, returns
from plugins.purchasing.models import Discrepancy, PurchaseOrder, Quote, Supplier, SupplierReturn
from plugins.purchasing.records import KINDS


def _supplier(supplier: Supplier) -> dict[str, Any]:
    return {"name": supplier.name, "contact": supplier.contact, "terms": supplier.terms, "days": supplier.payment_days}


def _order(order: PurchaseOrder) -> dict[str, Any]:
    return {
        "number": order.number,
        "platform_no": order.platform_no or "",
        "ordered_at": order.ordered_at,
        "expected_on": order.expected_on,
        "buyer": order.by.name if order.by else "",
    }


def purchase_order(order: PurchaseOrder) -> dict[str, Any]:
    """Everything the supplier needs to deliver, and who approved it."""
    rows = [
        {
            "code": line.merchant_code,
            "name": line.name,
            "quantity": line.quantity,
            "price": line.price,
            "amount": line.quantity * line.price,
        }
        for line in order.lines
    ]
    approved = [each for each in orders.said(order) if each.yes and each.total == order.total]
    return {
        "store": order.store.name,
        "order": _order(order),
        "supplier": _supplier(order.supplier),
        "rows": rows,
        "pieces": sum(row["quantity"] for row in rows),
        "goods": sum(row["amount"] for row in rows),
        "freight": order.freight,
        "discount": order.discount,
        "total": order.total,
        "note": order.note,
        "draft": order.state in orders.BEFORE_SENDING and order.state != orders.APPROVED,
        "approved": {"by": [each.by.name for each in approved], "at": approved[-1].at} if approved else None,
    }


def inquiry(quote: Quote) -> dict[str, Any]:
    """What one supplier is asked to quote for; the others are not named."""
    found = quote.inquiry
    return {
        "store": found.store.name,
        "number": found.number,
        "asked_at": found.created_at,
        "answer_by": found.answer_by,
        "needed_on": found.needed_on,
        "buyer": found.by.name if found.by else "",
        "supplier": _supplier(quote.supplier),
        "rows": [dict(line) for line in found.lines],
        "note": found.note,
    }


def discrepancy(found: Discrepancy) -> dict[str, Any]:
    """What was wrong, line by line, what is claimed for it, and which deliveries it is about."""
    order = found.order
    names = {line.merchant_code: line.name for line in order.lines}
    asked, came = receiving.ordered(order), receiving.arrived(order)
    rows = [
        {
            **line,
            "name": names.get(line["merchant_code"], ""),
            "kind": KINDS[line["kind"]],
            "ordered": asked.get(line["merchant_code"], (0, 0))[0],
            "arrived": sum(came.get(line["merchant_code"], {}).values()),
        }
        for line in found.lines
    ]
    receipts = [{"number": each.number, "at": each.at, "warehouse": each.warehouse} for each in order.receipts]
    return {
        "store": order.store.name,
        "number": found.number,
        "noted_at": found.created_at,
        "order": _order(order),
        "supplier": _supplier(order.supplier),
        "rows": rows,
        "claimed": found.claimed,
        "note": found.note,
        "receipts": receipts,
    }


ORDER = DocumentType(
    name="purchasing.purchase_order",
    label=N_("Purchase order"),
    prefix="PUR",
    template="purchasing/documents/order.html",
    version="1",
    snapshot=purchase_order,
    subject=orders.KIND,
    permission="purchasing.buy",
)


def supplier_return(found: SupplierReturn) -> dict[str, Any]:
    """What goes back, why, and what it is worth."""
    order = found.order
    names = {line.merchant_code: line.name for line in order.lines}
    rows = [
        {
            "code": line["merchant_code"],
            "name": names.get(line["merchant_code"], ""),
            "good": line["good"],
            "damaged": line["damaged"],
            "price": line["price"],
            "amount": (line["good"] + line["damaged"]) * line["price"],
        }
        for line in found.lines
    ]
    return {
        "store": order.store.name,
        "number": found.number,
        "discrepancy": found.discrepancy.number if found.discrepancy else "",
        "sent_at": found.sent_at,
        "order": _order(order),
        "supplier": _supplier(order.supplier),
        "rows": rows,
        "pieces": sum(row["good"] + row["damaged"] for row in rows),
        "amount": found.amount,
        "warehouse": found.warehouse,
        "carrier": found.carrier,
        "waybill_no": found.waybill_no,
        "note": found.note,
    }


INQUIRY = DocumentType(
    name="purchasing.rfq",
    label=N_("Request for quotation"),
    prefix="PUR",
    template="purchasing/documents/inquiry.html",
    version="1",
    snapshot=inquiry,
    subject=inquiries.QUOTE,
    permission="purchasing.buy",
)
DISCREPANCY = DocumentType(
    name="purchasing.discrepancy_note",
    label=N_("Receiving discrepancy note"),
    prefix="PUR",
    template="purchasing/documents/discrepancy.html",
    version="1",
    snapshot=discrepancy,
    subject=receiving.KIND,
    permission="purchasing.buy",
)
RETURN = DocumentType(
    name="purchasing.return_note",
    label=N_("Return note"),
    prefix="PUR",
    template="purchasing/documents/return.html",
    version="1",
    snapshot=supplier_return,
    subject=returns.KIND,
    permission="purchasing.buy",
)
DOCUMENTS = (INQUIRY, ORDER, DISCREPANCY, RETURN)
