"""What accounts and checks are called on paper: a label to translate, and what is said beside it. Pure."""

import re
from datetime import date, timedelta

from core.messages import N_

CHANNELS = {
    "alipay": N_("Alipay"),
    "alipay_global": N_("Alipay Global"),
    "wallet": N_("WeChat wallet"),
}
CHECKS = {
    "orders rows": N_("Every order row is in one class"),
    "orders money": N_("The classes of orders make up what was paid"),
    "lines rows": N_("Every statement row is in one class"),
    "lines money": N_("The classes of statement rows make up what moved"),
    "receipts: books to statement": N_("Receipts: from the books to the statement"),
    "refunds: books to statement": N_("Refunds: from the books to the statement"),
    "fees: books to statement": N_("Fees: from the books to the statement"),
    "carried forward": N_("Open items carried forward"),
    "tolerated: pay": N_("Receipts within tolerance, over the period"),
    "tolerated: refund": N_("Refunds within tolerance, over the period"),
    "tolerated: fee": N_("Fees within tolerance, over the period"),
}
BEGINNINGS = {
    "balance ": N_("Running balance"),
    "statement ": N_("The file's own totals"),
    "payout ": N_("The payout against its details"),
}
ENDINGS = {
    " in count": N_("number received"),
    " in sum": N_("sum received"),
    " out count": N_("number paid"),
    " out sum": N_("sum paid"),
    " amount": N_("Amount"),
    " fee": N_("Fee"),
    " settlement": N_("Settled amount"),
    " fees": N_("Fees of the payout by its fee file"),
}


DAYS = re.compile(r"([0-9-]{10})/([0-9-]{10})$")


def account(name: str) -> dict[str, str]:
    """An account by its channel and its number."""
    channel, _, number = name.partition(":")
    return {"channel": CHANNELS.get(channel, channel), "number": number}


def check(name: str) -> dict[str, str]:
    """A tie-out: what it checks, of which account, and which of its figures."""
    if name in CHECKS:
        return {"label": CHECKS[name], "of": "", "figure": ""}
    for beginning, label in BEGINNINGS.items():
        if name.startswith(beginning):
            rest = name.removeprefix(beginning)
            ending = next((each for each in ENDINGS if rest.endswith(each)), "")
            return {"label": label, "of": _days(rest.removesuffix(ending)), "figure": ENDINGS.get(ending, "")}
    return {"label": name, "of": "", "figure": ""}


def _days(name: str) -> str:
    """A name with its days as people write them: the last one is the last of the period, not the one after it."""
    return DAYS.sub(lambda found: f"{found[1]} – {date.fromisoformat(found[2]) - timedelta(days=1)}", name)
