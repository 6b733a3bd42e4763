"""The pages that show how far the accounts are: all stores, one run, the rows of one class."""
