"""Backups of the whole house, and the way back."""
