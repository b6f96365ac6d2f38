"""What the public sees: numbered changes, and the rows that delivery reads."""
