"""Packs: the rules of each jurisdiction, read once from `packs/JURISDICTION/*.toml`, and the languages they speak."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from api.rules.claims.phrases import BadPhrase, Lexicon, lexicon, phrase
from api.rules.claims.reading import Language, language

FOLDER = Path(__file__).parent
GENERAL = "general"
"""The jurisdiction whose rules hold everywhere."""
SEVERITIES = ("block", "warn", "note")
CHECKS = ("parity", "sessions", "downtime", "price")
_MUST = {"id", "severity", "source", "reason", "suggestion"}
_MAY = {"says", "unless", "unless_sentence", "unless_text", "replaces", "check"}


class BadPack(ValueError):
    """A rule that can't be read; the message names the file, the rule and what is wrong."""


@dataclass(frozen=True)
class Rule:
    """One thing not to say. Words are by language; `check` names what looks at a whole text instead of phrases."""

    id: str
    jurisdiction: str
    severity: str
    source: str
    reason: Mapping[str, str]
    suggestion: Mapping[str, str]
    check: str | None = None
    replaces: str | None = None
    says: Mapping[str, list[str]] = field(default_factory=dict)
    unless: Mapping[str, list[str]] = field(default_factory=dict)
    unless_sentence: Mapping[str, list[str]] = field(default_factory=dict)
    unless_text: str | None = None
    """The name of a list of the language: one of its phrases anywhere in the same text lets the rule pass."""


@dataclass(frozen=True)
class Readable:
    """A rule in one language, ready to be held against texts."""

    rule: Rule
    unless: Lexicon
    unless_sentence: Lexicon
    unless_text: Lexicon | None


@dataclass(frozen=True)
class Pack:
    """Every rule that holds in one jurisdiction and language: by phrases (`lexicon`), and by looking (`checks`)."""

    language: Language
    lexicon: Lexicon
    checks: Mapping[str, Rule]


@cache
def jurisdictions() -> tuple[str, ...]:
    """The jurisdictions there are rules for, `general` first."""
    there = sorted(each.name for each in (FOLDER / "packs").iterdir() if each.is_dir() and any(each.glob("*.toml")))
    return (GENERAL, *(each for each in there if each != GENERAL))


@cache
def languages() -> Mapping[str, Language]:
    """The languages that rules can be read in, by code."""
    found = {}
    for path in sorted((FOLDER / "languages").glob("*.toml")):
        try:
            found[path.stem] = language(path.stem, tomllib.loads(path.read_text(encoding="utf-8")))
        except (KeyError, BadPhrase, tomllib.TOMLDecodeError) as error:
            raise BadPack(f"{path.name}: {error}") from error
    return found


def spoken(locale: str) -> str | None:
    """The language of a locale, es of es-MX; None where no rules speak it."""
    code = locale.partition("-")[0].lower()
    return code if code in languages() else None


@cache
def rules(jurisdiction: str) -> tuple[Rule, ...]:
    """The rules of a jurisdiction's own, in the order of their files."""
    found: list[Rule] = []
    for path in sorted((FOLDER / "packs" / jurisdiction).glob("*.toml")):
        found += _read(path, jurisdiction)
    return tuple(found)


@cache
def pack(jurisdiction: str, code: str) -> Pack:
    """What holds in a jurisdiction: the general rules and its own, which may take the place of a general one."""
    own = rules(jurisdiction) if jurisdiction != GENERAL else ()
    general = {each.id: each for each in rules(GENERAL)}
    replaced = {each.replaces for each in own}
    known = languages()[code]
    holding = [*(each for each in general.values() if each.id not in replaced), *own]
    said: list[tuple[Any, object]] = []
    for each in holding:
        beneath = general.get(each.replaces or "", each)
        readable = _readable(each, beneath, known)
        words = (each.says or beneath.says).get(code, [])
        said += [(phrase(written), readable) for written in words]
    return Pack(known, Lexicon(said), {each.check: each for each in holding if each.check})


def _readable(rule: Rule, beneath: Rule, known: Language) -> Readable:
    """A rule that says nothing itself has the phrases of the one that it replaces."""
    source = rule if rule.says else beneath
    text = rule.unless_text or source.unless_text
    return Readable(
        rule,
        lexicon(source.unless.get(known.code, [])),
        lexicon(source.unless_sentence.get(known.code, [])),
        known.lists[text] if text else None,
    )


def _read(path: Path, jurisdiction: str) -> Iterator[Rule]:
    where = f"packs/{jurisdiction}/{path.name}"
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadPack(f"{where}: {error}") from error
    for each in written.get("rule", []):
        name = f"{where}, rule {each.get('id', '?')}"
        _check(name, each)
        try:
            for phrases in (*each.get("says", {}).values(), *each.get("unless", {}).values(),
                            *each.get("unless_sentence", {}).values()):  # fmt: skip
                lexicon(phrases)
        except BadPhrase as error:
            raise BadPack(f"{name}: {error}") from error
        yield Rule(jurisdiction=jurisdiction, **each)


def _check(name: str, rule: dict[str, Any]) -> None:
    """Raise BadPack for a rule that lacks something, or says something that no rule says."""
    if lacking := _MUST - rule.keys():
        raise BadPack(f"{name} lacks {', '.join(sorted(lacking))}.")
    if unknown := rule.keys() - _MUST - _MAY:
        raise BadPack(f"{name}: there is no {', '.join(sorted(unknown))} in a rule.")
    if rule["severity"] not in SEVERITIES:
        raise BadPack(f"{name}: severity is one of {', '.join(SEVERITIES)}.")
    if not (rule.get("says") or rule.get("check") or rule.get("replaces")):
        raise BadPack(f"{name} says nothing: give phrases under says, or a check.")
    if rule.get("check") not in (None, *CHECKS):
        raise BadPack(f"{name}: check is one of {', '.join(CHECKS)}.")
    for part in ("reason", "suggestion"):
        if "en" not in rule[part]:
            raise BadPack(f"{name}: give its {part} in English at least.")
