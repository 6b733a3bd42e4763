"""Store records: stores, products, SKUs, orders and their history."""
