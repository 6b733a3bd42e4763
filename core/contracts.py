"""What plugins hand over: frozen dataclasses. Labels are English message ids, translated when shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

# Whoever writes a plugin finds all that it hands over here; formats stand in a module of their own for their length.
from core.formats import Column, Columnar, ColumnKind, Importer, ImportRecord  # noqa: F401
from core.messages import Message

Level = Literal["member", "lead", "admin"]

# What a route may declare instead of a permission's name.
ANYONE = "anyone"
SIGNED_IN = "signed_in"


@dataclass(frozen=True)
class Actor:
    """Who does something: a user's id, name and roles, and through what (web, api, import, job, plugin name)."""

    user_id: int | None
    name: str
    roles: Mapping[str, str] = field(default_factory=dict)  # team code -> "member" | "lead"
    admin: bool = False
    source: str = "web"

    def in_team(self, team: str) -> bool:
        return team in self.roles

    def leads(self, team: str) -> bool:
        return self.admin or self.roles.get(team) == "lead"


SYSTEM = Actor(None, "system", admin=True, source="system")


@dataclass(frozen=True)
class Ref:
    """A soft reference to a record: its kind (``core.order``) and its key in the database."""

    kind: str
    id: int


@dataclass(frozen=True)
class Permission:
    """A named right, held from ``level`` upwards by members of ``teams`` (of any team, if none is named)."""

    name: str
    label: str
    level: Level = "member"
    teams: tuple[str, ...] = ()


@dataclass(frozen=True)
class Team:
    """A team that hands work over or takes it; ``prefix`` begins its tasks' numbers, ``grants`` names core
    permissions its members hold beside their own."""

    code: str
    label: str
    prefix: str
    hours: str = "office"  # office: 9:00-18:00 on working days; daily: 9:00-23:00 every day
    grants: tuple[str, ...] = ()


@dataclass(frozen=True)
class NavItem:
    """An entry of the left rail, under its team (core's own stand first)."""

    label: str
    endpoint: str
    permission: str = SIGNED_IN
    team: str = ""
    weight: int = 50
    icon: str = "dot"


FieldKind = Literal[
    "text", "longtext", "choice", "choices", "number", "money", "date", "size", "list", "links", "yesno"
]


@dataclass(frozen=True)
class Field:
    """One typed field of a brief.

    ``size`` is width x height in pixels; ``list`` one entry a line; ``money`` yuan with two decimals, kept as fen;
    ``choices`` several of ``options`` (value, label).
    """

    name: str
    label: str
    kind: FieldKind = "text"
    required: bool = False
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    max_length: int = 2000


@dataclass(frozen=True)
class Check:
    """One line of a task type's acceptance checklist; a mandatory one must pass before sign-off."""

    name: str
    label: str
    mandatory: bool = True


@dataclass(frozen=True)
class Slot:
    """A named place for deliverable files; ``accept`` lists file kinds (image, pdf, sheet, video, zip).

    The files of a slot with ``many`` stand beside each other, as photos of a damage do; those of any other are
    versions of one file.
    """

    name: str
    label: str
    accept: tuple[str, ...] = ("image",)
    required: bool = True
    many: bool = False


@dataclass(frozen=True)
class Targets:
    """Working minutes of the holding team's calendar: to accept, to deliver, to check."""

    accept: int = 240
    deliver: int = 1440
    check: int = 480


@dataclass(frozen=True)
class TaskType:
    """A plugin's offer of work: what a brief must say, what is checked, what is delivered, in what time.

    ``estimate`` gives the size points of a brief (a mapping of field name to value); ``from_records`` names the
    record kinds it can be drafted from, ``prefill`` turns such a record's plain values into brief values.
    """

    name: str
    label: str
    team: str
    fields: tuple[Field, ...] = ()
    checklist: tuple[Check, ...] = ()
    slots: tuple[Slot, ...] = ()
    targets: Targets = Targets()
    icon: str = "task"
    estimate: Callable[[Mapping[str, Any]], int] | None = None
    from_records: tuple[str, ...] = ()
    prefill: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class RecordType:
    """A kind of store record: its table (a mapped class with ``store_id`` and ``title``) and its page.

    ``key`` names the column with the record's natural key within its store, only kinds that have one can be
    imported; ``alias`` the one with the alias of an ``ImportRecord``, and ``like`` those that are the same, as far
    as both are known, where files agree in neither; the first of these is always known. ``links`` says which
    columns hold another record's database id, found by key whenever either of the two arrives: ``{"order_id":
    ("order_no", "core.order")}``. ``labels`` says what fields are called that an import or a history shows, and
    how: ``{"amount": ("Amount", "money")}``; the kinds are text, number, money and when. ``states`` is what the
    values of ``status`` are called.
    """

    name: str
    label: str
    model: type
    endpoint: str
    permission: str
    summary: Callable[[Any], Mapping[str, Any]] | None = None  # plain values, for briefs and documents
    key: str = ""
    alias: str = ""
    like: tuple[str, ...] = ()
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DocumentType:
    """A kind of numbered PDF: ``snapshot(subject)`` gives plain values, ``template`` renders them.

    ``subject`` is the kind it is issued for (``core.task`` or a record kind); ``task_types`` narrows it to some.
    """

    name: str
    label: str
    prefix: str
    template: str
    version: str
    snapshot: Callable[[Any], Mapping[str, Any]]
    subject: str = "core.task"
    task_types: tuple[str, ...] = ()
    permission: str = "documents.issue"


@dataclass(frozen=True)
class Panel:
    """A box on a core page (``place``: task, desk, import, order, product, store), filled by htmx from ``endpoint``.

    ``task_types`` narrows one on a task's page to some types of task, on an import's to some kinds of file.
    """

    place: str
    endpoint: str
    title: str
    permission: str = SIGNED_IN
    weight: int = 50
    task_types: tuple[str, ...] = ()


@dataclass(frozen=True)
class Job:
    """Background work by name; ``every`` seconds if it repeats by itself.

    ``function(payload, progress)`` does what is slow and returns its result (plain JSON), or a function that writes the
    effects and returns the result: it is called inside the transaction that ends the job, so that a worker killed at
    any moment leaves both or neither. ``progress(done, total, message)`` says how far it is, ``progress.actor`` is who
    asked. A ``Refusal`` ends the job with its reasons; after any other error it is tried again.
    """

    name: str
    function: Callable[..., Any]
    every: int | None = None


@dataclass(frozen=True)
class LogLabel:
    """What the event log calls a verb, or a kind of subject that is no record, in the words of its readers."""

    name: str
    label: str


@dataclass(frozen=True)
class Problem:
    """What is wrong with a record about to be saved, and in which field."""

    message: Message
    field: str = ""
