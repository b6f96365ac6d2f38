"""Claims: what medical marketing must not say, as rules that are data, and the reading of texts by them."""
