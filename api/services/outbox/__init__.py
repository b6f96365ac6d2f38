"""What transactions owe, and how it is kept."""
