"""What a partner pastes for a choice: the script and the element, a frame with its listener, or an address."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from api.embed.oembed import HEIGHT, SANDBOX

USUAL_LEVEL = "2"


@dataclass(frozen=True)
class Kind:
    """One kind of embed: whose texts are offered, where it stands, and as which attributes."""

    label: str
    texts: str
    path: str
    attributes: str


KINDS = {
    "topic": Kind("A whole topic", "topic", "topics/{slug}", 'type="topic" slug="{slug}"'),
    "section": Kind(
        "One section of a topic", "topic", "topics/{slug}/modules/{part}", 'type="topic" slug="{slug}" module="{part}"'
    ),
    "faqs": Kind("Questions on a topic", "topic", "faqs?topic={slug}", 'type="faq" topic="{slug}"'),
    "category": Kind("Questions of a category", "category", "faqs?category={slug}", 'type="faq" category="{slug}"'),
    "question": Kind("One question", "faq", "faqs/{slug}", 'type="faq" slug="{slug}"'),
    "guide": Kind("A guide as a checklist", "guide", "guides/{slug}", 'type="guide" slug="{slug}"'),
    "questions": Kind(
        "Questions to ask", "guide", "guides/{slug}/questions", 'type="guide" slug="{slug}" module="questions"'
    ),
    "term": Kind("A glossary word", "term", "terms/{slug}", 'type="term" slug="{slug}"'),
}


@dataclass(frozen=True)
class Text:
    """What can be chosen: its slug (or key), its title, its page on the clinic's site, its name in a list."""

    slug: str
    title: str
    page: str | None
    label: str


@dataclass(frozen=True)
class Choice:
    """What was chosen, each of it among what there is. `part` is a section's aspect."""

    clinic: str
    kind: str
    text: Text | None
    part: str
    mode: str
    locale: str
    theme: str
    level: str
    partner: str
    origin: str

    @property
    def slug(self) -> str:
        return self.text.slug if self.text else ""

    @property
    def complete(self) -> bool:
        return self.text is not None and bool(self.part or self.kind != "section")


def address(base: str, chosen: Choice, *, suffix: str = "", origin: str = "") -> str:
    """Where the embed stands."""
    path, _, rest = KINDS[chosen.kind].path.format(slug=chosen.slug, part=chosen.part).partition("?")
    looks = {
        "locale": chosen.locale,
        "heading_level": "" if chosen.level == USUAL_LEVEL or not suffix else chosen.level,
        "theme": "" if chosen.theme == "auto" and suffix else chosen.theme,
        "partner": chosen.partner,
        "origin": origin,
    }
    said = dict(parse_qsl(rest)) | {name: value for name, value in looks.items() if value}
    return f"{base}/embed/{chosen.clinic}/{path}{suffix}?{urlencode(said)}"


def snippet(base: str, chosen: Choice) -> str:
    """What a partner pastes. The choice is complete."""
    text = chosen.text
    assert text is not None
    if chosen.mode == "fragment":
        return address(base, chosen, suffix=".html")
    if chosen.mode == "iframe":
        return _frame(address(base, chosen, origin=chosen.origin), text.title, chosen.origin and base)
    said = KINDS[chosen.kind].attributes.format(slug=chosen.slug, part=chosen.part) + f' locale="{chosen.locale}"'
    said += f' heading-level="{chosen.level}"' if chosen.level != USUAL_LEVEL else ""
    said += f' theme="{chosen.theme}"' if chosen.theme != "auto" else ""
    said += f' partner="{chosen.partner}"' if chosen.partner else ""
    inside = f'<a href="{escape(text.page)}">{escape(text.title)}</a>' if text.page else escape(text.title)
    script = f'<script async src="{base}/embed.js"></script>'
    return f'{script}\n<clinic-content clinic="{chosen.clinic}" {said}>\n  {inside}\n</clinic-content>'


def _frame(src: str, title: str, heard: str) -> str:
    made = (
        f'<iframe src="{escape(src)}" title="{escape(title)}" width="100%" height="{HEIGHT}"\n'
        f'  sandbox="{SANDBOX}" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )
    if not heard:
        return made
    return f"""{made}
<script>
addEventListener("message", (event) => {{
  if (event.data?.type !== "clinic-content:height") return;
  for (const frame of document.querySelectorAll('iframe[src^="{heard}/embed/"]'))
    if (frame.contentWindow === event.source) frame.height = Number(event.data.height) || {HEIGHT};
}});
</script>"""
