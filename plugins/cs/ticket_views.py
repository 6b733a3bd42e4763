"""Pages of tickets: the queue, opening one, the box on its task's page."""

from typing import Any

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, load, needs, record
from core.board import brief, rules
from core.board.forms import moment
from core.board.models import Task
from core.board.services import Draft
from core.columns import now
from core.contracts import Field, Ref
from core.exports import MEDIA
from core.extensions import db
from core.listing import download
from core.messages import Refusal, msg, refuse, together
from core.pages import answer
from core.registry import registry
from core.stores.queries import store_names
from core.web import go, respond, say, whole_number
from plugins.cs import guards, handing, promises, queue, settings, settings_views, tickets
from plugins.cs.models import AfterSale
from plugins.cs.pages import bp
from plugins.cs.records import VIEW
from plugins.cs.rules import playbooks
from plugins.cs.rules.handouts import PAYMENT
from plugins.cs.rules.words import AFTER_SALE_STATES, CAUSES, JUDGEMENTS
from plugins.cs.types import TASK_TYPES, prefill

WORK = "cs.ticket"
MONEY = Field("amount", "", "money")
STARS = (1, 2, 3, 4, 5)


@bp.get("/")
@needs(VIEW)
def index() -> ResponseReturnValue:
    """The queue, by tab, kind and words."""
    actor, tab = current_actor(), request.args.get("tab", "open")
    tab = tab if tab in queue.TABS else "open"
    if (form := request.args.get("export", "")) in MEDIA:
        return download("tickets", form, [say(label) for label in queue.COLUMNS], queue.table(actor, request.args, tab))
    found, entries = queue.page(actor, request.args, tab)
    return respond(
        "cs/queue.html",
        tabs=queue.TABS,
        tab=tab,
        counts=queue.counts(actor),
        found=found,
        entries=entries,
        types=TASK_TYPES.values(),
        causes={name: label for name, label in CAUSES.items() if name},
        stores=store_names(actor),
        states=rules.STATES,
        at=now(),
    )


@bp.get("/today")
@needs(WORK)
def desk_box() -> str:
    """The box on the desk: what must not wait."""
    return render_template(
        "cs/_today.html",
        pressing=queue.pressing(current_actor()),
        promised=promises.sums(),
        states=promises.rules.STATES,
    )


@bp.get("/tickets/new")
@needs(WORK)
def new_ticket() -> ResponseReturnValue:
    return _new()


def _new(refusal: Refusal | None = None) -> Response:
    kind = TASK_TYPES.get(request.args.get("type", ""), TASK_TYPES["cs.inquiry"])
    return answer(
        "cs/new_ticket.html",
        refusal,
        kind=kind,
        kinds=TASK_TYPES.values(),
        stores=store_names(current_actor()),
        given=_source(),
        source=request.args.get("record", "")[:80],
        due=request.form.get("platform_due_at", ""),
        priorities=list(enumerate(rules.PRIORITIES)),
    )


def _ref() -> Ref | None:
    kind, _, number = request.args.get("record", "").partition(":")
    return Ref(kind, whole_number(number) or 0) if kind in registry().record_types else None


def _source() -> dict[str, Any]:
    """What is known of the record that a ticket is opened from."""
    ref = _ref()
    found = record(ref, current_actor()) if ref else None
    summary = registry().record_types[ref.kind].summary if ref else None
    if found is None or summary is None:
        return {}
    told = summary(found)
    return {**prefill(told), "title": told.get("title", ""), "store": found.store_id}


@bp.post("/tickets/new")
@needs(WORK)
def open_ticket() -> Response:
    actor, form = current_actor(), request.form
    kind = TASK_TYPES.get(request.args.get("type", ""), TASK_TYPES["cs.inquiry"])
    values, problems = brief.parse(kind.fields, form.getlist)
    if kind.fields[0].name not in values:
        problems.setdefault("what", msg("Say what the buyer says."))
    store_id, ref = whole_number(form.get("store")), _ref()
    if form.get("store") and store_id not in dict(store_names(actor)):
        problems["store"] = msg("Choose one of the options.")
    due = moment("platform_due_at", problems)
    draft = Draft(
        form.get("title", ""),
        values,
        whole_number(form.get("priority")) or 0,
        store_id=store_id,
        records=(ref,) if ref else (),
    )
    try:
        refuse(**problems)
        task = tickets.open_ticket(actor, kind.name, draft, answered=form.get("answered") == "1", due=due)
    except Refusal as refusal:
        return _new(refusal)
    return go("board.task", msg("%(number)s is open.", number=task.number), number=task.number)


@bp.get("/tickets/<number>/box")
@needs(VIEW)
def ticket_box(number: str) -> ResponseReturnValue:
    """The box on a ticket's page."""
    return _box(_ticket(number))


def _ticket(number: str) -> Task:
    task = load(Task, current_actor(), number=number)
    if task.type not in TASK_TYPES:
        abort(404)
    return task


def _box(task: Task, refusal: Refusal | None = None) -> Response:
    actor, ticket = current_actor(), tickets.ticket_of(task)
    book = guards.limits(ticket.playbook)
    needed = playbooks.level(ticket.amount, book) if book else playbooks.MEMBER
    case = db.session.get(AfterSale, ticket.after_sale_id) if ticket.after_sale_id else None
    return answer(
        "cs/_ticket.html",
        refusal,
        task=task,
        ticket=ticket,
        case=case,
        case_states=AFTER_SALE_STATES,
        judged=JUDGEMENTS.get(case.status, "") if case else "",
        book=ticket.playbook,
        needed=needed,
        payers=playbooks.PAYERS,
        causes=CAUSES,
        stars=STARS,
        parts=handing.parts_of(task, actor),
        offered=handing.offered(),
        usual=handing.usual(ticket),
        kinds=registry().task_types,
        replies=settings.usable(),
        most=settings_views.MOST,
        open=task.state in rules.OPEN,
        may_work=allowed(actor, WORK) and task.state in rules.OPEN,
        may_approve=allowed(actor, "cs.approve_beyond") or (needed == playbooks.LEAD and allowed(actor, "cs.approve")),
        objections=guards.playbooks.objections(guards.case_of(task, ticket), book),
        at=now(),
    )


def _version() -> int | None:
    return whole_number(request.form.get("version"))


@bp.post("/tickets/<number>")
@needs(WORK)
def save_ticket(number: str) -> Response:
    task, form = _ticket(number), request.form
    amounts, problems = brief.parse((MONEY,), form.getlist)
    values = {
        "cause": form.get("cause", ""),
        "payer": form.get("payer", ""),
        "amount": amounts.get("amount"),
        "satisfaction": whole_number(form.get("satisfaction")),
        "platform_due_at": moment("platform_due_at", problems),
    }
    try:
        refuse(**problems)
        tickets.edit(task.id, current_actor(), _version(), values)
    except Refusal as refusal:
        return _box(_ticket(number), refusal)
    return go("board.task", msg("The change is stored."), number=number)


@bp.post("/tickets/<number>/approve")
@needs("board.view")
def approve_ticket(number: str) -> Response:
    task, actor = _ticket(number), current_actor()
    beyond = allowed(actor, "cs.approve_beyond")
    if not beyond and not allowed(actor, "cs.approve"):
        abort(403)
    try:
        tickets.approve(task.id, actor, _version(), beyond=beyond)
    except Refusal as refusal:
        return _box(_ticket(number), refusal)
    return go("board.task", msg("The amount is approved."), number=number)


@bp.post("/tickets/<number>/ask")
@needs(WORK)
def ask_approval(number: str) -> Response:
    task = _ticket(number)
    try:
        tickets.ask_approval(task.id, current_actor())
    except Refusal as refusal:
        return _box(_ticket(number), refusal)
    return go("board.task", msg("The leads were told."), number=number)


@bp.post("/tickets/<number>/hand-out")
@needs(WORK)
def hand_out(number: str) -> Response:
    task, form = _ticket(number), request.form
    in_order = form.get("order") == "series"
    try:
        made, left = handing.hand_out(
            task.id, form.getlist("codes"), current_actor(), form.get("text", "")[:4000], in_order=in_order
        )
    except Refusal as refusal:
        return _box(_ticket(number), refusal)
    said = msg("%(count)s parts were handed out.", count=len(made))
    return go("board.task", together([said, *left]) if left else said, number=number)


@bp.post("/tickets/<number>/merge")
@needs(WORK)
def merge_ticket(number: str) -> Response:
    task = _ticket(number)
    try:
        other = tickets.merge(task.id, request.form.get("into", ""), current_actor())
    except Refusal as refusal:
        return _box(_ticket(number), refusal)
    return go("board.task", msg("%(number)s was merged into this one.", number=number), number=other.number)


@bp.post("/tickets/<number>/here")
@needs(VIEW)
def here(number: str) -> str:
    """Who else looks at this ticket; asked for again and again while its box is open."""
    task = _ticket(number)
    return render_template("cs/_here.html", others=tickets.here(task.id, current_actor()))


@bp.get("/payments/<number>")
@needs("board.view")
def payment_box(number: str) -> ResponseReturnValue:
    """The box on finance's task: each payment, and which may not be made any more."""
    task = load(Task, current_actor(), number=number)
    if task.type != PAYMENT:
        abort(404)
    rows = promises.of_task(task)
    page = render_template(
        "cs/_payment.html",
        rows=rows,
        conflicts=promises.conflicts(rows),
        states=promises.rules.STATES,
        linked=allowed(current_actor(), VIEW),
    )
    return make_response(page)
