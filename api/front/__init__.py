"""What stands before the application: kept replies, limits, and counts of both."""
