"""Core's own hook implementations: core is its own first plugin, and is asked last."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint

from core import hookimpl
from core.access import role_table
from core.contracts import (
    ANYONE,
    SIGNED_IN,
    Actor,
    DocumentType,
    Importer,
    Job,
    LogLabel,
    NavItem,
    Permission,
    RecordType,
    TaskType,
    Team,
)
from core.messages import N_

OPERATIONS = Team("operations", N_("Operations"), "OPS", grants=("stores.view", "orders.view", "board.matrix"))


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    from core import web
    from core.accounts import admin as accounts
    from core.audit import views as audit
    from core.board import calendars, editing  # noqa: F401  their routes hang on the board's blueprint
    from core.board import views as board
    from core.board.matrix import views as matrix  # noqa: F401  as do its
    from core.documents import views as documents
    from core.files import views as files
    from core.imports import views as imports
    from core.jobs import views as jobs
    from core.stores import views as stores

    return [module.bp for module in (web, accounts, board, stores, imports, documents, files, jobs, audit)]


@hookimpl
def teams() -> Iterable[Team]:
    return [OPERATIONS]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission("board.view", N_("See boards and tasks")),
        Permission("board.create", N_("Draft tasks")),
        Permission("board.matrix", N_("See the handoff matrix"), "lead"),
        Permission("board.calendar", N_("Change working calendars"), "admin"),
        Permission("stores.view", N_("See stores and products")),
        Permission("stores.edit", N_("Change stores and products"), teams=("operations",)),
        Permission("orders.view", N_("See orders"), teams=("operations",)),
        Permission("imports.run", N_("Import files"), teams=("operations",)),
        Permission("documents.issue", N_("Issue documents")),
        Permission("accounts.manage", N_("Manage users"), "admin"),
        Permission("audit.view", N_("See the event log"), "admin"),
    ]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("My desk"), "board.desk", weight=10, icon="desk"),
        NavItem(N_("Boards"), "board.boards", "board.view", weight=20, icon="board"),
        NavItem(N_("Handoff matrix"), "board.matrix", "board.matrix", weight=24, icon="matrix"),
        NavItem(N_("Documents"), "documents.index", weight=28, icon="document"),
        NavItem(N_("Stores"), "stores.index", "stores.view", "operations", 30, "store"),
        NavItem(N_("Products"), "stores.products", "stores.view", "operations", 40, "product"),
        NavItem(N_("Orders"), "stores.orders", "orders.view", "operations", 50, "order"),
        NavItem(N_("Imports"), "imports.index", "imports.run", "operations", 60, "import"),
    ]


@hookimpl
def task_types() -> Iterable[TaskType]:
    from core.board.types import GENERAL

    return [GENERAL]


@hookimpl
def record_types() -> Iterable[RecordType]:
    from core.board.matrix.review import REVIEW
    from core.stores.records import RECORD_TYPES

    return [*RECORD_TYPES, REVIEW]


@hookimpl
def importers() -> Iterable[Importer]:
    from core.stores.importers import IMPORTERS

    return IMPORTERS


@hookimpl
def documents() -> Iterable[DocumentType]:
    from core.board.matrix.review import PAPER
    from core.documents.handoff import HANDOFF

    return [HANDOFF, PAPER]


@hookimpl
def jobs() -> Iterable[Job]:
    from core.audit.jobs import JOBS as AUDIT_JOBS
    from core.board.jobs import JOBS as BOARD_JOBS
    from core.documents.jobs import JOBS as DOCUMENT_JOBS
    from core.files.jobs import JOBS as FILE_JOBS
    from core.imports.jobs import JOBS as IMPORT_JOBS
    from core.jobs.jobs import JOBS as JOB_JOBS

    return [*DOCUMENT_JOBS, *IMPORT_JOBS, *FILE_JOBS, *JOB_JOBS, *AUDIT_JOBS, *BOARD_JOBS]


@hookimpl
def log_labels() -> Iterable[LogLabel]:
    from core.audit.labels import LABELS

    return [LogLabel(name, label) for name, label in LABELS.items()]


@hookimpl
def can(actor: Actor, permission: str, subject: Any) -> bool:
    if permission == ANYONE:
        return True
    if permission == SIGNED_IN:
        return actor.user_id is not None
    return role_table(actor, permission)
