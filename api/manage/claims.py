"""The claims check: any text linted, and the findings of a stored text or a clinic's overlay."""

from __future__ import annotations

from typing import Any

from api.errors import invalid_content, invalid_parameters
from api.manage.asking import Answer, Ask, Route
from api.manage.entries import ENTRY, GUARD, READING, TYPE, the_text
from api.manage.overlays import OVERLAY, own_text, the_place
from api.models import Variant
from api.openapi.operation import Operation
from api.rules.claims.lint import lint
from api.rules.claims.packs import jurisdictions, languages, spoken
from api.services.texts import claims, history
from api.services.texts.facts import newest_of
from schemas.managed import claims as shapes
from schemas.managed import parameters
from schemas.meant import asked_back


def routes() -> list[Route]:
    """Addresses of the claims check."""

    def declare(summary: str, *more: int) -> Operation:
        return Operation(summary, GUARD, shapes.of_findings(), {}, "claims", (*READING, *more), parameters=TYPE,
                         data=shapes.TextFindings)  # fmt: skip

    return [
        ("/lint", any_text, Operation("Check the claims of any text", GUARD, parameters.none(), {}, "claims",
                                      (401, 403, 413, 415, 422), method="POST", body=shapes.LintBody,
                                      data=shapes.Linted, reads=True)),
        (f"{ENTRY}/findings", of_text, declare("List the claims check's findings in a text")),
        (f"{OVERLAY}/findings", of_overlay, declare("List the claims check's findings in a clinic's overlay", 409)),
    ]  # fmt: skip


def any_text(ask: Ask) -> Answer:
    body = ask.body
    if (code := spoken(body["locale"])) is None:
        detail = f"There are no rules in {body['locale']}."
        fault = {"pointer": "/locale", "code": "unknown", "detail": detail, "allowed": list(languages())}
        raise invalid_content([fault])
    found = lint(body["text"], claims.known(body["jurisdiction"]), code)
    return Answer({"findings": [_told(each) for each in found]})


def of_text(ask: Ask) -> Answer:
    return _of(ask, the_text(ask))


def of_overlay(ask: Ask) -> Answer:
    return _of(ask, own_text(ask, the_place(ask)))


def _of(ask: Ask, variant: Variant) -> Answer:
    wanted, number = ask.query.get("jurisdiction"), ask.query.get("revision")
    if wanted is not None and wanted not in (allowed := jurisdictions()):
        detail = f"There are no rules for {wanted[:40]}.{asked_back(wanted, allowed)}"
        fault = {"parameter": "jurisdiction", "code": "unknown", "detail": detail}
        raise invalid_parameters([{**fault, "allowed": list(allowed)}])
    revision = newest_of(variant) if number is None else history.one(ask.work, variant, str(number))
    told = claims.told(ask.work, variant, revision, wanted)
    people = {each["waived"]["by"] for each in told["findings"] if each["waived"]}
    return Answer(told, meta={"people": history.people(ask.work, people)})


def _told(found: Any) -> dict[str, Any]:
    rule = found.rule
    return {
        "id": rule.id,
        "severity": rule.severity,
        "reason": found.reason,
        "source": rule.source,
        "suggestion": found.suggestion,
        "start": found.start,
        "end": found.end,
    }
