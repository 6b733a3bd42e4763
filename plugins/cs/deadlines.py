"""The platform's deadlines of tickets, kept in step with the cases that its files tell of."""

from datetime import datetime

from sqlalchemy import and_, select

from core.board import rules
from core.board.models import Task
from core.imports.models import ImportRow
from core.transactions import transaction
from plugins.cs.models import AfterSale, Ticket
from plugins.cs.rules.words import JUDGEMENTS

KIND = "cs.after_sale"


def of_case(case: AfterSale) -> datetime | None:
    """When the platform decides a case by itself, if nobody acts; None when it is decided, or nobody knows."""
    if case.status not in JUDGEMENTS:
        return None
    return min((moment for moment in (case.evidence_due_at, case.due_at) if moment), default=None)


def follow_batch(batch_id: int) -> int:
    """Give the open tickets of the cases that an import told of their deadline as it stands now; how many changed."""
    told = (ImportRow.batch_id == batch_id, ImportRow.kind + "" == KIND, ImportRow.told(AfterSale.id))
    mine = select(Ticket, AfterSale).join(AfterSale, AfterSale.id == Ticket.after_sale_id)
    mine = mine.join(Task, Task.id == Ticket.task_id).join(ImportRow, and_(*told)).where(Task.state.in_(rules.OPEN))
    changed = 0
    with transaction() as session:
        for ticket, case in session.execute(mine.order_by(Ticket.task_id)):
            due = of_case(case)
            if ticket.platform_due_at != due:
                ticket.platform_due_at = due
                ticket.version += 1
                changed += 1
    return changed
