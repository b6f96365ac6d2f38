"""Pictures and documents as bytes: what is taken in, what is made of it, and where it is kept."""
