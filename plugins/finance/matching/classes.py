"""The closed list of classes: every row of a run is in exactly one. Pure.

A result keeps the place of its class in ``ORDER_CLASSES`` or ``LINE_CLASSES``: new ones go to the end.
"""

from core.messages import N_

ORDER_CLASSES = (
    "OK",
    "TOL",
    "AMOUNT",
    "REFUND",
    "FEE",
    "MISSING_STMT",
    "CROSS_OUT",
    "DUP_ORDER",
    "CROSS_IN",
    "CARRY_OPEN",
    "IN_TRANSIT",
    "UNPAID",
)
LINE_CLASSES = (
    "OK",
    "AMOUNT",
    "REFUND",
    "FEE",
    "STMT_ONLY",
    "DUP_PAY",
    "DUP_ROW",
    "OTHER",
    "CROSS_IN",
    "OTHER_PERIOD",
)
LABELS = {
    "OK": N_("Agrees"),
    "TOL": N_("Agrees within tolerance"),
    "AMOUNT": N_("Amount differs"),
    "REFUND": N_("Refund differs"),
    "FEE": N_("Fee differs"),
    "MISSING_STMT": N_("Receipt missing"),
    "CROSS_OUT": N_("Under way at the period's end"),
    "DUP_ORDER": N_("Order row repeated"),
    "CROSS_IN": N_("Of an earlier period, arrived"),
    "CARRY_OPEN": N_("Of an earlier period, still open"),
    "IN_TRANSIT": N_("Shipped, not confirmed yet"),
    "UNPAID": N_("Never paid"),
    "STMT_ONLY": N_("On the statement only"),
    "DUP_PAY": N_("Paid twice"),
    "DUP_ROW": N_("Statement row repeated"),
    "OTHER": N_("Not about orders"),
    "OTHER_PERIOD": N_("Order of another period"),
}
MERGED = "MERGED"  # beside a class: that several orders were paid in one sum
FINDINGS = {**LABELS, MERGED: N_("Paid in one sum with other orders")}
REPEATS = ("DUP_ORDER", "DUP_ROW")
AGREEING = frozenset({"OK", "TOL", "CROSS_IN", "OTHER", "OTHER_PERIOD", "IN_TRANSIT", "UNPAID"})
DIFFERENCES = tuple(code for code in LABELS if code not in AGREEING)

# A line of these classes belongs to an order that is a difference itself: one matter, listed once.
OF_THEIR_ORDER = frozenset({"AMOUNT", "REFUND", "FEE"})

ORDER, LINE, REPEATED_ORDER, REPEATED_LINE = range(4)  # sides of a result
NAMES = {ORDER: ORDER_CLASSES, REPEATED_ORDER: ORDER_CLASSES, LINE: LINE_CLASSES, REPEATED_LINE: LINE_CLASSES}

PAY, REFUND, FEE, OTHER = range(4)  # what a line is to its order
PARTS = ("pay", "refund", "fee", "other")
PART_LABELS = {"pay": N_("Receipt"), "refund": N_("Refund"), "fee": N_("Fee"), "other": N_("Not about orders")}


def order_code(name: str) -> int:
    """The place of an order's class."""
    return ORDER_CLASSES.index(name)


def line_code(name: str) -> int:
    """The place of a line's class."""
    return LINE_CLASSES.index(name)


# What a line is about, as rules name it; a store's own rules may name further subjects.
SUBJECTS = {
    "payment": N_("Receipt of an order"),
    "early_payout": N_("Receipt paid out early"),
    "refund": N_("Refund of an order"),
    "commission": N_("Commission of the platform"),
    "affiliate": N_("Commission of affiliates"),
    "points": N_("Loyalty points"),
    "insurance": N_("Freight insurance"),
    "charity": N_("Charity"),
    "promotion": N_("Cost of promotions"),
    "service": N_("Service fee of the platform"),
    "payment_service": N_("Fee for payment by credit"),
    "settlement_fee": N_("Fees of a payout"),
    "purchase": N_("Payment of a purchase"),
    "withdrawal": N_("Withdrawal"),
    "treasury": N_("Money market"),
    "loan": N_("Loan"),
    "transfer": N_("Transfer"),
    "deposit": N_("Deposit of the store"),
    "ad_topup": N_("Top-up of advertising"),
    "goodwill": N_("Goodwill payment"),
    "logistics": N_("Logistics of the platform"),
    "penalty": N_("Penalty or compensation"),
    "unknown": N_("Not known"),
}
