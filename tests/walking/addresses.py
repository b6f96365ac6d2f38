"""Every public address of a house that is walked through, those of texts that are gone or not yet there too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

CLINICS, LOCALES = ("demo-south", "demo-north"), ("en", "es")
PLURALS = {"topic": "topics", "faq": "faqs", "guide": "guides", "term": "terms"}
RELATED = {"topic": ("faqs,related,guides,terms", "filter[related_to]"), "faq": ("topics,terms", "filter[topic]"),
           "guide": ("topics,faqs", "filter[topic]"), "term": ("", "filter[topic]")}  # fmt: skip
"""What a list is asked to include, and the filter by a topic that it knows."""
OF_A_SITE = ("", ".jsonld", "/categories", "/navigation", "/redirects", "/sitemap.json", "/sitemap.xml")
WITHOUT_LANGUAGE = ("/redirects", "/sitemap.xml")
OWN_LABEL, LIBRARY_LABEL = "label-ours", "label-library"
"""Keys of the categories that a walk makes: of a clinic, and of the library."""
SITES = {"demo-south": "https://south.example", "demo-north": "https://north.example"}


@dataclass
class Known:
    """What has ever been named in the house."""

    slugs: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in PLURALS})
    """Type -> every slug that one of it ever had."""
    ids: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in PLURALS})
    paths: dict[str, set[str]] = field(default_factory=lambda: {clinic: set() for clinic in CLINICS})
    """Clinic -> every path of its site that ever led somewhere."""
    categories: dict[str, str] = field(default_factory=dict)
    """Key -> group."""
    labels: set[str] = field(default_factory=set)
    """Every slug that a category ever had."""
    words: set[str] = field(default_factory=set)
    """What is searched for."""
    partner: str | None = None

    def addresses(self) -> Iterator[str]:
        """Each address once, in an order of its own."""
        yield "/v1/clinics"
        for clinic in CLINICS:
            yield from self._site(clinic)
            for locale in LOCALES:
                yield from self._lists(f"/v1/clinics/{clinic}", locale)
                for kind, slugs in self.slugs.items():
                    for slug in sorted(slugs):
                        yield from self._items(clinic, kind, slug, locale)

    def _site(self, clinic: str) -> Iterator[str]:
        start = f"/v1/clinics/{clinic}"
        for each in OF_A_SITE:
            for locale in ("en",) if each in WITHOUT_LANGUAGE else LOCALES:
                yield f"{start}{each}" + ("" if each in WITHOUT_LANGUAGE else f"?locale={locale}")
        for path in sorted(self.paths[clinic]):
            yield f"{start}/resolve?path={quote(path)}"
            yield f"/oembed?url={SITES[clinic]}{quote(path)}"
        for locale in LOCALES:
            for label in sorted(self.labels):
                yield f"{start}/categories/{label}?locale={locale}"
            for word in sorted(self.words):
                yield f"{start}/search?q={word}&locale={locale}&facets=type,category"
            for each in ("faqs?category=basics&", "faqs.html?"):
                yield f"/embed/{clinic}/{each}locale={locale}"

    def _lists(self, start: str, locale: str) -> Iterator[str]:
        topic = min(self.ids["topic"], default="top_0000000")
        for kind, plural in PLURALS.items():
            there, (include, by_topic) = f"{start}/{plural}", RELATED[kind]
            yield f"{there}?locale={locale}&page[size]=100&count=true"
            yield f"{there}.jsonld?locale={locale}&page[size]=100"
            yield f"{there}?locale={locale}&{by_topic}={topic}"
            for key in sorted(key for key, group in self.categories.items() if (group == "faq") == (kind == "faq")):
                yield f"{there}?locale={locale}&filter[category]={key}&count=true&page[size]=100"
            if ids := ",".join(sorted(self.ids[kind])):
                yield f"{there}?locale={locale}&ids={ids}&view=full" + (f"&include={include}" if include else "")

    def _items(self, clinic: str, kind: str, slug: str, locale: str) -> Iterator[str]:
        item, language = f"/v1/clinics/{clinic}/{PLURALS[kind]}/{slug}", f"locale={locale}"
        include = ",".join([*filter(None, [RELATED[kind][0]]), "jsonld"])
        yield f"{item}?{language}&include={include}"
        yield f"{item}?{language}&fallback=none"
        yield f"{item}.jsonld?{language}"
        yield f"{item}.md?{language}"
        frame = f"/embed/{clinic}/{PLURALS[kind]}/{slug}" if kind != "faq" else f"/embed/{clinic}/faqs"
        about = "" if kind != "faq" else f"&topic={slug}"
        yield f"{frame}.html?{language}{about}"
        yield f"/oembed?url={quote(f'https://api.example{frame}?{language}{about}', safe=':/')}"
        if kind == "guide":
            yield f"{frame}/questions?{language}"
        if kind == "topic":
            yield f"{item}/modules/overview?{language}"
            yield f"{frame}/modules/overview?{language}"
            yield f"{frame}?{language}" + (f"&partner={self.partner}" if self.partner else "")
