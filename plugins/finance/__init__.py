"""Finance: reconciles a store's orders with its money, and finds each difference its owner."""
