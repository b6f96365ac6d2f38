"""What differs between two versions of a text: by field, and by part, each named by its key."""

from __future__ import annotations

import bisect
import difflib
import re
from collections.abc import Iterator
from typing import Any

from schemas.content_type import ContentType

Difference = dict[str, Any]
MOST_PAIRS = 400_000
"""How many words times words are compared one by one; longer texts are compared line by line."""
_WORDS = re.compile(r"\w+\s*|[^\w\s]\s*|\s+", re.UNICODE)
_ABSENT = object()


def differences(before: Any, after: Any, pointer: str = "") -> list[Difference]:
    """[{pointer, kind: added|removed|changed|moved, before, after, text?}]; `text` [{op, text}] of words that changed.

    Parts of a list with keys (sections by their aspect, references by their id) are compared part by part; a part is
    `moved` where its place among the others changed, with its places as `before` and `after`.
    """
    return list(_differences(before, after, pointer))


def clinical(content_type: ContentType, pointer: str) -> bool:
    """Whether what a pointer names (`/document/facts/price/text`) needs a medical reviewer when it changes."""
    steps = pointer.split("/")[1:]
    if len(steps) < 2 or steps[0] != "document":
        return False
    free = len(steps) > 2 and f"{steps[1]}.{steps[2]}" in content_type.overridable
    return steps[1] in content_type.clinical and not free


def words(before: str, after: str) -> list[dict[str, str]]:
    """How one text becomes the other: [{op: equal|insert|delete, text}], whose texts joined give both again."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) * len(new) > MOST_PAIRS:
        old, new = [before], [after]
    found: list[dict[str, str]] = []
    for op, i, j, n, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        parts = [("equal", old[i:j])] if op == "equal" else [("delete", old[i:j]), ("insert", new[n:m])]
        found += [{"op": name, "text": "".join(part)} for name, part in parts if part]
    return found


def place(document: Any, pointer: str) -> Any:
    """What a pointer by key leads to. Raises LookupError where there is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        parts = _keyed(document) if isinstance(document, list) else document
        if isinstance(document, list) and parts is None:
            parts = {str(number): each for number, each in enumerate(document)}
        if not isinstance(parts, dict) or name not in parts:
            raise LookupError(pointer)
        document = parts[name]
    return document


def _differences(before: Any, after: Any, pointer: str) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _members(before, after, pointer)
        return
    if isinstance(before, list) and isinstance(after, list):
        old, new = _keyed(before), _keyed(after)
        if old is not None and new is not None:
            yield from _members(old, new, pointer)
            yield from _moved(list(old), list(new), pointer)
            return
    text = {"text": words(before, after)} if isinstance(before, str) and isinstance(after, str) else {}
    yield {"pointer": pointer, "kind": "changed", "before": before, "after": after, **text}


def _members(before: dict[str, Any], after: dict[str, Any], pointer: str) -> Iterator[Difference]:
    for name in dict.fromkeys([*before, *after]):
        here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        old, new = before.get(name, _ABSENT), after.get(name, _ABSENT)
        if old is _ABSENT:
            yield {"pointer": here, "kind": "added", "before": None, "after": new}
        elif new is _ABSENT:
            yield {"pointer": here, "kind": "removed", "before": old, "after": None}
        else:
            yield from _differences(old, new, here)


def _keyed(parts: list[Any]) -> dict[str, Any] | None:
    """Parts by their key, aspect or id; None for a list whose parts have none, or share one."""
    found: dict[str, Any] = {}
    for part in parts:
        names = [part[key] for key in ("key", "aspect", "id") if key in part] if isinstance(part, dict) else []
        name = names[0] if names else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = part
    return found


def _moved(before: list[str], after: list[str], pointer: str) -> Iterator[Difference]:
    """The fewest parts that must have moved: those outside the longest run that kept its order."""
    shared = [name for name in after if name in set(before)]
    places = [before.index(name) for name in shared]
    kept = set(_longest_run(places))
    for name, was in zip(shared, places, strict=True):
        if was not in kept:
            here = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            yield {"pointer": here, "kind": "moved", "before": was, "after": after.index(name)}


def _longest_run(numbers: list[int]) -> list[int]:
    """One longest rising subsequence."""
    tails: list[int] = []
    runs: list[list[int]] = []
    for number in numbers:
        at = bisect.bisect_left(tails, number)
        run = [*(runs[at - 1] if at else []), number]
        tails[at : at + 1], runs[at : at + 1] = [number], [run]
    return runs[-1] if runs else []
