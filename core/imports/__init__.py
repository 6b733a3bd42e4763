"""Files into records: read, recognise, clean, try out, apply, undo."""
