"""Purchasing: the hook implementations."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint

from core import hookimpl
from core.answers import Demo, Payable, Receipt
from core.contracts import (
    Actor,
    DocumentType,
    Importer,
    Job,
    LogLabel,
    NavItem,
    Panel,
    Permission,
    RecordType,
    TaskType,
    Team,
)
from core.messages import N_, Message
from plugins.purchasing import (
    answers,
    bought_online_views,
    complaint_views,
    complaints,
    inquiry_views,
    invoice_views,
    limit_views,
    order_views,
    quote_views,
    receiving_views,
    return_views,
    stock_views,
    supplier_views,
    uplift_views,
)
from plugins.purchasing import demo as examples
from plugins.purchasing import demo_complaints as complained
from plugins.purchasing import documents as papers
from plugins.purchasing import importers as files
from plugins.purchasing import jobs as work
from plugins.purchasing.pages import APPROVE, BUY, IMPORT, VIEW, bp
from plugins.purchasing.records import RECORD_TYPES
from plugins.purchasing.types import COMPLAINT, REQUEST, TASK_TYPES, TEAM

# each hangs its routes on the blueprint
PAGES = (
    stock_views,
    uplift_views,
    supplier_views,
    inquiry_views,
    quote_views,
    order_views,
    limit_views,
    bought_online_views,
    receiving_views,
    return_views,
    invoice_views,
    complaint_views,
)


@hookimpl
def teams() -> Iterable[Team]:
    return [Team(TEAM, N_("Purchasing"), "PUR", grants=("stores.view", "orders.view", "imports.run"))]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission(VIEW, N_("See suppliers, stock and purchase orders"), teams=(TEAM, "finance", "operations")),
        Permission(BUY, N_("Buy: suppliers, orders, receipts, claims, invoices"), teams=(TEAM,)),
        Permission(IMPORT, N_("Import stock files and 1688 orders"), teams=(TEAM,)),
        Permission(APPROVE, N_("Approve larger orders and release held invoices"), "lead", (TEAM,)),
    ]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("What to reorder"), "purchasing.index", VIEW, TEAM, 10, "round"),
        NavItem(N_("Inquiries"), "purchasing.inquiries", VIEW, TEAM, 15, "comment"),
        NavItem(N_("Purchase orders"), "purchasing.orders", VIEW, TEAM, 20, "cart"),
        NavItem(N_("1688 orders"), "purchasing.bought_online", VIEW, TEAM, 25, "link"),
        NavItem(N_("Stock"), "purchasing.stock", VIEW, TEAM, 30, "product"),
        NavItem(N_("Suppliers"), "purchasing.suppliers", VIEW, TEAM, 40, "users"),
        NavItem(N_("Receiving discrepancies"), "purchasing.discrepancies", VIEW, TEAM, 50, "alert"),
        NavItem(N_("Returns to suppliers"), "purchasing.returns", VIEW, TEAM, 55, "returned"),
        NavItem(N_("Supplier invoices"), "purchasing.invoices", VIEW, TEAM, 60, "coin"),
        NavItem(N_("Campaign uplift"), "purchasing.uplifts", VIEW, TEAM, 70, "calendar"),
    ]


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    return [bp]


@hookimpl
def task_types() -> Iterable[TaskType]:
    return TASK_TYPES.values()


@hookimpl
def record_types() -> Iterable[RecordType]:
    return RECORD_TYPES


@hookimpl
def importers() -> Iterable[Importer]:
    return files.IMPORTERS


@hookimpl
def documents() -> Iterable[DocumentType]:
    return papers.DOCUMENTS


@hookimpl
def jobs() -> Iterable[Job]:
    return work.JOBS


@hookimpl
def log_labels() -> Iterable[LogLabel]:
    return [
        LogLabel("purchasing.supplier", N_("Supplier")),
        LogLabel("purchasing.invoice", N_("Supplier's invoice")),
        LogLabel("purchasing.uplift", N_("Campaign uplift")),
        LogLabel("purchasing.limit", N_("Approval limits")),
    ]


@hookimpl
def panels() -> Iterable[Panel]:
    return [
        Panel("task", "purchasing.complaint_box", N_("Supplier complaint"), "board.view", 10, (COMPLAINT.name,)),
        Panel("task", "purchasing.request_box", N_("Purchasing"), BUY, 10, (REQUEST.name,)),
        Panel("desk", "purchasing.desk_box", N_("Purchasing today"), BUY),
    ]


@hookimpl
def goods_received(store_id: int, first: date, last: date) -> Iterable[Receipt]:
    return answers.goods_received(store_id, first, last)


@hookimpl
def payables(store_id: int | None, first: date, last: date) -> Iterable[Payable]:
    return answers.payables(store_id, first, last)


@hookimpl
def move_objections(task: Any, verb: str) -> Iterable[Message]:
    return complaints.objections(task, verb)


@hookimpl
def task_moved(task: Any, verb: str, actor: Actor) -> None:
    complaints.follow(task, verb, actor)


@hookimpl
def import_finished(batch: Any, actor: Actor) -> None:
    work.after_import(batch, actor)


@hookimpl
def demo_loaded(demo: Demo) -> None:
    examples.load(demo)
    complained.load(demo)
