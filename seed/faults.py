"""What is wrong in a content file, told with the name of the file and what to change in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.errors import CmsError


class Unknown(LookupError):
    """A name that no content file defines."""


@contextmanager
def within(place: str) -> Iterator[None]:
    """Within the block a refusal ends the command with sentences about `place`: `topics/acne-scars.toml, en`."""
    try:
        yield
    except Unknown as error:
        raise SystemExit(f"seed/content/{place}: {error.args[0]} is named, which no file defines.") from None
    except CmsError as error:
        told = [f"{each['pointer']}: {each['detail']}" for each in error.faults] or [error.detail]
        raise SystemExit("\n".join(f"seed/content/{place}: {each}" for each in told)) from None
