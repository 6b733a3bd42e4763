"""Finance: the hook implementations."""

from collections.abc import Iterable
from typing import Any

import click
from flask import Blueprint

from core import hookimpl
from core.answers import Demo
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
from core.messages import N_
from plugins.finance import demo as examples
from plugins.finance import record_views as _records  # noqa: F401
from plugins.finance.books import models as _books  # noqa: F401  tables must be known before they are migrated
from plugins.finance.books import settlement_views as _settlements  # noqa: F401
from plugins.finance.books import views as _lines  # noqa: F401  pages must be there before the blueprint is mounted
from plugins.finance.books.importers.alipay import IMPORTERS as ALIPAY
from plugins.finance.books.importers.others import IMPORTERS as OTHER_ACCOUNTS
from plugins.finance.books.importers.tmall_global import IMPORTERS as TMALL_GLOBAL
from plugins.finance.books.importers.trades import IMPORTERS as TRADES
from plugins.finance.books.records import RECORD_TYPES as BOOKS
from plugins.finance.books.settlement_command import settlements_command
from plugins.finance.books.settlement_records import RECORD_TYPES as SETTLEMENTS
from plugins.finance.comparing.command import compare_command
from plugins.finance.differences import handoff, withdrawn
from plugins.finance.differences import models as _differences  # noqa: F401
from plugins.finance.differences import views as _desk  # noqa: F401
from plugins.finance.differences.records import RECORD_TYPES as DIFFERENCES
from plugins.finance.differences.types import DIFFERENCE
from plugins.finance.matching import models as _matching  # noqa: F401
from plugins.finance.matching import rule_views as _rules  # noqa: F401
from plugins.finance.matching.command import reconcile_command
from plugins.finance.matching.jobs import JOBS as MATCHING
from plugins.finance.overview import views as _overview  # noqa: F401
from plugins.finance.overview.jobs import JOBS as NIGHTLY
from plugins.finance.pages import bp
from plugins.finance.partners import models as _partners  # noqa: F401
from plugins.finance.partners import payable_views as _payables  # noqa: F401
from plugins.finance.partners import supplier_views as _suppliers  # noqa: F401
from plugins.finance.partners import views as _accounts  # noqa: F401
from plugins.finance.partners.importers import IMPORTERS as PARTNERS
from plugins.finance.partners.records import RECORD_TYPES as OF_PARTNERS
from plugins.finance.periods import exports_views as _exports  # noqa: F401
from plugins.finance.periods import models as _periods  # noqa: F401
from plugins.finance.periods import services as periods
from plugins.finance.periods import views as _signing  # noqa: F401
from plugins.finance.periods.documents import DOCUMENTS as PAPERS
from plugins.finance.periods.documents import RECORD_TYPES as PERIODS
from plugins.finance.profit import cost_views as _cost_views  # noqa: F401
from plugins.finance.profit import views as _profit  # noqa: F401
from plugins.finance.profit.documents import DOCUMENTS as PROFIT

TEAM = "finance"

BILLS = tuple(importer.name for importer in (*ALIPAY, *OTHER_ACCOUNTS) if importer.facts)  # of an account


@hookimpl
def teams() -> Iterable[Team]:
    return [Team(TEAM, N_("Finance"), "FIN", grants=("stores.view", "orders.view", "imports.run"))]


@hookimpl
def permissions() -> Iterable[Permission]:
    return [
        Permission("finance.view", N_("See accounts and reconciliations"), teams=(TEAM,)),
        Permission("finance.reconcile", N_("Reconcile, and settle differences"), teams=(TEAM,)),
        Permission("finance.rules", N_("Change the rules of reconciliation"), "lead", (TEAM,)),
        Permission("finance.sign", N_("Sign periods and approve write-offs"), "lead", (TEAM,)),
    ]


@hookimpl
def blueprints() -> Iterable[Blueprint]:
    return [bp]


@hookimpl
def documents() -> Iterable[DocumentType]:
    return [*PAPERS, *PROFIT]


@hookimpl
def record_types() -> Iterable[RecordType]:
    return [*BOOKS, *OF_PARTNERS, *SETTLEMENTS, *DIFFERENCES, *PERIODS]


@hookimpl
def importers() -> Iterable[Importer]:
    return [*ALIPAY, *TRADES, *OTHER_ACCOUNTS, *PARTNERS, *TMALL_GLOBAL]


@hookimpl
def nav_items() -> Iterable[NavItem]:
    return [
        NavItem(N_("Reconciliation"), "finance.index", "finance.view", TEAM, 10, "done"),
        NavItem(N_("Differences"), "finance.differences", "finance.view", TEAM, 20, "alert"),
        NavItem(N_("Periods"), "finance.periods", "finance.view", TEAM, 30, "calendar"),
        NavItem(N_("Account lines"), "finance.lines", "finance.view", TEAM, 40, "coin"),
        NavItem(N_("Payouts"), "finance.settlements", "finance.view", TEAM, 50, "globe"),
        NavItem(N_("Partners"), "finance.partners", "finance.view", TEAM, 60, "cart"),
        NavItem(N_("Profit"), "finance.profit", "finance.view", TEAM, 70, "history"),
        NavItem(N_("Rules"), "finance.rules", "finance.view", TEAM, 95, "sliders"),
    ]


@hookimpl
def log_labels() -> Iterable[LogLabel]:
    return [
        LogLabel("finance.run", N_("Reconciliation")),
        LogLabel("finance.rule_set", N_("Reconciliation rules")),
        LogLabel("finance.shared_cost", N_("Shared cost")),
        LogLabel("finance.campaign", N_("Campaign")),
        LogLabel("reconciled", N_("reconciled the books")),
        LogLabel("rules_changed", N_("changed the reconciliation rules")),
        LogLabel("line_matched", N_("matched a line by hand")),
        LogLabel("account_assigned", N_("said whose account a bill is of")),
        LogLabel("line_unmatched", N_("took a match back")),
    ]


@hookimpl
def panels() -> Iterable[Panel]:
    return [
        Panel("desk", "finance.desk_box", N_("Differences that wait for me"), "finance.view"),
        Panel("order", "finance.order_box", N_("Differences"), "finance.view", 20),
        Panel("task", "finance.task_box", N_("Differences"), "board.view", task_types=(DIFFERENCE.name,)),
        Panel("order", "finance.lines_box", N_("Money lines"), "finance.view", 30),
        Panel("import", "finance.bill_box", N_("Account and balance"), "finance.view", task_types=BILLS),
    ]


@hookimpl
def jobs() -> Iterable[Job]:
    return [*MATCHING, *NIGHTLY]


@hookimpl
def task_types() -> Iterable[TaskType]:
    return [DIFFERENCE]


@hookimpl
def task_moved(task: Any, verb: str, origin: str, actor: Actor) -> None:
    handoff.hear(task, verb, origin, actor)


@hookimpl
def import_finished(batch: Any, actor: Actor) -> None:
    periods.hear_import(batch, actor)


@hookimpl
def import_undone(batch: Any, actor: Actor) -> None:
    periods.hear_undone(batch, actor)
    withdrawn.hear_undone(batch, actor)


@hookimpl
def record_saved(record: Any, actor: Actor) -> None:
    periods.hear_record(record, actor)


@hookimpl
def commands() -> Iterable[click.Command]:
    return [reconcile_command, compare_command, settlements_command]


@hookimpl
def demo_loaded(demo: Demo) -> None:
    examples.load(demo)
