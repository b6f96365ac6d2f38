"""Texts: what is written, how it reads to those who write, what it was, and what it must not say."""
