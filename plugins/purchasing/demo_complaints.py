"""Complaints in the demo store: one that counts against its supplier, one that does not, one to be judged."""

from core.answers import Demo
from core.board import contents, moves, services
from core.board.models import Task
from plugins.purchasing import complaints
from plugins.purchasing.types import COMPLAINT

# title, what, cause, pieces, verdict, the supplier's answer
TOLD = (
    ("高山绿茶内袋漏气", "三位买家反映内袋漏气，茶叶受潮。", "damaged", 3, "upheld", "封口机温度偏低，已调整。"),
    ("高山绿茶说是陈茶", "买家认为不是当年新茶。", "quality", 1, "not_theirs", "批次检验合格，买家喝的是去年购买的。"),
    ("高山绿茶少装一小袋", "标称 25 小袋，买家收到 24 小袋。", "wrong_item", 1, "", ""),
)


def load(demo: Demo) -> None:
    """Operations hand them over; a buyer answers all but the last."""
    asker, buyer = demo.people["operations1"], demo.people["purchasing2"]
    for place, (title, what, cause, pieces, verdict, answer) in enumerate(TOLD):
        brief = {"what": what, "cause": cause, "merchant_code": "GY-TEA-01", "quantity": pieces}
        draft, at = services.Draft(title, brief, store_id=demo.store_id), demo.ago(60 - 20 * place)
        task = services.draft_task(asker, COMPLAINT.name, "operations", draft, at)
        moves.move(task.id, "offer", asker, at=at)
        moves.move(task.id, "accept", buyer, at=demo.ago(58 - 20 * place))
        if verdict:
            found = complaints.of_task(task)
            told = {"verdict": verdict, "quantity": pieces, "supplier_id": found.supplier_id, "answer": answer}
            complaints.judge(task.id, buyer, found.version, told)
            _close(demo, task, 50 - 20 * place)


def _close(demo: Demo, task: Task, hours: float) -> None:
    asker, buyer = demo.people["operations1"], demo.people["purchasing2"]
    for verb in ("start", "deliver"):
        moves.move(task.id, verb, buyer, at=demo.ago(hours))
    for name in ("asked", "judged"):
        contents.set_check(task.id, name, "pass", "", asker, at=demo.ago(hours - 5))
    moves.move(task.id, "sign_off", asker, at=demo.ago(hours - 5))
