"""A Wagtail site with as many topics as ours, read through its API v2 and kept in Redis by Django's own middleware."""
