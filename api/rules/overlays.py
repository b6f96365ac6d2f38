"""What a clinic may change in a library entry, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from schemas.content_type import ContentType


def merge(base: Any, patch: Any, key: str = "key") -> Any:
    """RFC 7396 merge patch in which a list of parts is addressed by key: {"facts": {"price": {...}}}.

    null removes a member or part, an unknown key appends a part, a list replaces the whole list.
    """
    if not isinstance(patch, dict):
        return patch
    if isinstance(base, list):
        return _merge_parts(base, patch, key)
    merged = dict(base) if isinstance(base, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge(merged.get(name), value, "aspect" if name == "sections" else "key")
    return merged


def _merge_parts(parts: list[Any], patch: dict[str, Any], key: str) -> Any:
    if not all(isinstance(part, dict) and key in part for part in parts):
        return patch  # No list of keyed parts: whoever checks the result says what is wrong.
    kept = [
        merge(part, patch[part[key]]) if part[key] in patch else part
        for part in parts
        if patch.get(part[key], part) is not None
    ]
    known = {part[key] for part in parts}
    added = {name: value for name, value in patch.items() if name not in known and value is not None}
    return kept + [{key: name, **value} if isinstance(value, dict) else value for name, value in added.items()]


def locked(content_type: ContentType, patch: dict[str, Any]) -> list[str]:
    """The paths of a patch that a clinic may not change."""
    return [path for path in _paths(content_type, patch) if path not in content_type.overridable]


def _paths(content_type: ContentType, patch: dict[str, Any]) -> Iterator[str]:
    parted = {path.partition(".")[0] for path in content_type.overridable if "." in path}
    for name, value in patch.items():
        if name in parted and isinstance(value, dict):
            yield from (f"{name}.{key}" for key in value)
        else:
            yield name


def leaves(patch: dict[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Everything that a patch says, as (`facts.price.text`, value)."""
    for name, value in patch.items():
        path = f"{before}{name}"
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{path}.")
        else:
            yield path, value


def value_at(document: Any, path: str) -> Any:
    """What stands at a dotted path of a document or a patch, parts by key; None where there is nothing."""
    for name in path.split("."):
        if isinstance(document, list):
            parts = [each for each in document if isinstance(each, dict)]
            document = next((each for each in parts if name in (each.get("key"), each.get("aspect"))), None)
        else:
            document = document.get(name) if isinstance(document, dict) else None
    return document


def without(patch: dict[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """A patch that says nothing any more at these paths, nor anything empty."""
    gone = set(paths)

    def kept(part: dict[str, Any], before: str) -> dict[str, Any]:
        found = {}
        for name, value in part.items():
            path = f"{before}{name}"
            left = kept(value, f"{path}.") if isinstance(value, dict) else value
            if path not in gone and left != {}:
                found[name] = left
        return found

    return kept(patch, "")


def origins(content_type: ContentType, patch: dict[str, Any]) -> list[dict[str, Any]]:
    """Whose words each field holds: [{path, from: library|clinic, locked}], overridable parts after all fields."""
    said = [path for path, _ in leaves(patch)]
    parts = [each for each in content_type.overridable if "." in each]
    mine = {part for part in parts if any(f"{each}.".startswith(f"{part}.") for each in said)}
    mine |= {each.partition(".")[0] for each in said if not any(f"{each}.".startswith(f"{part}.") for part in parts)}
    return [
        {"path": path, "from": "clinic" if path in mine else "library", "locked": path not in content_type.overridable}
        for path in (*content_type.stored, *parts)
    ]
