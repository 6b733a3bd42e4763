"""Purchasing: suppliers, stock, what to reorder and why, orders from request to invoice."""
