"""Pages of members: who comes back and spends, without saying who they are."""

from flask import request
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, load, needs
from core.messages import Refusal, msg, together
from core.web import go, respond
from plugins.cs import listings
from plugins.cs import members as book
from plugins.cs.models import Member
from plugins.cs.pages import about, bp
from plugins.cs.records import VIEW
from plugins.cs.rules import members as rules

ASKED = ("q", *(choice.name for choice in listings.MEMBERS.filters), "from", "to", "sort")  # what says who is in a list


@bp.get("/members", endpoint="members")
@needs(VIEW)
def member_list() -> ResponseReturnValue:
    """Members by tier and spending; the same address with ``export`` is the reach list of a campaign."""
    return _members()


def _members(refusal: Refusal | None = None) -> ResponseReturnValue:
    response = listings.MEMBERS.respond(
        "cs/members.html",
        "cs.member",
        overview=book.overview(),
        tiers=rules.TIERS,
        may_work=allowed(current_actor(), "cs.ticket"),
        reasons=refusal.reasons if refusal else (),
    )
    response.status_code = refusal.status if refusal else response.status_code
    return response


@bp.post("/members", endpoint="tag_members")
@needs("cs.ticket")
def tag_members() -> ResponseReturnValue:
    """Tag all members of the list that the address names, on all its pages, or take tags off them."""
    off = request.form.get("off") == "1"
    kept = {name: given for name in ASKED if (given := request.args.get(name))}
    try:
        found = listings.MEMBERS.query(current_actor(), kept)
        done, full = book.tag_all(found, request.form.get("tags", "").split(), off=off)
    except Refusal as refusal:
        return _members(refusal)
    said = msg("%(count)s members were changed.", count=done)
    more = [msg("%(count)s carry as many tags as they can already.", count=full)] if full else []
    return go("cs.members", together([said, *more]) if more else said, **kept)


@bp.get("/members/<int:id>")
@needs(VIEW)
def member(id: int) -> ResponseReturnValue:
    found = load(Member, current_actor(), id=id)
    return respond(
        "cs/member.html",
        tiers=rules.TIERS,
        orders=book.orders_of(found),
        may_work=allowed(current_actor(), "cs.ticket"),
        **about("cs.member", found),
    )


@bp.post("/members/<int:id>")
@needs("cs.ticket")
def tag_member(id: int) -> ResponseReturnValue:
    found = load(Member, current_actor(), id=id)
    book.tag(found.id, request.form.get("tags", "").split())
    return go("cs.member", msg("The change is stored."), id=id)
