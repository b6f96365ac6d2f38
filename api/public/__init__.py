"""The edge for anyone who reads: GET alone, nothing but published content."""
