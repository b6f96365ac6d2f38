"""The runs of neighbouring stems under which expressions of several words are looked up."""

from collections.abc import Sequence


def ngrams(stems: Sequence[str], longest: int = 3) -> list[tuple[int, int, str]]:
    """Return every run of 1 to `longest` stems as (start, end, joined by spaces), by start, then by end."""
    return [
        (start, end, " ".join(stems[start:end]))
        for start in range(len(stems))
        for end in range(start + 1, min(start + longest, len(stems)) + 1)
    ]
