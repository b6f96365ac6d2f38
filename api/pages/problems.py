"""The pages behind a problem's `type`: what each code means, how it looks, and what to do."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, request

from api.errors import CODES, not_found
from api.pages.advice import ADVICE, Advice
from api.pages.page import page
from schemas.meant import asked_back


def every() -> Response:
    """All codes by status."""
    return page("problems.html", codes=sorted(CODES.items(), key=lambda each: each[1].status))


def one(code: str) -> Response:
    """The page of one code. Raises not_found for a word that is none."""
    known = CODES.get(code)
    if known is None:
        near = asked_back(code, CODES)
        raise not_found(f"There is no problem of this name.{near} See /docs/problems for those there are.")
    advice = ADVICE.get(code, Advice(known.explanation))
    example = json.dumps(_example(code, advice), indent=2, ensure_ascii=False)
    return page("problem.html", code=code, known=known, advice=advice, example=example)


def _example(code: str, advice: Advice) -> dict[str, Any]:
    """A problem document as this service would send it (RFC 9457)."""
    known = CODES[code]
    return {
        "type": f"{current_app.config['PUBLIC_URL']}/docs/problems/{code}",
        "title": known.title,
        "status": known.status,
        "detail": advice.detail,
        "instance": request.script_root + advice.instance,
        "code": code,
        "request_id": "req_5f0c3a9e71d2",
        "errors": list(advice.faults),
        **advice.extra,
    }
