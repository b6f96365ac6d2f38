"""Entries: create, list, read, replace, patch, translate, duplicate, archive."""

from __future__ import annotations

from typing import Any

from api.errors import invalid_content, invalid_parameters
from api.manage import paging, then
from api.manage.asking import Answer, Ask, Route
from api.models import Variant
from api.openapi.operation import Operation
from api.services import lookup
from api.services.lookup import Text
from api.services.texts import entries, listing, showing
from api.services.texts.facts import newest_of
from schemas.content import CONTENT_TYPES
from schemas.managed import bodies, parameters, replies
from schemas.managed.history import SaidThen, of_an_instant

GUARD = "manage"
TYPE: dict[str, dict[str, Any]] = {"type": {"type": "string", "enum": [each.name for each in CONTENT_TYPES]}}
READING, WRITING = (401, 403, 404), (401, 403, 404, 409, 412, 413, 415, 422, 428, 503)
CREATING = (401, 403, 404, 409, 413, 415, 422, 503)
ENTRY = "/entries/<type>/<id>"


def routes() -> list[Route]:
    """Addresses of entries."""
    def declare(summary: str, method: str = "GET", **more: Any) -> Operation:
        given = {"query": parameters.of_a_text(), "errors": READING if method == "GET" else WRITING, **more}
        return Operation(summary, GUARD, tag="entries", parameters=TYPE, method=method,
                         **{"reply": {}, "data": replies.ManagedText, **given})  # fmt: skip

    return [
        ("/entries/<type>", every, declare("List texts in any state", query=parameters.of_a_list(),
                                           data=replies.ListedText, listed=True)),
        ("/entries/<type>", create, declare("Create an entry", "POST", query=parameters.none(), status=201,
                                            body=bodies.EntryBody, documents=True, errors=CREATING)),
        (ENTRY, read, declare("Read a text with its draft", query=of_an_instant(), or_data=SaidThen)),
        (ENTRY, replace, declare("Replace a text", "PUT", body=bodies.ReplaceBody, documents=True,
                                 conditional=True)),
        (ENTRY, patch, declare("Patch a text", "PATCH", body=bodies.PatchBody, conditional=True)),
        (ENTRY, archive, declare("Archive an entry", "DELETE", conditional=True)),
        (f"{ENTRY}/translations", translate, declare("Add a language", "POST", query=parameters.none(), status=201,
                                                     body=bodies.TranslationBody, documents=True,
                                                     errors=CREATING)),
        (f"{ENTRY}/duplicate", duplicate, declare("Duplicate an entry", "POST", query=parameters.none(), status=201,
                                                  body=bodies.DuplicateBody, errors=CREATING)),
    ]  # fmt: skip


def the_text(ask: Ask, *, archived: bool = True) -> Variant:
    """The text that an address names, in the locale asked for. Raises not_found for what the actor may not see."""
    entry = lookup.entry(ask.work, ask.path["type"], ask.path["id"], archived=archived)
    return lookup.variant(ask.work, entry, locale_of(ask))


def in_full(ask: Ask, *, archived: bool = True) -> Text:
    """The same with its words, for whoever changes or tells them."""
    entry = lookup.entry(ask.work, ask.path["type"], ask.path["id"], archived=archived)
    return lookup.text(ask.work, entry, locale_of(ask))


def locale_of(ask: Ask) -> str | None:
    """`?locale=` or the body's: both and different is refused."""
    asked, said = ask.query.get("locale"), ask.body.get("locale")
    if asked and said and asked != said:
        detail = f"The address says {asked} and the body {said}; say one."
        raise invalid_parameters([{"parameter": "locale", "code": "contradiction", "detail": detail}])
    return asked or said


def shown(ask: Ask, variant: Variant, text: Text | None = None, *, status: int = 200, **more: Any) -> Answer:
    """The reply that tells all of a text. `text` is that text where it is known as it is now."""
    ask.work.flush()
    text = text or lookup.text(ask.work, variant.entry, variant.locale)
    location = f"/v1/manage/entries/{variant.entry.type}/{variant.entry_id}?locale={variant.locale}"
    data = {**showing.text(ask.work, text), **more}
    return Answer(data, status, showing.tag(variant), location if status == 201 else None)


def match(ask: Ask, variant: Variant) -> Variant:
    """The text, if If-Match names it as it is."""
    ask.require(showing.tag(variant), lambda: showing.current(ask.work, variant))
    return variant


def every(ask: Ask) -> Answer:
    found = listing.texts(ask.work, ask.path["type"], ask.query, paging.after(ask), paging.size(ask))
    return Answer(found.rows, links=paging.links(ask, found.last))


def create(ask: Ask) -> Answer:
    body = ask.body
    scope = lookup.scope(ask.work, body["clinic"])
    variant = entries.create(
        ask.work, lookup.kind(ask.path["type"]).name, body["locale"], body["slug"], body["document"], scope=scope,
        external_key=body["external_key"],
    )  # fmt: skip
    return shown(ask, variant, status=201)


def read(ask: Ask) -> Answer:
    if said := then.said(ask):
        return said
    text = in_full(ask)
    return shown(ask, text.variant, text)


def replace(ask: Ask) -> Answer:
    text, body = in_full(ask, archived=False), ask.body
    variant, before = match(ask, text.variant), text.newest
    source = body.get("source_revision")
    made = entries.revise(
        ask.work, variant, body["slug"], body["document"], source_revision=source, before=before
    )
    return shown(ask, variant, text.then(made))


def patch(ask: Ask) -> Answer:
    text, body = in_full(ask, archived=False), ask.body
    variant, before = match(ask, text.variant), text.newest
    slug, source = body.get("slug"), body.get("source_revision")
    made = entries.patch(ask.work, variant, slug, body["document"], source_revision=source, before=before)
    return shown(ask, variant, text.then(made))


def archive(ask: Ask) -> Answer:
    variant = the_text(ask, archived=False)
    tags = [showing.tag(each) for each in variant.entry.variants if each.scope == variant.entry.scope]
    ask.require_any(tags, lambda: showing.current(ask.work, variant))
    entries.archive(ask.work, variant.entry)
    return shown(ask, variant)


def translate(ask: Ask) -> Answer:
    entry = lookup.entry(ask.work, ask.path["type"], ask.path["id"], archived=False)
    body = ask.body
    if ("document" in body) == ("copy_from" in body):
        detail = "Send either `document` or `copy_from`."
        raise invalid_content([{"pointer": "/document", "code": "contradiction", "detail": detail}])
    slug, document = body.get("slug"), body.get("document")
    if "copy_from" in body:
        source = newest_of(lookup.variant(ask.work, entry, body["copy_from"]))
        slug, document = slug or source.slug, source.document
    if not slug:
        raise invalid_content([{"pointer": "/slug", "code": "required", "detail": "A new text needs a slug."}])
    return shown(ask, entries.translate(ask.work, entry, body["locale"], slug, document or {}), status=201)


def duplicate(ask: Ask) -> Answer:
    entry = lookup.entry(ask.work, ask.path["type"], ask.path["id"])
    body = ask.body
    scope = lookup.scope(ask.work, body["clinic"]) if "clinic" in body else entry.scope
    made = entries.duplicate(ask.work, entry, body.get("locale") or entry.first_locale, body["slug"], scope=scope)
    return shown(ask, made, status=201)
