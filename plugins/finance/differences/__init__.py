"""What a run leaves open, who has to settle it, and how it was settled."""
