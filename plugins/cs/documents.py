"""What customer service prints: the record of a complaint, the goods that come back for the warehouse to check."""

from typing import Any

from core.board.models import Task
from core.contracts import SYSTEM, DocumentType
from core.documents import handoff
from core.messages import N_
from plugins.cs import handing, tickets
from plugins.cs.models import AfterSale
from plugins.cs.rules.playbooks import PAYERS
from plugins.cs.rules.words import AFTER_SALE_KINDS, AFTER_SALE_STATES, CAUSES
from plugins.cs.types import CHANNELS, EVIDENCE, TASK_TYPES, WISHES

ISSUE = "cs.ticket"


def record(task: Task) -> dict[str, Any]:
    """What a ticket is about, what shows it, who was asked, and what the buyer gets."""
    ticket, head, brief = tickets.ticket_of(task), handoff.head(task), task.brief
    book = ticket.playbook
    approval = next((each for each in reversed(task.approvals) if each.voided_at is None), None)
    return {
        "task": {name: head[name] for name in ("number", "title", "type", "state", "store", "created_at", "closed_at")},
        "parties": handoff.parties(task),
        "what": brief.get("what", ""),
        "wish": dict(WISHES).get(brief.get("wish", ""), ""),
        "channel": dict(CHANNELS).get(ticket.channel, ticket.channel),
        "order_no": ticket.order.order_no if ticket.order else brief.get("order_no", ""),
        "items": (ticket.order.items if ticket.order else "") or "",
        "merchant_code": ticket.merchant_code or "",
        "case_no": ticket.case_no or "",
        "cause": CAUSES.get(ticket.cause, ticket.cause) if ticket.cause else "",
        "payer": PAYERS.get(ticket.payer, ""),
        "amount": ticket.amount,
        "approved_by": ticket.approved_by.name if ticket.approved_by else "",
        "approved_at": ticket.approved_at,
        "opened_at": ticket.opened_at,
        "replied_at": ticket.replied_at,
        "resolved_at": ticket.resolved_at,
        "platform_due_at": ticket.platform_due_at,
        "playbook": {"title": book.title, "evidence": list(book.evidence), "advice": book.advice} if book else None,
        "evidence": [{**handoff.file_line(each), "approved": False} for each in task.files if each.slot == EVIDENCE],
        "parts": [
            {"number": p.number, "label": p.label, "team": p.team, "state": p.state_label, "holder": p.holder}
            for p in handing.parts_of(task, SYSTEM)
        ],
        "checks": handoff.checks(task),
        "signoff": handoff.signoff(task, approval),
    }


def goods_back(case: AfterSale) -> dict[str, Any]:
    """What comes back from a buyer, with which parcel, why, and until when the platform waits."""
    order = case.order
    names = ("refund_no", "order_no", "amount", "applied_at", "due_at", "returned_at")
    return {
        **{name: getattr(case, name) for name in names},
        "store": case.store.name,
        "kind": AFTER_SALE_KINDS.get(case.kind, case.kind),
        "state": AFTER_SALE_STATES.get(case.status, case.status),
        "items": case.items or (order.items if order else "") or "",
        "merchant_code": case.merchant_code or "",
        "lines": [
            {"title": line.title, "merchant_code": line.merchant_code or "", "quantity": line.quantity}
            for line in (order.lines if order else ())
        ],
        "waybill_no": case.return_waybill_no or "",
        "carrier": case.return_carrier or "",
        "sent_with": (order.waybill_no if order else "") or "",
        "reason": " ".join(filter(None, [case.reason, case.explanation])),
        "note": case.note or "",
    }


RECORD = DocumentType(
    name="cs.record",
    label=N_("Complaint record"),
    prefix="CSR",
    template="cs/documents/record.html",
    version="2",
    snapshot=record,
    task_types=tuple(TASK_TYPES),
    permission=ISSUE,
)
GOODS_BACK = DocumentType(
    name="cs.goods_back",
    label=N_("After-sale handoff to the warehouse"),
    prefix="CSW",
    template="cs/documents/goods_back.html",
    version="1",
    snapshot=goods_back,
    subject="cs.after_sale",
    permission=ISSUE,
)
DOCUMENTS = (RECORD, GOODS_BACK)
