"""Every hook of Storeboard. Nouns are offered once at start, questions are asked during a request, past participles
are news told after the commit. A plugin implements those it needs, with those arguments that it needs."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

import click
from flask import Blueprint, Flask

from core import hookspec
from core.answers import Demo, Parcel, Payable, Promise, Receipt
from core.contracts import (
    Actor,
    DocumentType,
    Importer,
    Job,
    LogLabel,
    NavItem,
    Panel,
    Permission,
    Problem,
    RecordType,
    TaskType,
    Team,
)
from core.messages import Message


@hookspec
def blueprints() -> Iterable[Blueprint]:
    """Pages of the plugin, mounted at ``/<plugin>``. *Collected once at start.*"""


@hookspec
def teams() -> Iterable[Team]:
    """Teams the plugin works for. *Collected once at start.*"""


@hookspec
def permissions() -> Iterable[Permission]:
    """Named rights of the plugin's routes and actions. *Collected once at start.*"""


@hookspec
def nav_items() -> Iterable[NavItem]:
    """Entries of the left rail. *Collected once at start.*"""


@hookspec
def task_types() -> Iterable[TaskType]:
    """Kinds of work the plugin's teams take on. *Collected once at start.*"""


@hookspec
def record_types() -> Iterable[RecordType]:
    """Kinds of store records with a page. *Collected once at start.*"""


@hookspec
def importers() -> Iterable[Importer]:
    """File formats the import page and command can read. *Collected once at start.*"""


@hookspec
def documents() -> Iterable[DocumentType]:
    """Kinds of numbered PDF documents. *Collected once at start.*"""


@hookspec
def panels() -> Iterable[Panel]:
    """Boxes on core's pages, each filled by a request of its own. *Collected once at start.*"""


@hookspec
def jobs() -> Iterable[Job]:
    """Background work by name. *Collected once at start.*"""


@hookspec
def log_labels() -> Iterable[LogLabel]:
    """What the event log calls the plugin's verbs and those of its kinds that are no records. *Collected once at
    start.*"""


@hookspec
def commands() -> Iterable[click.Command]:
    """Commands under ``storeboard <plugin>``, each run inside the app with its database at hand. *Collected once at
    start, and by the command line.*"""


@hookspec
def move_objections(task: Any, verb: str, actor: Actor) -> Iterable[Message]:
    """Reasons why ``actor`` may not do ``verb`` to ``task`` now. *Asked before every move; any reason refuses it, on
    every route, and is shown.*"""


@hookspec
def record_problems(record: Any) -> Iterable[Problem]:
    """What is wrong with a store record about to be saved by hand. *Asked before every hand-made change; any problem
    refuses it and is shown at its field.*"""


@hookspec
def promised_payments(store_id: int, first: date, last: date) -> Iterable[Promise]:
    """Payments promised to buyers of a store from day ``first`` to day ``last``, both included. *Asked when promises
    are compared with what was paid; nobody need answer.*"""


@hookspec
def parcels(store_id: int, waybills: Collection[str]) -> Iterable[Parcel]:
    """The parcels of a store that these waybills are of. *Asked when a courier's bill is checked; nobody need
    answer.*"""


@hookspec
def goods_received(store_id: int, first: date, last: date) -> Iterable[Receipt]:
    """Goods that came in for a store from day ``first`` to day ``last``, both included. *Asked when a supplier's
    statement is checked; nobody need answer.*"""


@hookspec
def payables(store_id: int | None, first: date, last: date) -> Iterable[Payable]:
    """Suppliers' invoices for a store and open claims on suppliers, dated from day ``first`` to day ``last``, both
    included; of None: the invoices that belong to no store yet. *Asked when finance looks at what suppliers are owed;
    nobody need answer.*"""


@hookspec(firstresult=True)
def can(actor: Actor, permission: str, subject: Any) -> bool | None:
    """Whether ``actor`` holds ``permission``. *Asked on every request; None passes on, and core's role table answers
    last.*"""


@hookspec
def task_created(task: Any, actor: Actor) -> None:
    """A task was drafted. *Told after the commit.*"""


@hookspec
def task_moved(task: Any, verb: str, origin: str, actor: Actor) -> None:
    """A task went from state ``origin`` to ``task.state`` by ``verb``. *Told after the commit.*"""


@hookspec
def record_saved(record: Any, actor: Actor) -> None:
    """A store record was entered or edited by hand. *Told after the commit.*"""


@hookspec
def import_finished(batch: Any, actor: Actor) -> None:
    """A file was taken into records. *Told after the commit.*"""


@hookspec
def import_undone(batch: Any, actor: Actor) -> None:
    """What a file brought was taken out of the records. *Told after the commit.*"""


@hookspec
def document_issued(document: Any, actor: Actor) -> None:
    """A PDF document was issued. *Told after the commit.*"""


@hookspec
def demo_loaded(demo: Demo) -> None:
    """The demo store was filled; add to it what shows the plugin at work. *Told by* ``storeboard demo``, *after the
    commit.*"""


@hookspec
def app_ready(app: Flask) -> None:
    """Last step of ``create_app``, for what no hook covers. *Called once at start.*"""
