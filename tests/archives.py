"""Backups taken apart, changed and put together again, as somebody or a broken disk might."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.services.backups import archive

Parts = list[tuple[str, bytes]]


def parts_of(file: Path) -> Parts:
    with tarfile.open(file, "r:gz") as tar:
        return [(each.name, tar.extractfile(each).read()) for each in tar]  # type: ignore[union-attr]


def packed(file: Path, parts: Parts) -> None:
    with gzip.open(file, "wb") as plain, tarfile.open(fileobj=plain, mode="w|") as tar:
        for name, data in parts:
            made = tarfile.TarInfo(name)
            made.size = len(data)
            tar.addfile(made, io.BytesIO(data))


def resealed(parts: Parts, change: Callable[[dict[str, Any]], None]) -> Parts:
    """With a changed head, and a manifest that agrees with it."""
    told, names = json.loads(parts[0][1]), dict[str, archive.Sum]()
    change(told)
    sums = archive.Sums(names)
    rest = [each for each in parts[1:-1] if each[0].split("/")[1] in told["tables"] or each[0].startswith("media/")]
    for name in told["tables"]:
        names[name] = archive.Sum()
    for name, data in rest:
        if name.startswith("tables/"):
            names[name.split("/")[1]].add(data, data.count(b"\n"))
        else:
            sums.media.add(f"{name[6:]}\0{len(data)}\0{hashlib.sha256(data).hexdigest()}\n".encode(), 1)
    return [("head.json", archive.canonical(told)), *rest, ("manifest.json", archive.canonical(sums.manifest(told)))]


def as_of(parts: Parts, schema: str, known: dict[str, set[str]]) -> Parts:
    """The backup that an older version would have made: of the tables and columns that it had."""
    told: dict[str, list[list[str]]] = json.loads(parts[0][1])["tables"]
    kept = {
        name: [number for number, (column, _) in enumerate(told[name]) if column in columns]
        for name, columns in known.items() if name in told
    }  # fmt: skip

    def aged(head: dict[str, Any]) -> None:
        head |= {"schema": schema, "tables": {name: [told[name][n] for n in numbers] for name, numbers in kept.items()}}

    def cut(name: str, data: bytes) -> bytes:
        numbers = kept.get(name.split("/")[1]) if name.startswith("tables/") else None
        if numbers is None or len(numbers) == len(told[name.split("/")[1]]):
            return data
        rows = [json.loads(line) for line in data.splitlines()]
        return b"".join(archive.canonical([row[n] for n in numbers]) + b"\n" for row in rows)

    return resealed([(name, cut(name, data)) for name, data in parts], aged)


def _one_letter(parts: Parts) -> Parts:
    number = next(number for number, (name, _) in enumerate(parts) if name.startswith("tables/revisions/"))
    name, data = parts[number]
    return [*parts[:number], (name, data.replace(b"skin", b"sKin", 1)), *parts[number + 1 :]]


def _without(start: str) -> Callable[[Parts], Parts]:
    return lambda parts: [each for each in parts if not each[0].startswith(start)]


def _renamed(parts: Parts) -> Parts:
    return [("head.json", parts[0][1].replace(b'"tables":', b'"chairs":')), *parts[1:]]


def _head(**changed: Any) -> Callable[[Parts], Parts]:
    return lambda parts: resealed(parts, lambda told: told.update(changed))


WRONG: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "a letter of a row": (_one_letter, "revisions is not what its manifest says"),
    "a missing table": (_without("tables/entries/"), "entries is not"),
    "a missing picture": (_without("media/"), "media is not"),
    "a changed picture": (
        lambda parts: [(name, data[::-1] if name.startswith("media/") else data) for name, data in parts],
        "media is not",
    ),
    "no manifest": (_without("manifest"), "manifest is missing"),
    "a path out of the folder": (lambda parts: [*parts[:-1], ("media/../secret", b"x"), parts[-1]], "no backup does"),
    "an absolute path": (lambda parts: [*parts[:-1], ("/etc/passwd", b"x"), parts[-1]], "no backup does"),
    "more after its end": (lambda parts: [*parts, ("tables/entries/000009.ndjson", b"")], "goes on after its end"),
    "no rows": (lambda parts: [parts[0], ("tables/entries/000001.ndjson", b"{}\n"), *parts[1:]], "rows of its table"),
    "another product's": (lambda parts: [("head.json", b'{"format": "other"}'), *parts[1:]], "no backup of Clinic CMS"),
    "a manifest of another kind": (lambda parts: [*parts[:-1], ("manifest.json", b"[1]")], "does not say what"),
    "tables of another kind": (lambda parts: [*parts[:-1], ("manifest.json", b'{"tables": []}')], "does not say what"),
    "a head without tables": (_renamed, "its head names no tables"),
    "a newer form": (_head(version=2), "reads form 1"),
    "a newer schema": (_head(schema="9999", product="9.9.9"), "newer version (9.9.9, migration 9999)"),
    "a table nobody knows": (lambda parts: resealed(parts, lambda told: told["tables"].update(strange=[["id", "x"]])),
                             "unknown to its version"),
}  # fmt: skip
