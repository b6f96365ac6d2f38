"""The fields of an item that depend on the clinic and the moment, one function each.

Each is given the row, its document, the item it belongs to, the reader, and what the reply depends on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson

from api.queries import paths, pictures
from api.queries.found import Depends
from api.queries.house import CategoryRow
from api.queries.items import Item
from api.queries.reader import Reader
from api.rules.review import status
from schemas.content import content_type
from schemas.wording import in_language, long_day, say

Document = dict[str, Any]


def category_labels(keys: list[str], locale: str, reader: Reader) -> list[Document]:
    """Categories as [{id, key, title, path}], in the editor's order."""
    worked_out, asked = reader.house.worked_out, ("labels", locale, *keys)
    if asked not in worked_out:
        known = reader.house.by_key
        worked_out[asked] = [_label(known[key], locale, reader) for key in keys if key in known]
    labels: list[Document] = worked_out[asked]
    return labels


def _label(found: CategoryRow, locale: str, reader: Reader) -> Document:
    spoken, words = found.words((locale, *reader.house.fallback(locale)))
    path = paths.category(reader.house, spoken, words.slug, found.group)
    return {"id": found.id, "key": found.key, "title": words.title, "path": path}


def _categories(row: Any, document: Document, *rest: Any) -> list[Document]:
    return category_labels(document["categories"], row.locale, rest[1])


def _category(row: Any, document: Document, *rest: Any) -> Document | None:
    labels = category_labels(document["categories"], row.locale, rest[1])
    return {name: labels[0][name] for name in ("id", "key", "title")} if labels else None


def _image(row: Any, _: Document, item: Item, reader: Reader, depends: Depends) -> Document | None:
    return pictures.given(row, reader)


def _breadcrumbs(row: Any, document: Document, item: Item, reader: Reader, _: Depends) -> list[Document]:
    kind, locale = content_type(row.type), row.locale
    crumbs = [{"label": say("home", locale), "path": paths.place(reader.house, locale, "home")}]
    labels = category_labels(document["categories"], locale, reader) if kind.breadcrumb == "category" else []
    if labels:
        crumbs.append({"label": labels[0]["title"], "path": labels[0]["path"]})
    else:
        label = in_language(kind.labels, locale)
        crumbs.append({"label": label, "path": paths.place(reader.house, locale, kind.plural)})
    here = paths.page(reader.house, locale, row.type, row.kind, row.slug)
    return [*crumbs, {"label": row.title, "path": here}]


def _cta(row: Any, document: Document, item: Item, reader: Reader, _: Depends) -> Document | None:
    booking = reader.house.profile["booking"]
    own = document.get("cta") or {}
    if not booking and not own.get("label"):
        return None
    booking = booking or {"kind": "link", "label": {}, "url": None, "phone": None}
    url = own.get("url") or booking["url"]
    if url and not own.get("url") and row.type == "topic":
        page, mark, anchor = url.partition("#")
        url = f"{page}{'&' if '?' in page else '?'}about={row.slug}{mark}{anchor}"
    label = own.get("label") or in_language(booking["label"], row.locale)
    return {"kind": booking["kind"], "label": label, "url": url, "phone": booking["phone"]}


def _notice(row: Any, *_: Any) -> str:
    return say("notice", row.locale)


def _review(row: Any, document: Document, item: Item, reader: Reader, depends: Depends) -> Document | None:
    policy = content_type(row.type).review
    if policy is None or not row.next_due or not row.last_reviewed:
        return None
    stands, since, changes = status(row.next_due, policy.overdue_days, reader.now)
    depends.ends(changes)
    depends.modified = max(depends.modified, since or 0)
    bannered = stands == "overdue" and policy.at_expiry == "banner"
    return _told_review(row.last_reviewed, row.next_due, row.reviewer, row.locale, stands, bannered)


@lru_cache(maxsize=1024)
def _told_review(last: str, due: str, reviewer: str, locale: str, stands: str, bannered: bool) -> Document:
    """One reviewer's day stands beside many texts; nobody writes into what this returns."""
    who = orjson.loads(reviewer)
    role = in_language(who.get("title") or {"en": "Medical reviewer"}, locale)
    demo, day = bool(who.get("demo")), long_day(dt.date.fromisoformat(last), locale)
    by = {"name": who.get("name"), "role": role, "credentials": who.get("credentials") or [], "demo": demo}
    phrase = "sample_review" if demo else "reviewed"
    return {
        "status": stands,
        "last_reviewed": last,
        "next_due": due,
        "reviewed_by": by,
        "line": say(phrase, locale, who=who.get("name") or role, day=day),
        "banner": say("banner", locale, day=long_day(dt.date.fromisoformat(due), locale)) if bannered else None,
    }


def _seo(row: Any, document: Document, item: Item, reader: Reader, _: Depends) -> Document:
    own = document.get("seo") or {}
    return {
        "title": own.get("title") or row.title,
        "description": own.get("description") or document.get("summary"),
        "robots": own.get("robots") or "index, follow",
        "image": pictures.preview(row, reader),
    }


def _alternates(row: Any, document: Document, item: Item, reader: Reader, _: Depends) -> list[Document]:
    return alternates(item, reader)


def alternates(item: Item, reader: Reader) -> list[Document]:
    """Every locale of the clinic with its own live text, in the clinic's order, then x-default."""
    own: dict[str, Any] = {}
    for row in item.rows:
        if row.locale not in own or row.scope == reader.house.id:
            own[row.locale] = row
    shown = [(locale, own[locale]) for locale in reader.house.locales if locale in own]
    found = [_alternate(row, locale, reader) for locale, row in shown if row.state == "live"]
    return paths.with_default(reader.house, found)


def _alternate(row: Any, locale: str, reader: Reader) -> Document:
    path = paths.page(reader.house, locale, row.type, row.kind, row.slug)
    url = paths.absolute(reader.house, path)
    return {"locale": locale, "hreflang": locale, "slug": row.slug, "path": path, "url": url}


def _links(row: Any, document: Document, item: Item, reader: Reader, _: Depends) -> Document:
    base, locale = f"/{content_type(row.type).plural}/{row.slug}", reader.locale
    return {
        "self": paths.in_locale(reader.house, base, locale),
        "jsonld": paths.in_locale(reader.house, f"{base}.jsonld", locale),
        "markdown": paths.in_locale(reader.house, f"{base}.md", locale),
    }


COMPUTED: dict[str, Callable[..., Any]] = {
    "categories": _categories,
    "category": _category,
    "image": _image,
    "breadcrumbs": _breadcrumbs,
    "cta": _cta,
    "notice": _notice,
    "review": _review,
    "seo": _seo,
    "alternates": _alternates,
    "links": _links,
}
