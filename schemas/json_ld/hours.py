"""Opening hours of a location as https://schema.org/OpeningHoursSpecification, in the location's own time."""

from __future__ import annotations

from typing import Any

from schemas.json_ld.identity import Node

DAYS = {
    "mon": "https://schema.org/Monday",
    "tue": "https://schema.org/Tuesday",
    "wed": "https://schema.org/Wednesday",
    "thu": "https://schema.org/Thursday",
    "fri": "https://schema.org/Friday",
    "sat": "https://schema.org/Saturday",
    "sun": "https://schema.org/Sunday",
}


def opening_hours(location: dict[str, Any]) -> list[Node]:
    """[{dayOfWeek, opens, closes}]: a split day is two rows, a day without a row is closed."""
    return [
        _hours(row["opens"], row["closes"], dayOfWeek=[DAYS[day] for day in row["days"]])
        for row in location.get("opening_hours") or []
    ]


def exceptional_hours(location: dict[str, Any]) -> list[Node]:
    """[{validFrom, validThrough, opens, closes}] for days that differ; those open at unknown hours are left out."""
    rows = location.get("exceptions") or []
    return [_exception(row) for row in rows if row["closed"] or (row["opens"] and row["closes"])]


def _exception(row: dict[str, Any]) -> Node:
    # Search engines read 00:00 to 00:00 as closed all day; a row without hours they refuse.
    opens, closes = ("00:00", "00:00") if row["closed"] else (row["opens"], row["closes"])
    return _hours(opens, closes, validFrom=row["from"], validThrough=row["to"])


def _hours(opens: str, closes: str, **when: Any) -> Node:
    # 24:00 is no time to many readers, and 00:00 to 00:00 would say closed.
    last = "23:59" if closes == "24:00" else closes
    return {"@type": "OpeningHoursSpecification", **when, "opens": opens, "closes": last}
