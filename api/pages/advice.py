"""What to do about each problem, with an example of how it looks; one entry for each code of api/errors.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TOPICS = "/v1/clinics/demo-south/topics"
ENTRIES = "/v1/manage/entries/topic"


@dataclass(frozen=True)
class Advice:
    """An example's words and members, and steps for whoever meets the problem."""

    detail: str
    instance: str = TOPICS
    steps: tuple[str, ...] = ()
    faults: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


ADVICE: dict[str, Advice] = {
    "malformed": Advice(
        "The address or body is not what HTTP or JSON allows.",
        steps=(
            "Encode every value in the address with `encodeURIComponent` or `URLSearchParams`.",
            "If you send a body, check that it is valid JSON in UTF-8.",
            "Do not retry: the same request gets the same answer.",
        ),
    ),
    "invalid_parameter": Advice(
        "page[size]: 1000 is not between 1 and 100. And 1 more; see errors.",
        steps=(
            "Read each entry of `errors`: `parameter` names what to change, `allowed` lists what may stand there.",
            "Look up the operation’s parameters in the API reference; names are exact, and none may stand twice.",
            "Do not retry unchanged. Generated types catch most of these before they are sent.",
        ),
        faults=(
            {
                "parameter": "page[size]",
                "code": "out_of_range",
                "detail": "1000 is not between 1 and 100.",
                "allowed": {"min": 1, "max": 100},
            },
            {
                "parameter": "locale",
                "code": "not_allowed",
                "detail": "demo-south has no language fr.",
                "allowed": ["en", "es"],
            },
        ),
    ),
    "reply_too_large": Advice(
        "The reply would have 2310442 bytes, at most 2000000 are allowed. Too much: faqs, terms.",
        steps=(
            "Ask for a smaller `page[size]` and follow `links.next`.",
            "Leave out includes, or bound them with `include_limit`.",
            "Name the fields you show, such as `fields[topic]=title,summary`.",
        ),
    ),
    "unauthorized": Advice(
        "This clinic is private: send one of its keys.",
        "/v1/clinics/demo-private/topics",
        (
            "Send the header `Authorization: Bearer ck_…` with a key that the clinic’s operator gave you.",
            "If it worked before, the key has expired or was revoked: ask for a new one.",
            "Keep server keys on servers; pages in a browser use a browser key.",
        ),
    ),
    "forbidden": Advice(
        "This browser key is for pages of the origins it was made for; a server takes a server key.",
        "/v1/clinics/demo-private/topics",
        (
            "Check that the key is meant for this use, and for the page that sends it.",
            "Ask the operator for a key or a role that may do this. Retrying does not help.",
        ),
    ),
    "not_found": Advice(
        "No topic is published under this slug.",
        f"{TOPICS}/no-such-topic",
        (
            "Check the address against the API reference, and the slug against the list or the sitemap.",
            "If a visitor came by an old path, ask resolve: it knows where pages moved.",
            "Show your own “not found” page. New content may appear here later.",
        ),
    ),
    "not_in_locale": Advice(
        "This topic has no text in es.",
        f"{TOPICS}/mesotherapy",
        (
            "Choose a language of `available_locales`, and tell the visitor so.",
            "Or leave `fallback` out: the clinic’s own order of languages then stands in.",
        ),
        extra={"available_locales": ["en"]},
    ),
    "method_not_allowed": Advice(
        "POST is not allowed here; GET, HEAD, OPTIONS are.",
        steps=("Use a method of the `Allow` header. Published content is only read: GET, HEAD and OPTIONS.",),
    ),
    "conflict": Advice(
        "Nobody has approved exactly this text.",
        steps=(
            "Read `blockers`: each names the move, why it is not possible now, and what is missing.",
            "Load the text’s present state, since somebody may have moved it on, and decide anew.",
            "Retry only after the cause is gone.",
        ),
        extra={
            "blockers": [
                {"move": "publish", "code": "approval_missing", "detail": "Nobody has approved exactly this text."}
            ]
        },
    ),
    "withdrawn": Advice(
        "The text is no longer offered. There is a newer page.",
        f"{TOPICS}/old-treatment",
        (
            "Remove the text from every cache, search index and static build, and stop showing it.",
            "Lead visitors to `withdrawal.replacement` if there is one; else answer 410 as well.",
            "If `withdrawal.kind` is `recalled`, do so at once: the text may do harm.",
        ),
        extra={
            "withdrawal": {
                "kind": "withdrawn",
                "at": "2026-11-01T08:00:00Z",
                "reason": "Replaced by a newer page.",
                "severity": None,
                "replacement": {
                    "type": "topic",
                    "id": "top_k734cwd6",
                    "slug": "mesotherapy",
                    "title": "Mesotherapy for acne scars",
                    "path": "/treatments/mesotherapy",
                    "url": "https://south.example/treatments/mesotherapy",
                },
            }
        },
    ),
    "too_large": Advice(
        "The query is longer than 8000 bytes.",
        steps=("Split the request: fewer `ids` or filters at a time, or smaller bodies.",),
    ),
    "unsupported_media_type": Advice(
        "Send `Content-Type: application/json`.",
        steps=("Send the body as JSON and name it in the header: `Content-Type: application/json`.",),
    ),
    "invalid_content": Advice(
        "/title: This is needed. And 1 more; see errors.",
        steps=(
            "Each entry of `errors` has a `pointer` into the body you sent (RFC 6901) and says what to change.",
            "Show the sentence beside the field it points at; all faults are listed at once.",
            "The JSON Schema of each type at `/v1/schemas/{type}` lets you check before you send.",
        ),
        faults=(
            {"pointer": "/title", "code": "required", "detail": "This is needed."},
            {"pointer": "/position", "code": "invalid", "detail": "Give a whole number."},
        ),
    ),
    "storage_full": Advice(
        "There is no room left for the file; nothing was kept.",
        instance="/v1/manage/media",
        steps=(
            "Tell whoever runs the service: `clinic-cms doctor` says where room is short.",
            "Send the file again once there is room; nothing half of it is left behind.",
        ),
    ),
    "rate_limited": Advice(
        "Wait for the seconds in `Retry-After`.",
        steps=(
            "Wait for the seconds in `Retry-After`, then try again; spread out retries of many clients.",
            "Ask with `If-None-Match`, cache replies as long as `Cache-Control` allows, and fetch lists.",
        ),
    ),
    "internal": Advice(
        "This is our fault. Report the `request_id`.",
        steps=(
            "Send the `request_id` to the operator: it finds the entry in the log.",
            "Reading again later is safe. Show what you have cached meanwhile.",
        ),
    ),
    "not_implemented": Advice(
        "oEmbed is answered as JSON alone; leave `format` out.",
        instance="/oembed",
        steps=("Ask for `format=json`, or leave `format` out: every consumer of oEmbed reads JSON.",),
    ),
    "unavailable": Advice(
        "The database can't be reached right now.",
        steps=(
            "Wait for the seconds in `Retry-After`, then try again with growing pauses.",
            "Of a write `detail` says what became of it; with its `Idempotency-Key` it is safe to send again.",
            "Serve what you have cached: replies allow it after errors (`stale-if-error`).",
            "The operator sees at `/readyz` which part is down.",
        ),
    ),
    "in_progress": Advice(
        "A request with this Idempotency-Key is still running.",
        instance=ENTRIES,
        steps=(
            "Wait a second or two and send the very same request again: it is answered with the stored reply.",
            "Do not take a new key for it, or the effect may happen twice.",
        ),
    ),
    "stale": Advice(
        "This text was changed since you read it.",
        instance=f"{ENTRIES}/top_4k9m2vx0",
        steps=(
            "Read the text again: `current` tells its new `ETag`, the revision, and who wrote it.",
            "Show the person both versions, merge, and write with the new `ETag`.",
            "Never repeat a write with a new tag and the old body: that would undo somebody’s work.",
        ),
        extra={
            "current": {
                "etag": '"5d1c2f-8"',
                "revision": 4,
                "state": "draft",
                "changed_at": "2026-11-01T08:00:00Z",
                "changed_by": "prs_8f2k1m0q",
            }
        },
    ),
    "key_reused": Advice(
        "This Idempotency-Key was used for another request.",
        instance=ENTRIES,
        steps=(
            "Make a new key, such as a UUID, for each request that is meant to have an effect of its own.",
            "Use an old key only to repeat a request whose answer did not arrive, with the same body.",
        ),
    ),
    "precondition_required": Advice(
        "Send the ETag of what you read as If-Match.",
        instance=f"{ENTRIES}/top_4k9m2vx0",
        steps=(
            "Read the text first; its reply carries an `ETag` header.",
            "Send that tag as `If-Match` with PUT, PATCH, DELETE and every move.",
        ),
    ),
}
