"""IN8 and IN13: no body of a megabyte takes longer to refuse than its length says; one author stops nobody."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress

import pytest
from marshmallow import ValidationError, fields

from api.errors import CmsError
from api.openapi.bodies import read_json
from schemas import clinic, parts, strict
from schemas.managed import bodies, keys
from tests.growth import grows_in_proportion

BODIES = {
    "quotes that are escaped": lambda size: b'"' + b'\\"' * size,
    "a string that never ends": lambda size: b'{"a": "' + b'\\"' * size,
    "a member that stands twice": lambda size: b"{%b,\"a0\":0}" % b",".join(b'"a%d":0' % each for each in range(size)),
    "brackets": lambda size: b"[" * size,
    "quotes": lambda size: b'"' * size,
}
WORDS = ("https://%s ", "%s", "%s!", "/%s ", "[%s", "{%s", "-%s", "%s@", "a@%s!")
REPEATED = ("a", "a-", "a.", "{{", "](", " ", "0", "[", ":")


def dear_fields() -> Iterator[fields.Field]:
    """Every kind of text that bodies hold."""
    for module in (strict, parts, clinic, keys, bodies):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, fields.String) and kind is not fields.String and kind is not strict.Choice:
                yield kind(**{"group": "faq"} if kind is parts.Category else {})


@pytest.mark.parametrize("name", BODIES)
def test_in8_a_body_that_is_no_json_is_refused_in_no_longer_than_its_length(name: str) -> None:
    def refuse(size: int) -> None:
        with pytest.raises(CmsError, match="JSON|deep"):
            read_json(BODIES[name](size))

    assert grows_in_proportion(refuse, 2_000)


@pytest.mark.parametrize("field", {type(each).__name__: each for each in dear_fields()}.values(),
                         ids=lambda each: type(each).__name__)  # fmt: skip
def test_in13_a_text_is_refused_in_no_longer_than_its_length(field: fields.Field) -> None:
    def refuse(size: int) -> None:
        for word in WORDS:
            for part in REPEATED:
                with suppress(ValidationError):
                    field.deserialize(word % (part * size))

    assert grows_in_proportion(refuse, 500)


@pytest.mark.parametrize("path", ["/\t/evil.example/{slug}", "/\n/evil.example", "/x\r\nX: y", "//evil.example",
                                  "/\\evil.example"])  # fmt: skip
def test_in15_au11_no_path_of_a_site_leads_elsewhere_once_a_browser_has_cleaned_it(path: str) -> None:
    for field in (clinic.Path(), clinic.SitePath()):
        with pytest.raises(ValidationError):
            field.deserialize(path)
