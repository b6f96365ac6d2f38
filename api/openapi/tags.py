"""Tags: the groups of operations, in the order in which somebody new meets them."""

from __future__ import annotations

from collections.abc import Collection

from schemas.content import CONTENT_TYPES
from schemas.wording import in_language

READING = {
    "search": "Words as visitors type them: phrases, exclusions, synonyms, facets, spellings.",
    "site": "What a whole site is built from: menu, categories, what stands under a path, redirects, sitemaps.",
    "preview": "The same reads of what is not live yet, by a preview key or the token of a share link.",
    "embeds": "How other sites show a text: oEmbed, and the beacon that counts views.",
    "partner": "A partner's own view, by its key: terms, recalls, usage.",
}
WRITING = {
    "entries": "Texts in any state: create, edit, translate, duplicate, archive.",
    "moves": "Submit, approve, reject, publish, withdraw and the rest; of one text or of many.",
    "history": "Revisions and their differences, and who refers to a text.",
    "comments": "What reviewers and editors say of a field.",
    "claims": "What medical marketing must not say: findings in a text, in any text.",
    "overlays": "What a clinic changes in a library text, and the conflicts that come of it.",
    "releases": "Revisions that go live together.",
    "media": "Pictures and documents, their consents and who uses them.",
    "transfers": "Imports and exports.",
    "house": "Clinics, categories and redirects.",
    "people": "People and their roles.",
    "keys": "Keys of every kind, and their rotation.",
    "partners": "Sites that embed: terms, usage, who still shows what was withdrawn.",
    "recalls": "Recalls, and who has confirmed them.",
    "records": "Reviews that are due, and the audit log.",
    "worker": "What transactions owe, and what was set aside.",
}


def tags(used: Collection[str]) -> list[dict[str, str]]:
    """Those in use, each with what it holds. Raises KeyError for one that is described nowhere."""
    kinds = {each.plural: f"{in_language(each.labels, 'en')}: lists, single texts, JSON-LD." for each in CONTENT_TYPES}
    known = {"clinics": "Who is here: names, languages, paths, hours, contact."} | kinds | READING | WRITING
    order = [*(each for each in known if each in used), *(each for each in used if each not in known)]
    return [{"name": each, "description": known[each]} for each in order]
