"""The write path: one function a verb; every caller shares them. See work.py for the transaction they stand in."""
