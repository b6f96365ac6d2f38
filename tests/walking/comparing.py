"""Kept replies beside the same made anew, and surfaces beside each other: where they differ, and what says too much."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tests.conftest import House
from tests.fronted import Fronted, Told, told
from tests.walking.addresses import CLINICS, LOCALES, OWN_LABEL, PLURALS
from tests.walking.texts import CANARY


def warmed(there: Fronted, addresses: Iterable[str]) -> dict[str, Told]:
    return {address: told(there.get(address)) for address in addresses}


def compared(there: Fronted, addresses: Iterable[str]) -> dict[str, Told]:
    """What each address says, made anew. Fails where the kept reply says something else."""
    found = {}
    for address in addresses:
        # Where nothing is kept, the reply is made anew in any case.
        anew = there.redis_url is None and there.kept(address) is None
        given = told(there.get(address))
        right = (*given[:2], dict(given[2])) if anew else told(there.plain.get(address))
        assert given[0] < 500, (address, given)
        # What was made before somebody planned a change of something else may be kept for longer: see `surprised`.
        lifetime = given[2].pop("Cache-Control", "")
        right[2].pop("Cache-Control", None)
        assert given == right, f"{address} is kept as {difference(given, right)}"
        found[address] = (*right[:2], right[2] | {"Cache-Control": lifetime})
    return found


def surprised(before: dict[str, Told], after: dict[str, Told], seconds: int) -> list[str]:
    """Addresses that read otherwise when only time went by, though shared caches had been told to keep them longer."""
    return [address for address, told in before.items()
            if told[:2] != after[address][:2] and promised(told) >= seconds]  # fmt: skip


def promised(told: Told) -> int:
    """Seconds for which a shared cache may give a reply at the longest."""
    named = {name: int(value) for name, value in re.findall(r"([a-z-]+)=(\d+)", told[2]["Cache-Control"])}
    fresh = named.pop("s-maxage", 0)
    return fresh + max((value for name, value in named.items() if name.startswith("stale")), default=0)


def difference(given: Told, right: Told) -> str:
    """What a kept reply says where the same made anew says something else."""
    if given[0] != right[0]:
        return f"{given[0]}, and is {right[0]}: {given[1][:300]!r} / {right[1][:300]!r}"
    if given[1] != right[1]:
        start = next((i for i, pair in enumerate(zip(given[1], right[1], strict=False)) if len(set(pair)) > 1), 0)
        near = slice(max(0, start - 150), start + 150)
        return f"{given[1][near]!r}, and is {right[1][near]!r}"
    return str({name: (given[2].get(name), right[2].get(name)) for name in given[2] | right[2]
                if given[2].get(name) != right[2].get(name)})  # fmt: skip


def shown_too_much(found: dict[str, Told], may: dict[str, set[str]]) -> list[tuple[str, set[str]]]:
    """Addresses that say what is not public at their clinic; a word that was asked for may be repeated."""
    everywhere = set[str]().union(*may.values())
    wrong = []
    for address, (_, body, head) in found.items():
        allowed = next((words for clinic, words in may.items() if clinic in address or
                        clinic.replace("demo-", "") + ".example" in address), everywhere)  # fmt: skip
        said = set(CANARY.findall(body.decode())) | set(CANARY.findall(str(head)))
        if more := said - allowed - set(CANARY.findall(address)):
            wrong.append((address, more))
    return wrong


def agree(plain: House) -> None:
    """Fail where two surfaces of a clinic say different things of the same texts."""
    for clinic in CLINICS:
        if plain.get(clinic).status_code != 200:
            continue
        for locale in LOCALES:
            if plain.get(f"{clinic}?locale={locale}").status_code == 200:
                listed = {kind: _items(plain, clinic, kind, locale) for kind in PLURALS}
                _counted(plain, clinic, locale, listed)
        for each in plain.data(f"{clinic}/redirects")["data"]:
            reply = plain.get(f"{clinic}/resolve?path={each['from']}")
            place = {"kind": "gone"} if reply.status_code == 410 else reply.json["data"]
            assert place["kind"] != "redirect" or (place["to"], place["status"]) == (each["to"], each["status"]), each


def searched(plain: House, clinic: str, locale: str, word: str) -> None:
    """Fail where a search and what it finds say different things."""
    reply = plain.get(f"{clinic}/search?q={word}&locale={locale}&facets=type,category&page[size]=100")
    if reply.status_code != 200:
        return
    hits, meta = reply.json["data"], reply.json["meta"]
    assert meta["total"] == len(hits), (clinic, word)
    for facet in meta["facets"]:
        for each in facet["values"]:
            asked = f"{clinic}/search?q={word}&locale={locale}&filter[{facet['name']}]={each['value']}&page[size]=100"
            assert len(plain.data(asked)["data"]) == each["count"], (asked, each)
    for hit in hits:
        card = plain.data(f"{clinic}/{PLURALS[hit['type']]}?locale={locale}&ids={hit['id']}&view=card")["data"][0]
        assert {name: hit[name] for name in card} == card, (clinic, word)


def _items(plain: House, clinic: str, kind: str, locale: str) -> list[dict[str, Any]]:
    plural = PLURALS[kind]
    listed = plain.data(f"{clinic}/{plural}?locale={locale}&view=full&count=true&page[size]=100")
    assert listed["meta"]["total"] == len(listed["data"]), (clinic, plural, locale)
    for each in listed["data"]:
        address = f"{clinic}/{plural}/{each['slug']}"
        one = plain.data(f"{address}?locale={locale}&include=jsonld")
        same = {name: value for name, value in one["data"].items() if name in each}
        assert one["data"]["id"] != each["id"] or same == each, address
        graph = plain.get(f"{address}.jsonld?locale={locale}")
        assert graph.status_code == 200 and graph.json == one["meta"]["jsonld"], address
        if each["path"]:
            place = plain.data(f"{clinic}/resolve?path={each['path'].replace('#', '%23')}")["data"]
            assert place["kind"] == "item" or "#" in each["path"], each["path"]
    return list(listed["data"])


def _counted(plain: House, clinic: str, locale: str, listed: dict[str, list[dict[str, Any]]]) -> None:
    labels = plain.data(f"{clinic}/categories?locale={locale}")["data"]
    for each in labels:
        # A clinic's own label stands before one of the library that has the same slug.
        first = max((one for one in labels if one["slug"] == each["slug"]), key=lambda one: one["key"] == OWN_LABEL)
        address = f"{clinic}/categories/{each['slug']}?locale={locale}"
        assert plain.data(address)["data"] == (first if first["key"] == OWN_LABEL else each), address
        for kind, count in each["counts"].items():
            asked = f"{clinic}/{PLURALS.get(kind, kind)}?locale={locale}&filter[category]={each['key']}&count=true"
            assert plain.data(asked)["meta"]["total"] == count, (asked, each)
    rows = plain.data(f"{clinic}/sitemap.json?locale={locale}&page[size]=100")
    urls = {each["url"] for each in rows["data"]}
    ours = {each["url"] for items in listed.values() for each in items if each["url"] and each["locale"] == locale}
    if rows["links"]["next"] is None:
        assert {each for each in ours if "#" not in each} <= urls, (clinic, locale)
