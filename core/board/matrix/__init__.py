"""The handoff matrix: how work goes from team to team, for a period and for the weekly meeting."""
