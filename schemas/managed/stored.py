"""Stored shapes under names of their own, beside what readers are given of the same things."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

from marshmallow import Schema, fields, missing

from schemas.json_schema import component_name
from schemas.replies import Reply


@cache
def taken(part: type[Schema]) -> type[Schema]:
    """The shape as a body holds it, with its checks: `Location` becomes `StoredLocation`."""
    return _named(part, "Stored", part)


@cache
def given(part: type[Schema]) -> type[Schema]:
    """The shape as a reply holds it, every field there: `Location` becomes `GivenLocation`."""
    return _named(part, "Given", Reply)


def _named(part: type[Schema], prefix: str, parent: type[Schema]) -> type[Schema]:
    shape = {name: _own(field, prefix, parent is Reply) for name, field in part._declared_fields.items()}
    return type(f"{prefix}{component_name(part)}", (parent,), {"__doc__": part.__doc__, **shape})


def _own(field: Any, prefix: str, reply: bool) -> fields.Field[Any]:
    """A copy of a field, with copies of the shapes inside it."""
    found: Any = copy.deepcopy(field)
    if reply:
        found.required, found.load_default = True, missing
    if isinstance(found, fields.Nested):
        found.nested = (given if reply else taken)(found.nested)  # type: ignore[arg-type]
    elif isinstance(found, fields.List):
        found.inner = _own(found.inner, prefix, reply)
    elif isinstance(found, fields.Dict) and found.value_field is not None:
        found.value_field = _own(found.value_field, prefix, reply)
    return found  # type: ignore[no-any-return]
