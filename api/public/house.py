"""The clinic itself: its profile, its categories and its menu."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, request

from api.auth import count_use, identify
from api.errors import CmsError
from api.models import LIBRARY
from api.public import asking, replying
from api.public.asking import Asked, asked, database
from api.queries import answers, clinics, graphs, navigation, paths
from api.queries import categories as labels
from api.queries import house as houses
from api.queries.found import Depends, settle
from api.queries.house import CategoryRow
from api.queries.reader import Wish
from schemas.content import CONTENT_TYPES
from schemas.json_ld import script_safe
from schemas.meant import asked_back

NO_WISH = Wish("full")


def clinics_reply(query: dict[str, Any]) -> Response:
    """The clinics that the caller may see."""
    db = database()
    with db.reading() as connection:
        caller = identify(connection, request.headers.get("Authorization"), db.now())
        count_use(db, caller)
        asking.new_enough(connection, query, request.environ)
        now, media = db.now(), current_app.extensions["config"].media_base
        stamped = houses.clinics_stamped(connection)  # Before what it stamps: a change in between is told of next time.
        slugs = houses.houses(connection, caller.readable)
        found = [made for slug in slugs if (made := houses.house(db, connection, slug))]
    data = [clinics.card(each, now, media, query.get("locale")) for each in found]
    changed = max([stamped, *(each.logo_changed(now) for each in found)])
    until = min((ends for each in found if (ends := each.ends(now))), default=None)
    asked_for = f"?{urlencode(named)}" if (named := asking.arguments()) else ""
    links = {"self": f"{db.root}/v1/clinics{asked_for}", "next": None, "prev": None}
    body = {"data": data, "included": [], "links": links, "meta": {"total": len(data)}}
    private = caller.kind is not None
    return replying.open_reply(body, private=private, tags={houses.CLINICS}, until=until, changed=changed)


def clinic_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        with_graph = "jsonld" in query.get("include", ())
        more: dict[str, Any] = {"jsonld": graphs.house_graph(ask.reader)} if with_graph else {}
        return whole(ask, clinics.profile(ask.reader), **more)


def clinic_graph_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        depends = Depends()
        settle(ask.connection, ask.reader, depends)
        return replying.reply(ask, script_safe(graphs.house_graph(ask.reader)), depends, kind="application/ld+json")


def categories_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        depends, data = Depends(), _categories(ask)
        if of := query.get("filter[of]"):
            data = [each for each in data if each["of"] == of]
        depend_on_lists(ask, depends)
        here = paths.api(ask.house, "/categories", asking.arguments())
        return whole(ask, data, depends, links={"self": here, "next": None, "prev": None}, total=len(data))


def category_reply(clinic: str, slug: str, query: dict[str, Any]) -> Response:
    """One category by its slug in any language, its key, or a former slug; the clinic's own before the library's."""
    with asked(clinic, query) as ask:
        depends, data = Depends(), {each["key"]: each for each in _categories(ask)}
        depend_on_lists(ask, depends)
        found = _named(ask, slug) or _formerly(ask, slug)
        if found is None:
            names = sorted({name for each in ask.house.categories for name in _names(each)})
            told = "There is no category of this name." + asked_back(slug, names)
            raise replying.gone(ask, CmsError("not_found", told), depends)
        return whole(ask, data[found.key], depends)


def navigation_reply(clinic: str, query: dict[str, Any]) -> Response:
    with asked(clinic, query) as ask:
        depends = Depends()
        menu = navigation.navigation(ask.connection, ask.reader, depends)
        settle(ask.connection, ask.reader, depends)
        return whole(ask, menu, depends)


def whole(ask: Asked, data: Any, depends: Depends | None = None, **more: Any) -> Response:
    """A reply of the clinic as a whole; `depends` is settled, or there is nothing but the clinic that it depends on."""
    if depends is None:
        depends = Depends()
        settle(ask.connection, ask.reader, depends)
    meta = answers.meta(ask.reader, NO_WISH, ask.reader.locale, [])
    meta |= {name: more.pop(name) for name in ("total", "jsonld") if name in more}
    made = replying.page if "links" in more else replying.reply
    return made(ask, {"data": data, "included": [], **more, "meta": meta}, depends)


def _categories(ask: Asked) -> list[dict[str, Any]]:
    counts = labels.counted(ask.connection, ask.reader)
    out = []
    above = {each.key: ask.house.by_id.get(each.parent_id or "") for each in ask.house.listed}
    for each in ask.house.listed:
        held = counts.get(each.key, {})
        children = [key for key, parent in above.items() if parent is not None and parent.key == each.key]
        by_type = {name: held.get(name, 0) for name in labels.types_of(each.group)}
        more = {"counts": by_type, "children": children, "alternates": labels.alternates(each, ask.reader)}
        out.append(labels.category(each, ask.reader, sum(by_type.values())) | more)
    return out


def _named(ask: Asked, name: str) -> CategoryRow | None:
    """The category with this slug as it is read now, else with this key, else with this slug in another language."""

    def rank(each: CategoryRow) -> tuple[bool, ...]:
        here = each.words(ask.reader.chain)[1].slug == name
        return not here, not here and each.key != name, each.scope == LIBRARY

    return min((each for each in ask.house.categories if name in _names(each)), key=rank, default=None)


def _names(category: CategoryRow) -> set[str]:
    return {category.key, *(each.slug for each in category.texts.values())}


def _formerly(ask: Asked, slug: str) -> CategoryRow | None:
    return next((each for _, left, each in labels.left_slugs(ask.connection, ask.reader) if left == slug), None)


def depend_on_lists(ask: Asked, depends: Depends) -> None:
    for kind in CONTENT_TYPES:
        depends.on_list(kind.name, ask.reader)
    settle(ask.connection, ask.reader, depends)
