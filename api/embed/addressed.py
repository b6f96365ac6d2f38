"""From an address on the web to the embed it stands for: a page of a clinic's site, or an embed's own address."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from api.cache.kept import take_back
from api.cache.keys import EMBED_PARAMETERS
from api.embed.kinds import ADDRESSES
from api.errors import CmsError, not_found
from api.public import replying
from api.public.asking import Asked, asked, database
from api.public.house import depend_on_lists
from api.public.site import in_its_language, item_at
from api.queries import paths, resolve, sites
from api.queries.found import Depends
from schemas.content import content_type

LINES = Map([Rule(f"/embed/<clinic>/{path}", endpoint=path) for path in ADDRESSES], merge_slashes=False)
SHOWN = {"topic", "faq", "guide", "term"}
"""Types of which one item has an embed."""


@dataclass(frozen=True)
class Place:
    """One embed: its clinic, a line of ADDRESSES with its values, and what its query says."""

    clinic: str
    line: str
    values: dict[str, str]
    query: tuple[tuple[str, str], ...] = ()
    depends: Depends = field(default_factory=Depends)

    @property
    def path(self) -> str:
        """The embed's path below this installation."""
        line = self.line
        for name, value in self.values.items():
            line = line.replace(f"<{name}>", value)
        return f"/embed/{self.clinic}/{line}"


def place(url: str) -> Place:
    """What an address stands for. Raises not_found, withdrawn."""
    parts, own = urlsplit(url), urlsplit(current_app.config["PUBLIC_URL"])
    if parts.netloc.lower() == own.netloc and parts.path.startswith(f"{own.path}/embed/"):
        return _embed(parts.path.removeprefix(own.path).removesuffix(".html"), parts.query)
    with database().reading() as connection:
        found = sites.owner(connection, url)
    if found is None:
        raise not_found("No clinic has a site at this address.")
    with asked(found[0], {}) as ask:
        return _page(ask, paths.normal(found[1]), unquote(parts.fragment))


def _embed(path: str, query: str) -> Place:
    try:
        line, values = LINES.bind("").match(path)
    except HTTPException:
        raise not_found("There is no such embed.") from None
    said = tuple(pair for pair in parse_qsl(query) if pair[0] in EMBED_PARAMETERS)
    values = dict(values)
    return Place(values.pop("clinic"), line, values, said)


def _page(ask: Asked, path: str, anchor: str) -> Place:
    """What stands under a path of the site; an old path leads to what took its place. Raises not_found, withdrawn."""
    found, gone, passed = _standing(ask, path, anchor)
    if found is not None:
        return replace(found, depends=passed)
    depends = Depends(tags=set(passed.tags))
    depends.on_redirects(ask.reader)
    depend_on_lists(ask, depends)
    moved = resolve.redirect(ask.connection, ask.reader, path, depends)
    if moved and moved[0].startswith("/"):
        found, also_gone, _ = _standing(ask, paths.normal(moved[0]), unquote(urlsplit(moved[0]).fragment) or anchor)
        gone = also_gone or gone
        if found is not None:
            return replace(found, depends=depends)
    if gone is not None:
        with replying.by_way_of(depends):
            item_at(in_its_language(ask, gone), gone)
    raise replying.gone(ask, CmsError("not_found", "Nothing that can be embedded stands on this page."), depends)


def _standing(ask: Asked, path: str, anchor: str) -> tuple[Place | None, resolve.Place | None, Depends]:
    """(what is live under a path, the first that is withdrawn where nothing is, where others would be found before)."""
    passed, gone = Depends(), None
    for each in [*resolve.anchored(ask.house, path, anchor), *resolve.candidates(ask.house, path)]:
        language = (("locale", each.locale),)
        if each.kind == "list" and each.type == "faq":
            return Place(ask.house.slug, "faqs", {}, language), None, passed
        if each.kind != "item" or each.type not in SHOWN:
            continue
        try:
            found = item_at(in_its_language(ask, each), each)
        except CmsError as error:
            if error.code != "withdrawn":
                raise
            take_back(request.environ)
            found, gone = None, gone or each  # What is live under the path comes before what is gone.
        if found is not None:
            line = f"{content_type(each.type).plural}/<slug>"
            return Place(ask.house.slug, line, {"slug": found.row.slug}, language), None, passed
        passed.on_list(each.type, ask.reader)  # A text of this type would be found before what stands here now.
    return None, gone, passed
