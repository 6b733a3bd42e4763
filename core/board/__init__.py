"""The task board: handoffs between teams, their verbs, clocks and pages."""
