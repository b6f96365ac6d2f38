"""The read path: one function a question; a read returns what it found and its tags."""
