"""Profit and loss by store, campaign, article and day."""
