"""Releases: many texts that go live together, tried out before, and taken back together."""
