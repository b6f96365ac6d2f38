"""Search: stemmed words in the reader's language, the same hits on both databases."""

from api.queries.search.answer import answer

__all__ = ["answer"]
