"""The reconciliation: rules, one engine, runs."""
