"""Processes: which are alive, what each has confirmed, and what they count."""
