"""Replies kept in memory and in Redis, told by tags what is old."""
