"""Instants as people write them: with an offset, or as the time of a zone, in a body and in an address."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from typing import Any

from marshmallow import ValidationError, fields

from schemas.query_fields import fault


class Moment(fields.String):
    """A whole second: RFC 3339 with an offset, or a local time with its zone as RFC 9557 has it."""

    SHOULD_BE = (
        "Give a whole second with its offset or zone: 2026-11-03T09:00:00+01:00 or 2026-11-03T09:00[Europe/Madrid]."
    )
    _SHAPE = re.compile(
        r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(\.0+)?([Zz]|[+-]\d{2}:\d{2})?"
        r"(?:\[([A-Za-z0-9_+\-/]{1,64})\])?\Z"
    )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        found = self._SHAPE.match(text)
        if found is None or not (found[5] or found[6]):
            raise ValidationError(self.SHOULD_BE)
        try:
            written = dt.datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3] or ':00'}{(found[5] or '').upper()}")
            return self._placed(written, found[6]).astimezone(dt.UTC)
        except (ValueError, OverflowError, zoneinfo.ZoneInfoNotFoundError, OSError):
            raise ValidationError("There is no such day, time or zone.") from None

    def _placed(self, written: dt.datetime, zone: str | None) -> dt.datetime:
        """A local time in its zone. One that the clocks skip, or show twice, is refused with what to write instead."""
        if not 1970 < written.year < 9000:
            raise ValidationError("Give a year between 1971 and 8999.")
        if zone is None:
            return written
        here = zoneinfo.ZoneInfo(zone)
        if written.tzinfo is not None:
            if written.astimezone(here).utcoffset() != written.utcoffset():
                raise ValidationError(f"{zone} has another offset at that time; leave the offset or the zone out.")
            return written
        early, late = written.replace(tzinfo=here, fold=0), written.replace(tzinfo=here, fold=1)
        if early.utcoffset() == late.utcoffset():
            return early
        skipped = early.astimezone(dt.UTC).astimezone(here).replace(tzinfo=None) != written
        told = "does not exist" if skipped else "happens twice"
        offsets = " or ".join(each.isoformat()[-6:] for each in (early, late))
        raise ValidationError(f"That time {told} in {zone}, as the clocks change; write it with an offset: {offsets}.")


def in_an_address(text: str) -> dt.datetime:
    """The same from a parameter, in which a space stands for the + that it was. Raises ValidationError with a fault."""
    try:
        found: Any = Moment().deserialize(text.replace(" ", "+"))
    except ValidationError as error:
        raise fault("invalid", str(error.messages[0])) from None
    assert isinstance(found, dt.datetime)
    return found
