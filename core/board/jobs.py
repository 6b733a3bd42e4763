"""The board's own background work."""

from typing import Any

from core.board import notices, rules
from core.board.models import Task
from core.columns import now
from core.contracts import SYSTEM, Job
from core.extensions import db
from core.messages import msg


def tell_breaches(_payload: Any, _progress: Any) -> Any:
    """Tell holder and team lead, once, of every leg that has used up its time."""
    late = Task.held(Task.leg_due_at < now(), Task.breach_told.is_(False)).limit(500)

    def tell() -> dict[str, int]:
        found = db.session.scalars(late).all()
        for task in found:
            _, side = rules.PHASES[task.state]
            told = {task.requester_id if side == rules.REQUESTER else task.holder_id}
            message = msg("%(number)s %(title)s has used up its time.")
            notices.notify(task, told | {*notices.members(task.leg_team, "lead")}, SYSTEM, message)
            task.breach_told = True
        return {"told": len(found)}

    return tell


JOBS = [Job("core.board.breaches", tell_breaches, every=300)]
