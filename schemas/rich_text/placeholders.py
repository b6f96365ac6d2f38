"""Placeholders such as `{{clinic.phone}}`: which there are, how they look, and how they are filled."""

import re
from collections.abc import Callable, Mapping

PLACEHOLDERS = frozenset({"clinic.name", "clinic.phone", "clinic.email", "clinic.booking_url"})

PATTERN = re.compile(r"\{\{([A-Za-z0-9_]+\.[A-Za-z0-9_]+)\}\}")


def fill(text: str, values: Mapping[str, str], escaped: Callable[[str], str] = str) -> str:
    """The text with each placeholder replaced by its escaped value, or by nothing if it has none."""
    if "{{" not in text:
        return text
    return PATTERN.sub(lambda found: escaped(values.get(found[1], "")), text)
