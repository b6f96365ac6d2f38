"""What can go wrong: plain exceptions, each with a code from one written list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REFUSED = "clinic_cms.refused"
"""Where in the WSGI environment it stands that a request was refused before it came here: (code, seconds to wait)."""


@dataclass(frozen=True)
class Code:
    """One kind of problem: its HTTP status, its title, and the page that explains it."""

    status: int
    title: str
    explanation: str


CODES: dict[str, Code] = {
    "malformed": Code(400, "The request can't be read", "The address or body is not what HTTP or JSON allows."),
    "invalid_parameter": Code(
        400,
        "A parameter is not allowed",
        "Every parameter must be known, stand once and hold an allowed value. All faults are listed at once in "
        "`errors`, each with what is allowed.",
    ),
    "reply_too_large": Code(
        400,
        "The reply would be too large",
        "A reply is at most 2 MB. Ask for a smaller page, fewer includes, or name the `fields` you need.",
    ),
    "unauthorized": Code(
        401,
        "A key is needed",
        "Send a valid key as `Authorization: Bearer ck_…`. A key in the address or a cookie is not read.",
    ),
    "forbidden": Code(403, "Not allowed", "What you ask for is there, but your key's role may not do this."),
    "not_found": Code(
        404,
        "Nothing is here",
        "There is no such address, or nothing published under it for this clinic. What you may not see answers the "
        "same.",
    ),
    "not_in_locale": Code(
        404,
        "Not in this language",
        "The page exists, but not in the language asked for, and `fallback=none` forbids another one. See "
        "`available_locales`.",
    ),
    "method_not_allowed": Code(405, "This method is not allowed here", "The `Allow` header lists the methods."),
    "in_progress": Code(
        409,
        "The same request is still running",
        "Another request with this `Idempotency-Key` has not ended yet. Send it again a little later.",
    ),
    "conflict": Code(409, "This move is not possible now", "The state does not allow the move; see `blockers`."),
    "withdrawn": Code(
        410,
        "This page was withdrawn",
        "The text was withdrawn or recalled and must no longer be shown. `withdrawal` says when, why, and what "
        "replaces it. Remove every copy.",
    ),
    "stale": Code(
        412,
        "Somebody else changed it first",
        "The `If-Match` you sent is not the current `ETag`. `current` says what it is now; read again, then write.",
    ),
    "too_large": Code(413, "The request is too large", "Bodies are at most 1 MB, addresses at most 8 kB."),
    "unsupported_media_type": Code(415, "This media type is not read", "Send `Content-Type: application/json`."),
    "invalid_content": Code(422, "The content has faults", "Each fault is in `errors` with a JSON pointer."),
    "key_reused": Code(
        422,
        "This Idempotency-Key belongs to another request",
        "The key was used for a request with another body or address. Take a new key for each new request.",
    ),
    "precondition_required": Code(
        428, "If-Match is needed", "Send the `ETag` of what you read as `If-Match`, so that nobody's change is lost."
    ),
    "storage_full": Code(
        507, "There is no room for the file", "The place where files are kept is full. Nothing of the file was kept."
    ),
    "rate_limited": Code(429, "Too many requests", "Wait for the seconds in `Retry-After`."),
    "internal": Code(500, "Something broke here", "This is our fault. Report the `request_id`."),
    "not_implemented": Code(501, "Not offered in this form", "The standard knows this form, this service does not."),
    "unavailable": Code(503, "Not available right now", "A part is down or starting. Try after `Retry-After` seconds."),
}


class CmsError(Exception):
    """A refusal with a code of CODES; `extra` members go into the problem beside it."""

    def __init__(self, code: str, detail: str, faults: list[dict[str, Any]] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.faults, self.extra = code, detail, faults or [], extra


def not_found(detail: str = "Nothing is published under this address.") -> CmsError:
    return CmsError("not_found", detail)


def invalid_parameters(faults: list[dict[str, Any]]) -> CmsError:
    """One problem for all parameters at fault; each fault {parameter, code, detail, allowed?}."""
    return CmsError("invalid_parameter", _told(faults, "parameter"), faults)


def invalid_content(faults: list[dict[str, Any]]) -> CmsError:
    """One problem for all faults of a body; each fault {pointer, code, detail}."""
    return CmsError("invalid_content", _told(faults, "pointer"), faults)


NAMELESS = {"pointer": "The body", "parameter": "The query"}
"""What an empty name stands for."""


def _told(faults: list[dict[str, Any]], place: str) -> str:
    """The first fault in words, for whoever reads `detail` alone, and how many more there are."""
    more = "" if len(faults) == 1 else f" And {len(faults) - 1} more; see errors."
    return f"{faults[0][place] or NAMELESS[place]}: {faults[0]['detail']}{more}"


def conflict(blockers: list[dict[str, Any]]) -> CmsError:
    """A move that the state forbids; each blocker {move, code, pointer, detail}, pointer "" where it names no part."""
    told = [{"pointer": "", **blocker} for blocker in blockers]
    return CmsError("conflict", " ".join(blocker["detail"] for blocker in told), blockers=told)


class NotReady(Exception):
    """The system can't start or serve as it is; the message says which command to run."""
