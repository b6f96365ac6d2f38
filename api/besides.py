"""A part of an address that is none of some words, since these are addresses of their own: `<besides(beacon):rest>`."""

from __future__ import annotations

import re

from werkzeug.routing import Map, UnicodeConverter


class Besides(UnicodeConverter):
    """One part of a path. What answers `/partners/<id>` must not advertise its methods for `/partners/showing` too."""

    def __init__(self, url_map: Map, *words: str) -> None:
        super().__init__(url_map)
        self.regex = rf"(?!(?:{'|'.join(map(re.escape, words))})$)[^/]+"
