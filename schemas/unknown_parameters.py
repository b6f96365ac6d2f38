"""What is said of a query parameter that there is not: what there is, and which may have been meant."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from schemas.meant import asked_back, meant

FAMILIES = {"filter": "filter", "fields": "type", "page": "page parameter"}
"""What stands in brackets after these words."""
SEARCH = {"q", "query", "search"}


def unknown(name: str, known: Collection[str], here: str = "") -> dict[str, Any]:
    """What is wrong with a parameter that there is not: the name itself, what stands in its brackets, or after them."""
    family = name.split("[")[0]
    mine = [each for each in known if each.split("[")[0] == family and "[" in each]
    if "[" in name and mine:
        return {"parameter": name[:80], **_unknown_part(name, family, mine, here)}
    detail = f"There is no parameter named {name[:80]}.{asked_back(name, known) or _elsewhere(name, known)}"
    if not name:
        detail = "A value stands there without the name of a parameter."
    if mine:
        detail = f"{family} takes a name in brackets, such as {mine[0]}."
    families = list(dict.fromkeys(f"{each.split('[')[0]}[…]" if "[" in each else each for each in known))
    told = {"detail": detail if known else "No parameters are taken here.", "allowed": mine or families}
    return {"parameter": name[:80], "code": "unknown_parameter", **told}


def _elsewhere(name: str, known: Collection[str]) -> str:
    """Where a filter is named without its brackets, or words are looked for in a list of readers, which takes `ids`."""
    if f"filter[{name}]" in known:
        return f" Did you mean filter[{name}]?"
    searched = name in SEARCH and "ids" in known
    return " Words are looked for at an address of their own: /v1/clinics/{clinic}/search?q=…" if searched else ""


def _unknown_part(name: str, family: str, mine: list[str], here: str) -> dict[str, Any]:
    by_inner: dict[str, dict[str, str]] = {}
    for each in mine:
        inner, operator = _bracketed(each)
        by_inner.setdefault(inner, {})[operator] = each
    inner, operator = _bracketed(name)
    if (mine_too := by_inner.get(inner)) is not None:
        near, code, what = mine_too.get(meant(operator, mine_too) or "-"), "unknown_operator", "such operator here"
    else:
        word, found = FAMILIES.get(family, "parameter"), meant(inner, by_inner)
        near, code = found and f"{family}[{found}]", f"unknown_{word.split()[0]}"
        what = f"{word} named {inner[:60] or '[]'}{here}"
    detail = f"There is no {what}." + (f" Did you mean {near}?" if near else "")
    return {"code": code, "detail": detail, "allowed": [*(mine_too or {}).values()] or [*by_inner]}


def _bracketed(name: str) -> tuple[str, str]:
    """What stands in the first brackets of a name, and in the second."""
    inner, _, rest = name.partition("[")[2].partition("]")
    return inner, rest.strip("[]")
