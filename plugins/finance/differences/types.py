"""The work that finance hands out: settling differences of accounts."""

from core.contracts import Check, Field, Slot, Targets, TaskType
from core.messages import N_
from plugins.finance.differences import rules
from plugins.finance.differences.rules import TEAM

NAME = "finance.difference"
DAY = 480  # working minutes of an office day

DIFFERENCE = TaskType(
    name=NAME,
    label=N_("Settle account differences"),
    team=TEAM,  # a draft names the team that caused the difference
    icon="coin",
    fields=(
        Field("what", N_("What is to be settled"), "longtext", required=True),
        Field("lines", N_("Evidence, line by line"), "list", required=True),
        Field("count", N_("Number of differences"), "number"),
        Field("amount", N_("Sum of the differences"), "money"),
        Field(
            "outcome",
            N_("What it is to come to"),
            "choice",
            required=True,
            options=tuple((name, rules.KINDS[name]) for name in rules.OUTCOMES),
            help=N_("The sign-off closes the differences with it, and books the counter-entry."),
        ),
    ),
    checklist=(
        Check("cause", N_("The cause is known and said")),
        Check("settled", N_("Money, goods or papers are put right")),
    ),
    slots=(Slot("evidence", N_("Evidence"), ("image", "pdf", "sheet", "zip"), required=False),),
    targets=Targets(accept=DAY // 2, deliver=2 * DAY, check=DAY),
)
