"""The write path: one function a verb; work.py says in which transaction."""
