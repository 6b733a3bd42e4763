"""What customer service decides without looking anything up. Pure."""
