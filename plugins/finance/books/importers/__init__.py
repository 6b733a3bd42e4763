"""The money files that finance reads."""
