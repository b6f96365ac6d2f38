"""What can happen to texts on a walk: each move makes itself, and tells the walk's own account of it."""

from __future__ import annotations

from tests.releasing import item
from tests.walking.addresses import OWN_LABEL
from tests.walking.texts import Said, Text
from tests.walking.walk import Walk, instant

LOCAL, OTHER, CHIEF = "editor@{}", "editor:other@{}", "publisher@{}"


def arrive(walk: Walk) -> None:
    """A new text goes live, of any type, of the library or of a clinic."""
    kind = walk.random.choice(("topic", "topic", "faq", "guide", "term"))
    clinic = walk.random.choice((None, None, "demo-south"))
    made = walk.create(kind, walk.random.choice(("en", "en", "es")), clinic)
    if made is not None and walk.random.random() < 0.8:
        walk.publish(made)


def translate(walk: Walk) -> None:
    text = walk.pick(locale="en")
    if text is None or any(each.path == text.path and each.locale == "es" for each in walk.texts):
        return
    slug = walk.a_slug(text.kind)
    made = Text(walk.canary(), path=text.path, kind=text.kind, locale="es", clinic=text.clinic, slug=slug)
    body = {"locale": "es", "slug": slug, "document": walk.document(made)}
    if walk.ask(walk.who(text, "author"), "POST", f"{text.path}/translations", body) is not None:
        walk.keep(made)
        walk.publish(made)


def rewrite(walk: Walk) -> None:
    text = walk.pick()
    if text is not None and walk.write(text):
        walk.publish(text)


def draft(walk: Walk) -> None:
    """Words that nobody has approved."""
    if (text := walk.pick()) is not None:
        walk.write(text)


def rename(walk: Walk) -> None:
    text = walk.pick(live=True)
    if text is not None and walk.write(text, slug=walk.a_slug(text.kind)):
        walk.publish(text)


def swap(walk: Walk) -> None:
    """Two texts take each other's slugs, over a third."""
    one = walk.pick(live=True)
    two = one and walk.pick(live=True, kind=one.kind, locale=one.locale, clinic=one.clinic)
    if one is None or two is None or one is two:
        return
    first, second = one.slug, two.slug
    for text, slug in ((one, "passing"), (two, first), (one, second)):
        if walk.write(text, slug=slug):
            walk.publish(text)


def place(walk: Walk) -> None:
    """Other categories, another position."""
    text = walk.pick(live=True)
    if text is None or text.kind == "faq":
        return
    keys = [key for key, group in walk.known.categories.items()
            if group == "subject" and (key != OWN_LABEL or text.clinic)]  # fmt: skip
    if walk.write(text, categories=walk.random.sample(keys, walk.random.randint(0, len(keys))),
                  **({"position": walk.random.randint(1, 200)} if text.kind != "term" else {})):  # fmt: skip
        walk.publish(text)


def unpublish(walk: Walk) -> None:
    """At best of what replaces another."""
    text = walk.replacing.pop() if walk.replacing else walk.pick(live=True)
    if text is not None and walk.move(walk.who(text, "publisher"), text, "unpublish") is not None:
        walk.fell(text)


def publish_again(walk: Walk) -> None:
    """What fell last comes back, or an older one."""
    for text in walk.fallen[::-1] if walk.random.random() < 0.7 else walk.fallen:
        if text.live is None and walk.publish(text):
            return


def withdraw(walk: Walk) -> None:
    """Withdrawn or recalled, perhaps in every language, perhaps with what replaces it."""
    if (text := walk.pick(live=True)) is None:
        return
    who, move = walk.random.choice((("publisher", "withdraw"), ("medical_reviewer", "recall")))
    more = {"severity": "high"} if move == "recall" else {}
    others = [each for each in walk.others(text, walk.random.choice(("topic", "guide", "term"))) if each.live]
    if others and walk.random.random() < 0.7:
        more["replacement"] = {"type": others[0].kind, "id": others[0].id}
    everywhere = walk.random.random() < 0.3
    said = {"reason": "Out of date", "locale": "*" if everywhere else text.locale, **more}
    if walk.move(walk.who(text, who), text, move, **said) is not None:
        walk.replacing += others[:1] if "replacement" in more else []
        for each in walk.texts:
            if each is text or (everywhere and each.path == text.path):
                walk.fell(each, for_good=True)


def restore(walk: Walk) -> None:
    for text in walk.fallen[::-1]:
        if text.live is None and walk.move(walk.who(text, "editor"), text, "restore") is not None:
            walk.publish(text)
            return


def archive(walk: Walk) -> None:
    """An entry that is live in no language is put away."""
    for text in walk.fallen[::-1]:
        if walk.ask(walk.who(text, "editor"), "DELETE", text.path) is not None:
            walk.texts = [each for each in walk.texts if each.path != text.path]
            walk.fallen = [each for each in walk.fallen if each.path != text.path]
            return


def overlay(walk: Walk) -> None:
    """A clinic's own words over a library text."""
    text, clinic = walk.pick(kind="topic", clinic=None, locale="en"), walk.random.choice(("demo-south", "demo-north"))
    if text is None:
        return
    place, canary = f"{text.path}/overlays/{clinic}", walk.canary()
    patch = {"title": f"Ours: {canary}", "summary": f"We say {canary}."}
    if walk.ask(LOCAL.format(clinic), "PUT", place, {"document": patch}) is None:
        return
    walk.overlay(text, clinic).written = canary
    walk.ask(LOCAL.format(clinic), "POST", f"{place}/moves/submit", {})
    walk.ask(OTHER.format(clinic), "POST", f"{place}/moves/approve", {})
    if walk.ask(CHIEF.format(clinic), "POST", f"{place}/moves/publish", {}) is not None:
        walk.overlay(text, clinic).publish()


def see_to_overlay(walk: Walk) -> None:
    """Hide, show, pin, follow, or take the clinic's words down."""
    text, clinic = walk.pick(clinic=None, locale="en"), walk.random.choice(("demo-south", "demo-north"))
    if text is None:
        return
    move = walk.random.choice(("hide", "hide", "show", "pin", "follow", "unpublish", "withdraw"))
    who = LOCAL if move in ("hide", "show", "pin", "follow") else CHIEF
    if walk.ask(who.format(clinic), "POST", f"{text.path}/overlays/{clinic}/moves/{move}", {}) is None:
        return
    languages = [each for each in walk.texts if each.path == text.path]
    for each in languages if move in ("hide", "show") else [text]:
        _overlaid(each, clinic, move)


def _overlaid(text: Text, clinic: str, move: str) -> None:
    match move:
        case "hide":
            text.hidden.add(clinic)
        case "show":
            text.hidden.discard(clinic)
        case "pin" if text.live is not None:
            text.pinned[clinic] = text.live
        case "follow":
            text.pinned.pop(clinic, None)
        case "unpublish" | "withdraw":
            text.overlays.get(clinic, Said("")).end(for_good=move == "withdraw")


def plan(walk: Walk) -> None:
    """A text is to go live later, or to end."""
    text, later = walk.pick(), walk.now + walk.random.randint(30, 600)
    if text is None or not walk.write(text):
        return
    if walk.random.random() < 0.6:
        walk.publish(text, at=later)
    else:
        walk.publish(text, until=later)


def release(walk: Walk) -> None:
    """Several texts of the library go live together, now or later."""
    chosen = {each.path: each for each in walk.random.sample(walk.texts, len(walk.texts)) if each.clinic is None}
    ready = [each for each in list(chosen.values())[:3] if walk.write(each)]
    for each in ready:
        walk.approve(each)
    body = {"title": "Together", "clinic": None, "items": [item(each.path, locale=each.locale) for each in ready]}
    path = f"/releases/{walk.ask('publisher', 'POST', '/releases', body)['id']}"
    at = walk.now + walk.random.randint(30, 600) if walk.random.random() < 0.3 else None
    said = {} if at is None else {"at": instant(at)}
    if ready and walk.ask("publisher", "POST", f"{path}/moves/publish", said) is not None:
        walk.releases += [(path, [(each, each.live) for each in ready])] if at is None else []
        for each in ready:
            each.publish(at)


def revert(walk: Walk) -> None:
    """The last release is taken back."""
    if not walk.releases:
        return
    path, before = walk.releases.pop()
    if walk.ask("publisher", "POST", f"{path}/moves/revert", {}) is not None:
        for text, canary in before:
            text.live = canary


MOVES = (
    arrive, arrive, arrive, translate, rewrite, draft, rename, rename, swap, place, unpublish, unpublish,
    publish_again, publish_again, publish_again, withdraw, withdraw, restore, restore, overlay, see_to_overlay,
    see_to_overlay, plan, release, revert, archive,
)  # fmt: skip
