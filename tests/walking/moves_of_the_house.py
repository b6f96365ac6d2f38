"""What can happen around the texts on a walk: clinics, categories, redirects, pictures, partners, people, and time."""

from __future__ import annotations

from typing import Any

from tests.pictures import a_picture, sent, uploaded
from tests.walking.addresses import LIBRARY_LABEL, OWN_LABEL
from tests.walking.walk import SLUGS, Walk, instant

ADMIN, EDITOR = "admin", "editor"
SOUTH: tuple[dict[str, Any], ...] = (
    {"paths": {"en": {"guide": "/treatments/{slug}"}}},
    {"paths": {"en": {"guide": "/guides/{slug}"}}},
    {"paths": {"en": {"topic": "/conditions/{slug}"}}},
    {"paths": {"en": {"topic": "/treatments/{slug}"}}},
    {"locales": [{"code": "en", "fallback": ["es"]}, {"code": "es", "fallback": []}]},
    {"locales": [{"code": "en", "fallback": []}, {"code": "es", "fallback": ["en"]}]},
    {"locales": [{"code": "en", "fallback": []}], "paths": {"es": None}},
    {"locales": [{"code": "en", "fallback": []}, {"code": "es", "fallback": ["en"]}],
     "paths": {"es": {"home": "/es", "topic": "/es/tratamientos/{slug}", "guide": "/es/guias/{slug}"}}},
    {"default_locale": "es"}, {"default_locale": "en"}, {"embeds": "none"}, {"embeds": "anyone"},
    {"contact": {"phone": "+1-202-555-0101"}}, {"site_url": None}, {"site_url": "https://south.example"},
)  # fmt: skip
"""How the profile of a clinic may change."""


def profile(walk: Walk) -> None:
    walk.ask(ADMIN, "PATCH", "/clinics/demo-south", walk.random.choice(SOUTH))


def close_or_open(walk: Walk) -> None:
    """The other clinic becomes private, or public again."""
    private = "demo-north" not in walk.private
    if walk.ask(ADMIN, "PATCH", "/clinics/demo-north", {"private": private}) is not None:
        walk.private = {"demo-north"} if private else set()


def category(walk: Walk) -> None:
    """A label is made, of the library or of a clinic with the same slug; renamed, moved, or removed."""
    clinic = walk.random.choice((None, "demo-south"))
    slug, name = walk.random.choice(SLUGS), f"category {clinic}"
    words = {"en": {"title": f"Label {walk.random.randint(1, 9)}", "slug": slug}}
    walk.known.labels.add(slug)
    if name not in walk.made:
        key = OWN_LABEL if clinic else LIBRARY_LABEL
        body = {"key": key, "group": "subject", "clinic": clinic, "texts": words, "position": 50}
        if (told := walk.ask(EDITOR, "POST", "/categories", body)) is not None:
            walk.made[name] = f"/categories/{told['id']}"
            walk.known.categories[key] = "subject"
    elif walk.random.random() < 0.2:
        if walk.ask(EDITOR, "DELETE", walk.made[name]) is not None:
            del walk.made[name]
            walk.known.categories.pop(LIBRARY_LABEL if clinic is None else OWN_LABEL, None)
    else:
        parent = walk.random.choice((None, "acne-scars"))
        body = {"texts": words, "position": walk.random.randint(1, 99), "parent": parent}
        walk.ask(EDITOR, "PATCH", walk.made[name], body)


def redirect(walk: Walk) -> None:
    """An old path leads somewhere, or no more."""
    if (path := walk.made.pop("redirect", None)) is not None:
        walk.ask(EDITOR, "DELETE", path)
        return
    old = walk.random.choice(("/old/way", f"/treatments/{walk.random.choice(SLUGS)}"))
    body = {"clinic": "demo-south", "from": old, "to": f"/treatments/{walk.random.choice(SLUGS)}"}
    if (told := walk.ask(EDITOR, "POST", "/redirects", body)) is not None:
        walk.made["redirect"] = f"/redirects/{told['id']}"


def picture(walk: Walk) -> None:
    """A picture is sent in, described, replaced, or may be shown no more."""
    if "picture" not in walk.made:
        consent = {"until": None, "uses": ["site"], "clinics": ["demo-south"]}
        walk.made["picture"] = uploaded(walk.desk, EDITOR, shows_person=True, consent=consent)["id"]
        for text in walk.texts[:2]:
            if text.kind == "topic" and text.clinic is None and walk.write(text, image=walk.made["picture"]):
                walk.publish(text)
        return
    path = f"/media/{walk.made['picture']}"
    match walk.random.randrange(4):
        case 0:
            walk.ask(EDITOR, "PATCH", path, {"alt": {"en": f"Bands {walk.random.randint(1, 99)}"}})
        case 1:
            data = a_picture(size=(60 + walk.random.randint(0, 40), 40))
            reply = sent(walk.desk, EDITOR, data, path=path, method="PUT", If_Match="*")
            assert reply.status_code in (200, 409), reply.text
        case 2:
            walk.ask(EDITOR, "PATCH", path, {"consent": {"until": instant(walk.now + walk.random.randint(30, 600))}})
        case 3:
            walk.ask(EDITOR, "POST", f"{path}/moves/revoke", {"reason": "She asked us to."})
            del walk.made["picture"]


def partner(walk: Walk) -> None:
    """What a partner may show, and what has to stand beside it."""
    if walk.known.partner is None:
        said = {"name": "A directory", "clinics": ["demo-north"], "origins": ["https://directory.example"]}
        walk.known.partner = walk.ask(ADMIN, "POST", "/partners", said)["id"]
        return
    change = walk.random.choice((
        {"attribution": {"text": {"en": f"Shown by {walk.random.randint(1, 99)}", "es": "Ellos"}, "url": None}},
        {"clinics": ["demo-south"]}, {"clinics": ["demo-north", "demo-south"]},
    ))  # fmt: skip
    walk.ask(ADMIN, "PATCH", f"/partners/{walk.known.partner}", change)


def person(walk: Walk) -> None:
    """A reviewer has another name."""
    if "reviewer" not in walk.made:
        found = walk.ask(ADMIN, "GET", "/people?filter[role]=medical_reviewer&q=test.invalid")
        walk.made["reviewer"] = found[0]["id"] if found else None
    if walk.made["reviewer"]:
        name = f"Dr Number {walk.random.randint(1, 99)}"
        walk.ask(ADMIN, "PATCH", f"/people/{walk.made['reviewer']}", {"name": name})


def time(walk: Walk) -> None:
    """The clock passes over what was planned."""
    planned = [at for text in walk.texts for at, _ in text.planned]
    walk.pass_by(max(1, min(planned, default=walk.now + 90) - walk.now))


MOVES = (profile, profile, close_or_open, category, category, redirect, redirect, picture, partner, person, time, time)
