"""The page of a store's rules: what they say, how to change them, and what a change would have done to past periods."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, abort, request
from sqlalchemy import select

from core.access import allowed, current_actor, load, needs
from core.contracts import Actor
from core.extensions import db
from core.messages import Refusal, msg
from core.pages import answer
from core.registry import registry
from core.stores.models import Store
from core.stores.queries import store_names
from core.web import go, whole_number
from plugins.finance.differences.rules import FINDINGS, LIMITS
from plugins.finance.matching import rule_form, versions
from plugins.finance.matching.classes import DIFFERENCES, LABELS, PART_LABELS, SUBJECTS
from plugins.finance.matching.jobs import ask_preview, previewed
from plugins.finance.matching.kinds import DEFAULT
from plugins.finance.matching.models import RuleSet
from plugins.finance.matching.rules import RECEIPT_DUE
from plugins.finance.pages import bp

UNTYPED = frozenset({"csrf_token", "preview", "store"})


@bp.get("/rules")
@needs("finance.view")
def rules() -> Response:
    actor = current_actor()
    store, version = _store(actor), _version(actor)
    tried = previewed(request.args.get("preview", ""), actor)
    if store and tried is not None and tried.payload["store"] == store.id:
        return _page(store, tried.payload["form"], seen=tried.result["seen"])
    said = versions.said(version) if version else versions.current_rules(store.id)[1] if store else None
    return _page(store, rule_form.shown(said) if said else {}, version=version)


def _store(actor: Actor) -> Store | None:
    wanted = whole_number(request.values.get("store"))
    if wanted is not None:
        return load(Store, actor, id=wanted)
    return db.session.scalar(select(Store).where(Store.visible_to(actor)).order_by(Store.name).limit(1))


def _version(actor: Actor) -> RuleSet | None:
    wanted = whole_number(request.args.get("version"))
    return load(RuleSet, actor, id=wanted) if wanted is not None else None


@bp.post("/rules")
@needs("finance.rules")
def save_rules() -> Response:
    """Save the next version, or (``preview``) have it tried in the background, which says what it would change."""
    actor, form = current_actor(), request.form.to_dict()
    store = _store(actor)
    if store is None:
        abort(404)
    try:
        data = rule_form.parsed(form, versions.current_rules(store.id)[1])
        if "preview" in form:
            typed = {name: value for name, value in form.items() if name not in UNTYPED}
            return go("jobs.status", job_id=ask_preview(store.id, data, typed, actor).id)
        based_on = whole_number(form.get("based_on"))
        version = versions.save_rules(store.id, data, actor, form.get("note", ""), based_on)
    except Refusal as refusal:
        return _page(store, form, refusal=refusal)
    return go(
        "finance.rules",
        msg("Version %(number)s of the rules holds from now on.", number=version.version),
        store=store.id,
    )


def _page(
    store: Store | None,
    fields: Mapping[str, str],
    refusal: Refusal | None = None,
    seen: Sequence[Mapping[str, Any]] | None = None,
    version: RuleSet | None = None,
) -> Response:
    actor = current_actor()
    known = versions.versions(store.id) if store else []
    return answer(
        "finance/rules.html",
        refusal,
        store=store,
        stores=store_names(actor),
        fields=fields,
        tables={name: rule_form.rows(fields, name) for name in ("contract", "owners", "kinds")},
        versions=known,
        version=version,
        newest=known[0].version if known else 0,
        seen=seen,
        may=allowed(actor, "finance.rules") and version is None,
        reasons=refusal.reasons if refusal else (),
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {
        "due": RECEIPT_DUE,
        "codes": [(code, LABELS[code]) for code in DIFFERENCES],
        "teams": [(code, team.label) for code, team in registry().teams.items()],
        "part_labels": PART_LABELS,
        "usual": DEFAULT,
        "subjects": SUBJECTS,
        "findings": list(FINDINGS.items()),
        "limits": LIMITS,
    }
