"""The edge for what is not live: the reads of delivery, for preview keys and share links."""
