"""Accounts with suppliers, couriers, affiliates and advertising."""
