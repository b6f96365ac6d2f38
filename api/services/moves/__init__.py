"""Moves: what takes a text through review, live, and down again."""
