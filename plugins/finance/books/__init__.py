"""What money files say: lines of accounts, settlements, and the platform's own lists."""
