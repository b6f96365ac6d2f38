"""Column kinds that the tables share."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, String, Text
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeEngine

from api.db import Instant


def bytewise(length: int) -> TypeEngine[str]:
    """Text that both databases sort and compare by its bytes."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


Id = Annotated[str, mapped_column(bytewise(40), primary_key=True)]
Name = Annotated[str, mapped_column(String(64))]
Code = Annotated[str, mapped_column(bytewise(40))]
SlugText = Annotated[str, mapped_column(bytewise(96))]
Digest = Annotated[str, mapped_column(String(80))]
Prose = Annotated[str, mapped_column(Text)]
Seconds = Annotated[int, mapped_column(BigInteger)]
When = Annotated[dt.datetime, mapped_column(Instant)]
Document = Annotated[dict[str, Any], mapped_column(JSON)]
Listing = Annotated[list[Any], mapped_column(JSON)]
