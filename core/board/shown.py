"""Tasks as pages show them: cards, desk rows, and the whole task."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from markupsafe import Markup

from core.access import allowed
from core.audit import services as audit
from core.board import brief, clocks, contents, notices, queries, rules
from core.board.models import Task
from core.board.situation import Relatives, parts, relatives, situation, standing
from core.board.types import available, task_type
from core.columns import now
from core.contracts import Actor, Ref
from core.language import catalogue, gettext
from core.registry import registry
from core.web import zone

NEAR = timedelta(days=300)
KEPT = 10_000  # cards, of about a kilobyte each


def event_label(verb: str) -> str:
    """What a line of the log says was done, in the reader's language."""
    known = rules.VERBS.get(verb) or registry().log_labels.get(verb)
    return gettext(known.label if known else verb)


def team_label(code: str) -> str:
    """A team's label in the reader's language; the code of one whose plugin is switched off."""
    team = registry().teams.get(code)
    return gettext(team.label) if team else code


class Labels:
    """What cards say in the reader's language and zone, worked out once for a whole list."""

    def __init__(self) -> None:
        self.at = now()
        self.zone = zone()
        self._near = self.at - NEAR, self.at + NEAR
        self._kinds: dict[Any, dict[str, Any]] = {}

    def kind(self, row: Any, actor: Actor) -> dict[str, Any]:
        """What all cards of a kind say alike: its labels, and the verbs that are legal."""
        key = (row.state, row.requester_team, row.responsible_team, row.holder_id == actor.user_id, row.type)
        if key not in self._kinds:
            verbs = _legal(row, actor)
            self._kinds[key] = {
                "type_label": gettext(task_type(row.type).label),
                "state_label": gettext(rules.STATES[row.state]),
                "from_label": team_label(row.requester_team),
                "to_label": team_label(row.responsible_team),
                "verbs": verbs,
                "moves": " ".join(verb["name"] for verb in verbs),
            }
        return self._kinds[key]

    def is_near(self, moment: datetime | None) -> bool:
        return moment is not None and self._near[0] < moment < self._near[1]

    def moment(self, moment: datetime | None) -> str:
        """A deadline in the reader's zone; the year only where it is not obvious. Plain digits: lists are long."""
        if moment is None:
            return ""
        return moment.astimezone(self.zone).strftime("%m-%d %H:%M" if self.is_near(moment) else "%Y-%m-%d")


def _legal(row: Any, actor: Actor) -> list[dict[str, Any]]:
    legal = rules.legal(rules.Situation(**standing(row)), actor) if available(row.type) else []
    return [{"name": verb.name, **_told(verb)} for verb in legal]


def _told(verb: rules.Verb) -> dict[str, Any]:
    return {"label": gettext(verb.label), "to": verb.to, "asks": bool(verb.asks)}


def cards(rows: Iterable[Any], actor: Actor, labels: Labels | None = None) -> list[dict[str, Any]]:
    """Rows of ``queries`` as cards."""
    labels = labels or Labels()
    shown: list[dict[str, Any]] = []
    names: tuple[str, ...] = ()
    for row in rows:
        names = names or row._fields  # put together anew whenever a row is asked
        card = dict(zip(names, row, strict=True)) | labels.kind(row, actor)
        due = card["leg_due_at"]
        card["mine"] = card["holder_id"] == actor.user_id
        card["holder_name"] = card["holder_name"] or ""
        card["due_text"] = labels.moment(due or card["due_at"])
        card["late"] = due is not None and due < labels.at
        card["rounds"] = card["round"] - 1
        card["url"] = f"/tasks/{card['number']}"
        shown.append(card)
    return shown


def drawn(rows: Iterable[Any], actor: Actor, labels: Labels | None = None) -> Markup:
    """Rows of ``queries`` as a board's cards. A card is written once for all who are shown the very same of it."""
    labels, language = labels or Labels(), catalogue()
    known: dict[Any, str] = current_app.extensions.setdefault("board_cards", {})
    if len(known) > KEPT:
        known.clear()
    found = []
    for row in rows:
        due = row.leg_due_at
        late, near = due is not None and due < labels.at, labels.is_near(due or row.due_at)
        key = language, labels.zone, late, near, labels.kind(row, actor)["moves"], row[: queries.width()]
        if (html := known.get(key)) is None:
            (card,) = cards([row], actor, labels)
            html = known[key] = current_app.jinja_env.get_template("board/_cards.html").module.draw(card)
        found.append(html)
    return Markup("".join(found))


def verb_table() -> dict[str, dict[str, Any]]:
    """What a board's script needs to know of each verb: its label, where it leads and whether it asks for words."""
    return {name: _told(verb) for name, verb in rules.VERBS.items()}


def clock(legs: Sequence[Any]) -> dict[str, Any] | None:
    """The running leg's clock: minutes spent in this phase, its target, and the share used in percent."""
    leg = clocks.running(legs)
    if leg is None:
        return None
    used = clocks.used(legs, leg.phase) + clocks.spent(leg)
    target = leg.target_minutes
    return {
        "team": team_label(leg.team) if leg.team else "",
        "phase": leg.phase,
        "spent": used // 60,
        "target": target,
        "percent": min(999, used * 100 // (target * 60)) if target else None,
        "due_at": leg.due_at,
        "late": leg.due_at is not None and leg.due_at < now(),
    }


def whole(task: Task, actor: Actor) -> dict[str, Any]:
    """Everything a task page or panel shows, as the templates name it."""
    kind = task_type(task.type)
    held = parts(task)
    around = relatives(task, held)
    facts, legs = situation(task, around), clocks.legs_of(task)
    approved = {
        (f["slot"], f["version"]) for approval in task.approvals if approval.voided_at is None for f in approval.files
    }
    return {
        "task": task,
        "kind": kind,
        "available": available(task.type),
        "state_label": rules.STATES[task.state],
        "from_label": team_label(task.requester_team),
        "to_label": team_label(task.responsible_team),
        "verbs": rules.legal(facts, actor) if available(task.type) else [],
        "sides": rules.sides(facts, actor),
        "facts": facts,
        "clock": clock(legs),
        "brief": brief.shown(kind.fields, task.brief) + brief.strangers(kind.fields, task.brief),
        "slots": [
            {"slot": slot, "versions": [file for file in reversed(task.files) if file.slot == slot.name]}
            for slot in contents.slots_of(task)
        ],
        "attachments": [file for file in task.files if file.slot == contents.BRIEF_SLOT],
        "approved": approved,
        "legs": [
            {
                "leg": leg,
                "team": team_label(leg.team) if leg.team else gettext("Outside"),
                "state": rules.STATES[leg.state],
                "minutes": clocks.spent(leg) // 60,
            }
            for leg in legs
        ],
        "reasons": rules.REASONS,
        **_related(task, around, actor),
        "records": _records_of(task, actor),
        "comments": contents.comments_of(task) if "comments" in held else [],
        "watchers": notices.followers(task) if "watchers" in held else [],
        "events": audit.events_of(Ref("core.task", task.id)),
        "team_label": team_label,
    }


def _related(task: Task, around: Relatives, actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """The tasks around one, a line each: how they stand everybody may know, a link is for who may open them."""
    groups = {
        "parent": [task.parent] if task.parent else [],
        "blockers": around.blockers,
        "blocking": around.waiters,
        "children": around.children,
    }
    ids = {other.id for group in groups.values() for other in group}
    open_to = queries.visible(ids, actor) if ids else set()
    return {
        name: [
            {
                "number": other.number,
                "title": other.title if other.id in open_to or other.state != rules.DRAFT else "",
                "state": other.state,
                "state_label": rules.STATES[other.state],
                "team": team_label(other.responsible_team),
                "holder": other.holder.name if other.holder else "",
                "url": f"/tasks/{other.number}" if other.id in open_to else "",
            }
            for other in group
        ]
        for name, group in groups.items()
    }


def _records_of(task: Task, actor: Actor) -> list[dict[str, Any]]:
    """Linked records, with the endpoint of those pages that the actor may open."""
    found = [(link, registry().record_types.get(link.kind)) for link in task.links]
    return [
        {
            "title": link.title,
            "label": kind.label if kind else link.kind,
            "endpoint": kind.endpoint if kind and allowed(actor, kind.permission) else "",
            "id": link.record_id,
        }
        for link, kind in found
    ]


def columns(team: str, wanted: queries.Filter, actor: Actor) -> list[dict[str, Any]]:
    """A board's columns with their cards."""
    labels = Labels()
    return [
        {"state": state, "label": rules.STATES[state], "count": count, "cards": drawn(rows, actor, labels)}
        for state, (count, rows) in queries.board(team, wanted).items()
    ]
