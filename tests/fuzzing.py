"""schemathesis over the whole document, in this process: what was tried, and where an answer broke the document."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.config import ProjectConfig, SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

from schemas.content import CONTENT_TYPES
from tests.conftest import House
from tests.managing import Desk

SLUGS = {
    "topics": ("mesotherapy", "mesoterapia", "acne-scars"),
    "faqs": ("does-mesotherapy-hurt", "kinds-of-acne-scars"),
    "guides": ("choosing-a-provider", "elegir-profesional"),
    "terms": ("dermis", "hypertrophic"),
    "categories": ("acne-scars", "procedure"),
}
EMBED = "https://api.example/embed/demo-south"
PAGES = (f"{EMBED}/topics/mesotherapy", f"{EMBED}/terms/dermis", f"{EMBED}/terms/no-such-term")
LISTS = tuple(f"/v1/clinics/{{clinic}}/{kind.plural}{rest}" for kind in CONTENT_TYPES for rest in ("", ".jsonld"))


@dataclass
class Tried:
    """How often each status was answered, and every kind of failure once with a request that shows it."""

    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return self.statuses.total()


PREVIEW = "/v1/clinics/{clinic}/preview"


def document_to_try(house: House, *, preview: bool = False) -> dict[str, Any]:
    """The document with clinics and slugs that exist, lest nearly every try be a 404; of previews, or of the rest."""
    found: dict[str, Any] = copy.deepcopy(house.client.get("/v1/openapi.json").json)
    closed = ("/v1/manage", "/v1/partners", PREVIEW)
    wanted = PREVIEW if preview else closed
    found["paths"] = {path: item for path, item in found["paths"].items() if path.startswith(wanted) is preview}
    if "/oembed" in found["paths"]:
        # Another format of oEmbed is 501 by its specification, and every 5xx counts as a failure here.
        oembed = found["paths"]["/oembed"]["get"]["parameters"]
        oembed[:] = [each for each in oembed if each["name"] != "format"]
    for path, item in found["paths"].items():
        for parameter in (each for operation in item.values() for each in operation["parameters"]):
            if parameter["name"] == "url":
                parameter["schema"] = {"anyOf": [{"enum": list(PAGES)}, parameter["schema"]]}
            elif parameter["in"] == "path" and parameter["name"] == "clinic":
                parameter["schema"] = {"enum": ["demo-south", "demo-north", "demo-private", "no-such-clinic"]}
            elif parameter["in"] == "path" and parameter["name"] == "slug":
                plural = path.replace("/preview", "").split("/")[4]
                parameter["schema"] = {"anyOf": [{"enum": list(SLUGS[plural])}, parameter["schema"]]}
    return found


def management_to_try(house: House, ids: dict[str, list[str]], start: str = "/v1/manage") -> dict[str, Any]:
    """The addresses of management, with ids that exist among those that do not, and tags that match."""
    found: dict[str, Any] = copy.deepcopy(house.client.get("/v1/openapi.json").json)
    found["paths"] = {path: item for path, item in found["paths"].items() if path.startswith(start)}
    for path, item in found["paths"].items():
        for operation in item.values():
            operation["security"] = []  # The key is sent with every try; who is refused without it is tested elsewhere.
        for parameter in (each for operation in item.values() for each in operation["parameters"]):
            if parameter["name"] == "If-Match":
                parameter["schema"] = {"enum": ["*", '"nobody-1"']}
            elif parameter["name"] == "clinic":
                parameter["schema"] = {"enum": ["demo-south", "demo-north", "no-such-clinic"]}
            elif parameter["name"] == "id":
                known = ids.get(path.split("/")[3], [])
                parameter["schema"] = {"enum": [*known, "xxx_00000000"]}
    return found


def tries(house: House, examples: int, *, seed: int = 1, fuzz: bool = True, boundaries: bool = True,
          without: tuple[str, ...] = (), document: dict[str, Any] | None = None,
          key: str | None = None) -> Tried:  # fmt: skip
    """Try every operation with `examples` random requests (`fuzz`) and at the bounds of each parameter."""
    settings = SchemathesisConfig(seed=seed)
    _configure(settings.projects.default, examples, fuzz, boundaries)
    schema: Any = schemathesis.openapi.from_dict(document or document_to_try(house), config=settings)
    schema.app = house.app if key is None else _with_key(house.app, key)
    settings.projects.default.checks.ignored_auth.enabled = key is None
    for path in without:
        schema = schema.exclude(path=path)
    found = Tried()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _gather(event, found)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            error = event.value if isinstance(event, events.NonFatalError) else event.exception
            found.failures[repr(error)[:200]] = repr(error)
    return found


def _with_key(app: Any, key: str) -> Any:
    """The application as the bearer of a key meets it; that other callers are refused is tested elsewhere."""

    def asked(environ: dict[str, Any], start: Any) -> Any:
        return app({**environ, "HTTP_AUTHORIZATION": f"Bearer {key}"}, start)

    return asked


def _configure(project: ProjectConfig, examples: int, fuzz: bool, boundaries: bool) -> None:
    generation = project.generation
    generation.max_examples, generation.deterministic, generation.database = examples, True, "none"
    generation.no_shrink = True
    project.continue_on_failure = True
    project.phases.examples.enabled = project.phases.fuzzing.enabled = fuzz
    project.phases.coverage.enabled = boundaries
    project.phases.stateful.enabled = False
    # What a schema can't say is refused too: a language the clinic lacks, two ways of paging, more than ten filters.
    project.checks.positive_data_acceptance.enabled = False
    refusals = project.checks.negative_data_rejection
    refusals.expected_statuses = [*refusals.expected_statuses, "412", "413"]
    without_header = project.checks.missing_required_header
    without_header.expected_statuses = [*without_header.expected_statuses, "428"]


def _gather(event: events.ScenarioFinished, found: Tried) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.status == Status.FAILURE and check.failure_info is not None:
                failure = check.failure_info.failure
                told = f"{event.recorder.label}: {failure.title}: {failure.message[:400]}"
                found.failures.setdefault(told, check.failure_info.code_sample[:600])


def management_tried_as(house: House, who: str, examples: int, **how: bool) -> Tried:
    """Try every address of management in the name of somebody, with a live text and drafts among the ids."""
    desk = Desk(house)
    paths = [desk.create(f"tried-{uuid4().hex[:12]}") for _ in range(3)]
    desk.publish(paths[0])
    ids = {"entries": [path.rpartition("/")[2] for path in paths]}
    return tries(house, examples, document=management_to_try(house, ids), key=desk.key(who), **how)


def partner_tried(house: House, examples: int, **how: bool) -> Tried:
    """Try every address of a partner's own view, with a recall among the ids."""
    desk = Desk(house)
    topic = desk.create(f"tried-{uuid4().hex[:12]}")
    desk.publish(topic)
    desk.move("medical_reviewer", topic, "recall", severity="low", reason="Tried.")
    partner = desk.done("admin", "POST", "/partners", {"name": "Tried"})["id"]
    key = desk.done("admin", "POST", "/keys", {"kind": "partner", "name": "tried", "partner": partner})["key"]
    told = house.client.get("/v1/partners/me/recalls", headers={"Authorization": f"Bearer {key}"}).json["data"]
    ids = {"me": [each["id"] for each in told]}
    return tries(house, examples, document=management_to_try(house, ids, "/v1/partners"), key=key, **how)


def previews_tried(house: House, secret: str, examples: int, **how: bool) -> Tried:
    """Try every address of previews with a preview key, with a draft among the texts."""
    document = document_to_try(house, preview=True)
    for item in document["paths"].values():
        item["get"]["security"] = []  # The key is sent with every try.
    return tries(house, examples, document=document, key=secret, **how)
