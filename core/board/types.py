"""The task type that core itself offers, and what stands in for one whose plugin is switched off."""

from core.contracts import Check, Field, Slot, TaskType
from core.messages import N_
from core.registry import registry

GENERAL = TaskType(
    name="core.general",
    label=N_("General request"),
    team="operations",
    fields=(
        Field("what", N_("What is needed"), "longtext", required=True, max_length=5000),
        Field("why", N_("What it is for"), "longtext"),
        Field("links", N_("Links"), "links"),
    ),
    checklist=(Check("done_as_asked", N_("Done as asked")),),
    slots=(Slot("result", N_("Result"), ("image", "pdf", "sheet", "zip"), required=False),),
)


def task_type(name: str) -> TaskType:
    """The type a task was drafted as; of a plugin that is switched off, an empty one that keeps it readable."""
    return registry().task_types.get(name) or TaskType(name=name, label=name, team="")


def available(name: str) -> bool:
    """Whether the type's plugin is switched on; a task of another can be read but not moved."""
    return name in registry().task_types
