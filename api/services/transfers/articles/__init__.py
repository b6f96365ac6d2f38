"""Articles of other systems: taken apart into what a topic and its questions are made of, as proposals."""
