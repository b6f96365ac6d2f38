"""The edge for partner sites: their own terms, what they must take down, and what they showed."""
