"""The content files: read from TOML, with the keys they use for each other turned into ids."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seed.faults import Unknown

CONTENT = Path(__file__).with_name("content")
_LINK = re.compile(r"\((entry|term):([a-z0-9-]+(?:/[a-z0-9-]+)?)\)")


@dataclass(frozen=True)
class EntryFile:
    """One entry: `texts` as {locale: (slug, document)}; references still by key. `place` is that of the file."""

    place: str
    type: str
    key: str
    texts: dict[str, tuple[str, dict[str, Any]]]

    @property
    def name(self) -> str:
        return f"{self.type}/{self.key}"


def fingerprint() -> str:
    """A digest of every content file: changes when any of them does."""
    made = hashlib.sha256()
    for path in sorted(CONTENT.rglob("*.toml")):
        made.update(path.relative_to(CONTENT).as_posix().encode() + b"\0" + path.read_bytes())
    return made.hexdigest()[:32]


def entry_files() -> list[EntryFile]:
    """Every entry of the library, glossary first, so that each is checked against what stands before it."""
    return [
        _entry(kind, path)
        for kind, folder in (("term", "terms"), ("faq", "faqs"), ("topic", "topics"), ("guide", "guides"))
        for path in sorted((CONTENT / folder).glob("*.toml"))
    ]


def categories() -> list[dict[str, Any]]:
    """Categories as services take them."""
    return [
        {**{name: value for name, value in row.items() if not isinstance(value, dict)}, "texts": _tables(row)}
        for row in _read(CONTENT / "categories.toml")["category"]
    ]


def clinics() -> list[dict[str, Any]]:
    """Clinic profiles, in their order."""
    return sorted((_read(path) for path in (CONTENT / "clinics").glob("*.toml")), key=lambda each: each["position"])


def people() -> list[dict[str, Any]]:
    return list(_read(CONTENT / "people.toml")["person"])


def pictures() -> list[dict[str, Any]]:
    """What is drawn, and its words."""
    return list(_read(CONTENT / "media.toml")["picture"])


def redirects() -> list[dict[str, Any]]:
    return list(_read(CONTENT / "redirects.toml")["redirect"])


def overlays() -> Iterator[tuple[str, dict[str, Any]]]:
    """(clinic slug, {"hide": [names], "overlay": [{entry, locale, patch}]})."""
    for path in sorted((CONTENT / "overlays").glob("*.toml")):
        yield path.stem, _read(path)


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """A document with every key of another file replaced by its entry's id. Raises Unknown for one that none has."""
    if isinstance(value, str):
        return _LINK.sub(lambda found: _link(found, ids), value)
    if isinstance(value, list):
        return [with_ids(each, ids) for each in value]
    if isinstance(value, dict):
        return {name: _references(name, each, ids) for name, each in value.items()}
    return value


def _references(name: str, value: Any, ids: dict[str, str]) -> Any:
    if name == "related":
        named = [(_id_of(f"topic/{each['topic']}", ids), each["relation"]) for each in value]
        return [{"type": "topic", "id": topic, "relation": relation} for topic, relation in named]
    if name == "image":
        return _id_of(f"media/{value}", ids)
    if name in ("faqs", "topics"):
        kind = name.removesuffix("s")
        return [{"type": kind, "id": _id_of(f"{kind}/{key}", ids)} for key in value]
    return with_ids(value, ids)


def _link(found: re.Match[str], ids: dict[str, str]) -> str:
    name = found[2] if found[1] == "entry" else f"term/{found[2]}"
    return f"({found[1]}:{_id_of(name, ids)})"


def _id_of(name: str, ids: dict[str, str]) -> str:
    if name not in ids:
        raise Unknown(name)
    return ids[name]


def _entry(kind: str, path: Path) -> EntryFile:
    content = _read(path)
    shared = content.pop("shared", {})
    texts = {}
    place = path.relative_to(CONTENT).as_posix()
    for locale, words in content.items():
        if not isinstance(words, dict) or "slug" not in words:
            told = f"write a table [{locale}] with a slug; what is no language stands in [shared]."
            raise SystemExit(f"seed/content/{place}: {told}")
        texts[locale] = (words.pop("slug"), {**shared, **words})
    return EntryFile(place, kind, path.stem, texts)


def _tables(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if isinstance(value, dict)}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SystemExit(f"seed/content/{path.relative_to(CONTENT).as_posix()}: {error}") from None
