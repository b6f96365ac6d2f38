"""Tags as opaque words: what a reply tells shared caches of itself, and what they are told when it is old."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

EVERYTHING = "*"
HEADER_AT_MOST = 4_000
"""Bytes of the Surrogate-Key header at most."""
WORDS_AT_MOST = 1_000
"""More words than that in one purge: everything is dropped instead, by the one word that each reply carries."""


@lru_cache(maxsize=65_536)
def word(tag: str) -> str:
    """A tag as shared caches know it: it tells nothing of what it stands for."""
    return hashlib.blake2b(tag.encode(), digest_size=8).hexdigest()


def header(tags: Iterable[str], clinic_id: str) -> str:
    """The words of a reply. Too many: a coarse word of the clinic stands for all of them."""
    everything = word(EVERYTHING)
    words = " ".join([everything, *sorted(word(tag) for tag in tags)])
    return words if len(words) <= HEADER_AT_MOST else f"{everything} {coarse(clinic_id)}"


def coarse(clinic_id: str) -> str:
    """What the replies of a clinic carry that depend on too much to say."""
    return word(f"all:{clinic_id}")


def scopes(tags: Iterable[str]) -> set[str]:
    """The clinics, or the library, that tags name: `l:cln_1:topic`, `v:cln_1:ent_2`, `c:cln_1`; no `e:ent_1` does."""
    return {tag.split(":")[1] for tag in tags if tag.startswith(("c:", "l:", "r:", "v:"))}


def purged(tags: Iterable[str], clinic_ids: Iterable[str]) -> list[str]:
    """The words that drop every reply with one of the tags; `clinic_ids` are those whose large replies may be hit."""
    wanted = set(tags)
    words = sorted({word(tag) for tag in wanted} | {coarse(each) for each in clinic_ids})
    return [word(EVERYTHING)] if EVERYTHING in wanted or len(words) > WORDS_AT_MOST else words
