"""Pages of members: who comes back and spends, without saying who they are."""

from flask import request
from flask.typing import ResponseReturnValue

from core.access import allowed, current_actor, load, needs
from core.messages import msg
from core.web import go, respond
from plugins.cs import listings
from plugins.cs import members as book
from plugins.cs.models import Member
from plugins.cs.pages import about, bp
from plugins.cs.records import VIEW
from plugins.cs.rules import members as rules


@bp.get("/members", endpoint="members")
@needs(VIEW)
def member_list() -> ResponseReturnValue:
    """Members by tier and spending; the same address with ``export`` is the reach list of a campaign."""
    return listings.MEMBERS.respond("cs/members.html", "cs.member", overview=book.overview(), tiers=rules.TIERS)


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
