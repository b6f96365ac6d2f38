"""Which entry a row speaks of: by its key in a source, its id here or there, or its page; and links by those names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from api.models import Entry, ImportedKey, Transfer, TransferName
from api.services.texts import entries
from api.services.transfers.incoming import Fault, Incoming, fault
from api.services.work import Work
from schemas.content import content_type

_LINK = re.compile(r"\]\((entry|term):([^)\s]{1,300})((?:\s[^)]*)?)\)")
_WEB = re.compile(r"\]\((https?://[^)\s]{1,1000}|/[^)\s]{0,1000})((?:\s[^)]*)?)\)")


def digest(*parts: str) -> str:
    """A name short enough for an index."""
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def by_key(scope: str, type_name: str, key: str) -> str:
    return digest("key", scope, type_name, key)


def by_id(old: str) -> str:
    return digest("id", old)


def by_page(address: str) -> str:
    """The same for every way to write a page's address: scheme, case of the host, a last slash, `www.`, a fragment."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    return digest("page", host, unquote(parts.path).rstrip("/").lower() or "/", parts.query)


def identify(work: Work, transfer: Transfer, scope: str, row: Incoming) -> tuple[str, bool]:
    """(id of the row's entry, whether it is still to be made). The same names in one import are one entry."""
    names = [by_key(scope, row.type, row.external_key)] if row.external_key else []
    names += [by_id(row.id)] if row.id else []
    known = {each.name: each for each in _named(work, transfer, names).values()}
    found = next((known[name] for name in names if name in known and known[name].type == row.type), None)
    if found is not None:
        entry_id, fresh = found.entry_id, found.fresh
    else:
        there = _there(work, transfer, scope, row)
        entry_id, fresh = (there, False) if there else (work.new_id(content_type(row.type).prefix), True)
    if row.address:
        names.append(by_page(row.address))
    for name in names:
        if name not in known and work.session.get(TransferName, (transfer.id, name)) is None:
            named = {"transfer_id": transfer.id, "name": name, "type": row.type}
            work.session.add(TransferName(**named, entry_id=entry_id, fresh=fresh))
    work.flush()
    return entry_id, fresh


def source_keys(transfer: Transfer, row_key: str | None, old_id: str | None) -> list[tuple[str, str]]:
    """(source, key) under which an entry made by this import is to be found again."""
    source = transfer.asked.get("source") or ""
    if row_key:
        return [(source, row_key)] if source else []
    return [(source, f"id:{old_id}")] if old_id else []


def _there(work: Work, transfer: Transfer, scope: str, row: Incoming) -> str | None:
    """An entry of this house that the row names, of the same scope and type alone."""
    source = transfer.asked.get("source") or ""
    if row.external_key and not source and (own := entries.find(work, row.type, row.external_key, scope)) is not None:
        return own.id
    keys = [key for _, key in source_keys(transfer, row.external_key, row.id)]
    asked = select(ImportedKey.entry_id).where(
        ImportedKey.scope == scope, ImportedKey.type == row.type, ImportedKey.source == source,
        ImportedKey.key.in_(keys),
    )  # fmt: skip
    if keys and (found := work.session.scalar(asked)) is not None:
        return found
    entry = work.session.get(Entry, row.id) if row.id and not source else None
    # A foreign entry and one that never was read the same: the row becomes an entry of its own.
    return entry.id if entry is not None and (entry.type, entry.scope) == (row.type, scope) else None


def _named(work: Work, transfer: Transfer, names: Iterable[str]) -> dict[str, TransferName]:
    asked = select(TransferName).where(TransferName.transfer_id == transfer.id, TransferName.name.in_(set(names)))
    return {each.name: each for each in work.session.scalars(asked)}


def resolved(work: Work, transfer: Transfer, scope: str, said: dict[str, Any], address: str | None) -> dict[str, Any]:
    """The words with references and links by the ids of this house; entries still to come are announced to `work`."""
    wanted = {name for value in _walk(said) for name, _ in _names_in(value, scope, address)}
    known = _named(work, transfer, wanted)
    work.announced |= {each.entry_id: each.type for each in known.values() if each.fresh}
    ids = {name: each.entry_id for name, each in known.items()}
    for name, (type_name, key, own) in _keys_in(said, scope).items():
        if name not in ids and (there := entries.find(work, type_name, key, own)) is not None:
            ids[name] = there.id
    made: dict[str, Any] = _with(said, scope, address, ids)
    return made


def strangers(said: Any, at: str = "/document") -> list[Fault]:
    """A fault for each reference by a key that nothing has; they are taken out of what is said."""
    if isinstance(said, dict):
        return [each for name, value in said.items() for each in strangers(value, f"{at}/{name}")]
    if not isinstance(said, list):
        return []
    found, kept = list[Fault](), []
    for number, each in enumerate(said):
        if isinstance(each, dict) and _is_reference(each) and "external_key" in each:
            told = f"Neither this file nor this house has a {each['type'][:40]} with the key {each['external_key']}."
            found.append(fault(f"{at}/{number}", "unknown_reference", told))
        else:
            found += strangers(each, f"{at}/{number}")
            kept.append(each)
    said[:] = kept
    return found


def _walk(value: Any) -> Iterable[Any]:
    """Every reference and every text at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if _is_reference(value):
            yield value
        for each in value.values():
            yield from _walk(each)
    elif isinstance(value, list):
        for each in value:
            yield from _walk(each)


def ids_in(said: Any) -> set[str]:
    """Every id that words refer to by reference or link."""
    found = {value["id"] for value in _walk(said) if isinstance(value, dict) and "id" in value}
    texts = (value for value in _walk(said) if isinstance(value, str))
    return found | {each[2] for text in texts for each in _LINK.finditer(text)}


def _is_reference(value: dict[str, Any]) -> bool:
    told = value.get("id") or value.get("external_key")
    return isinstance(value.get("type"), str) and isinstance(told, str)


def _names_in(value: Any, scope: str, address: str | None) -> list[tuple[str, str]]:
    """(name, what was written) of everything that a reference or a text may mean."""
    if isinstance(value, dict):
        return [(_of_reference(value, scope), "")]
    found = [(_of_link(each[2], scope), each[2]) for each in _LINK.finditer(value)]
    if address:
        found += [(by_page(_absolute(each[1], address)), each[1]) for each in _WEB.finditer(value)]
    return found


def _keys_in(said: Any, scope: str) -> dict[str, tuple[str, str, str]]:
    """Names by key -> (type, key, scope), for those that may be in the house already."""
    found = {}
    for value in _walk(said):
        if isinstance(value, dict) and isinstance(value.get("external_key"), str):
            found[_of_reference(value, scope)] = (value["type"], value["external_key"], scope)
        elif isinstance(value, str):
            for each in _LINK.finditer(value):
                type_name, slash, key = each[2].partition("/")
                if slash:
                    found[_of_link(each[2], scope)] = (type_name, key, scope)
    return found


def _of_reference(value: dict[str, Any], scope: str) -> str:
    key = value.get("external_key")
    return by_key(scope, value["type"], key) if isinstance(key, str) else by_id(str(value["id"]))


def _of_link(target: str, scope: str) -> str:
    """`entry:top_4k9m2vx0` is an id, `entry:topic/light` a key of a type, `term:term/lumen` too."""
    type_name, slash, key = target.partition("/")
    return by_key(scope, type_name, key) if slash else by_id(target)


def _absolute(target: str, address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{target}" if target.startswith("/") else target


def _with(value: Any, scope: str, address: str | None, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return _linked(value, scope, address, ids)
    if isinstance(value, list):
        return [_with(each, scope, address, ids) for each in value]
    if not isinstance(value, dict):
        return value
    if _is_reference(value) and (found := ids.get(_of_reference(value, scope))):
        return {**{name: each for name, each in value.items() if name != "external_key"}, "id": found}
    return {name: _with(each, scope, address, ids) for name, each in value.items()}


def _linked(text: str, scope: str, address: str | None, ids: dict[str, str]) -> str:
    def own(found: re.Match[str]) -> str:
        there = ids.get(_of_link(found[2], scope))
        return f"]({found[1]}:{there}{found[3]})" if there else found[0]

    def page(found: re.Match[str]) -> str:
        there = ids.get(by_page(_absolute(found[1], address or "")))
        return f"](entry:{there}{found[2]})" if there else found[0]

    text = _LINK.sub(own, text)
    return _WEB.sub(page, text) if address else text


def path_of(address: str) -> str:
    """The path of a page's address on its site."""
    parts = urlsplit(address)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
