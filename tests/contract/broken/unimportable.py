"""A plugin that cannot be imported: it stands on something that is not there."""

raise ModuleNotFoundError("No module named 'left_pad'")
