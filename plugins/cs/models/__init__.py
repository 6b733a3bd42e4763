"""Tables of customer service. No buyer is stored: a member is a pseudonym of one store."""

from plugins.cs.models.records import AfterSale, Member, MemberKey, Promise, Rating, ShopScore
from plugins.cs.models.tickets import Definition, Playbook, Presence, Reply, Ticket

__all__ = [
    "AfterSale",
    "Definition",
    "Member",
    "MemberKey",
    "Playbook",
    "Presence",
    "Promise",
    "Rating",
    "Reply",
    "ShopScore",
    "Ticket",
]
