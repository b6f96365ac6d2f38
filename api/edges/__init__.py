"""Shared caches in front of the service, told by tags what is old."""
