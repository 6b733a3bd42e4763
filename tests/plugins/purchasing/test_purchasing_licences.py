"""Papers of suppliers: kept with their file, renewed, and remembered in time."""

from datetime import timedelta
from io import BytesIO

from core import localtime
from core.board import moves
from core.board.models import Task
from core.extensions import db
from plugins.purchasing import licences
from plugins.purchasing.models import Licence

PDF = b"%PDF-1.4\n%%EOF"


def note(shop, expires, number="SC1", name="食品生产许可证"):
    return licences.add(shop.actor("cai"), shop.supplier.id, name, number, expires)


def test_a_licence_is_renewed_by_one_of_its_name_and_the_old_one_stays_with_its_file(shop, browse):
    today = localtime.today()
    first = note(shop, today + timedelta(days=10))
    address, cai = f"/purchasing/suppliers/{shop.supplier.id}", browse("cai")
    form = {"licence": "食品生产许可证", "licence_number": "SC1", "expires": (today + timedelta(days=10)).isoformat()}
    assert cai.post(f"{address}/licences", data={**form, "paper": (BytesIO(b"MZ"), "x.exe")}).status_code == 422
    assert cai.post(f"{address}/licences", data={**form, "paper": (BytesIO(PDF), "许可证.pdf")}).status_code == 303
    assert shop.fresh(first).file.name == "许可证.pdf"  # it was noted without its file
    later = (today + timedelta(days=400)).isoformat()
    assert cai.post(f"{address}/licences", data={**form, "expires": later}).status_code == 303
    old, new = shop.fresh(shop.supplier).licences
    assert (old.file.name, old.replaced_at is None, new.file, new.replaced_at) == ("许可证.pdf", False, None, None)
    assert licences.to_renew(today) == []
    assert "Replaced licences" in cai.get(address).text
    token = f"/files/{old.file.token}"
    assert (cai.get(token).data, browse("mei").get(token).status_code) == (PDF, 404)


def test_purchasing_gets_one_task_for_each_licence_that_runs_out(shop):
    today = localtime.today()
    note(shop, today + timedelta(days=licences.WARN_DAYS))
    note(shop, today - timedelta(days=1), name="检测报告")
    note(shop, today + timedelta(days=licences.WARN_DAYS + 1), name="营业执照")
    note(shop, None, name="商标证")
    assert (licences.remind(), licences.remind()) == (2, 0)
    tasks = {task.brief["licence"]: task for task in db.session.query(Task)}
    assert {name: (task.state, task.responsible_team, task.priority) for name, task in tasks.items()} == {
        "食品生产许可证": ("offered", "purchasing", 1),
        "检测报告": ("offered", "purchasing", 2),
    }
    assert moves.move(tasks["检测报告"].id, "accept", shop.actor("cai")).state == "accepted"
    note(shop, today + timedelta(days=20), number="SC2")
    assert licences.remind() == 1
    assert db.session.query(Licence).filter(Licence.task_id.is_not(None)).count() == 3
