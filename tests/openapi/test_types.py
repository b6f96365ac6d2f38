"""What other programs read: TypeScript types that compile, JSON Schemas that hold for what is stored."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from api.app import create_app
from schemas.content import CONTENT_TYPES
from seed import files
from tests.conftest import config

TSC = Path(__file__).parents[2] / ".ci/node/node_modules/.bin/tsc"
KINDS = [each.name for each in CONTENT_TYPES]
USE = """
import type { Block, Formatted, Paths, Problem, ReplyTo, Section } from "./clinic-cms"
type Topic = Paths["/v1/clinics/{clinic}/topics/{slug}"]
const query: Topic["query"] = { locale: "en", include: ["faqs"], "fields[faq]": ["question"] }
const path: Topic["path"] = { clinic: "demo-south", slug: "mesotherapy" }
export function titles(reply: Paths["/v1/clinics/{clinic}/topics"]["reply"]): string[] {
  return reply.data.map((item) => ("title" in item ? item.title : item.slug))
}
export function question(part: Topic["reply"]["included"][number]): string | null {
  return part.type === "faq" && "question" in part ? part.question : null
}
declare function get<P extends keyof Paths, Q extends Paths[P]["query"]>(at: P, query: Q): ReplyTo<P, Q>
const one = "/v1/clinics/{clinic}/topics/{slug}", many = "/v1/clinics/{clinic}/faqs"
export const sections: string[] = get(one, { locale: "en" }).data.sections.map((each) => each.title)
export const card: string = get(one, { view: "card" }).data.summary
export const answers: unknown[] = get(many, { "filter[topic]": "mesotherapy" }).data.map((each) => each.answer.value)
export const next: string | null = get(many, {}).links.next
export const sparse: Paths[typeof one]["reply"] = get(one, { "fields[topic]": ["title"] })
const found = "/v1/clinics/{clinic}/search", under = "/v1/clinics/{clinic}/resolve"
export const hits: string[] = get(found, { q: "scars" }).data.map((each) => each.match.html)
export const labels: string[] = get(found, { q: "scars" }).data.map((hit) =>
  hit.type === "faq" ? hit.question : hit.title)
export const summary: string = get(one, { "fields[topic]": ["title", "summary"] }).data.summary
export const shown: string[] = get(one, { include: ["faqs"], "fields[faq]": ["question"] }).included.flatMap((each) =>
  each.type === "faq" ? [each.question, each.slug] : [])
export const text: string = get(one, {}).data.sections.map((each) => each.body.value.trim()).join()
export const blocks: Block[] = get(one, { format: "blocks" }).data.sections.flatMap((each) => each.body.value)
const inside = (section: Formatted<Section>): string => section.body.value.trim()
export const parts: string[] = get(one, {}).data.sections.map(inside)
export const alone: string = inside(get("/v1/clinics/{clinic}/topics/{slug}/modules/{aspect}", {}).data.section)
export function place(path: string): string {
  const { data, included } = get(under, { path })
  if (data.kind === "redirect") return data.to
  if (data.kind === "list") return data.list.type
  if (data.kind === "home") return "/"
  const item = included.find((each) => each.id === data.item.id)
  return item?.type === "topic" ? item.sections.map(inside).join() : data.item.title
}
export const nodes: number = get(`${one}.jsonld`, { locale: "es" })["@graph"].length
export const drafts: number = get("/v1/clinics/{clinic}/preview/topics", {}).meta.preview?.not_live.length ?? 0
export const named = (problem: Problem): string | undefined => problem.withdrawal?.replacement?.title
const led = get(one, { view: "card", include: ["faqs"] }).data.relationships
export const total: number | undefined = led?.faqs?.meta.total
// @ts-expect-error: the summary was not asked for
get(one, { "fields[topic]": ["title"] }).data.summary
const { included } = get(one, { include: ["faqs"], "fields[faq]": ["question"] })
// @ts-expect-error: of an included question the answer was not asked for
included.flatMap((each) => (each.type === "faq" ? [each.answer] : []))
// @ts-expect-error: blocks are no string
get(one, { format: "blocks" }).data.sections.map((each) => each.body.value.trim())
// @ts-expect-error: which fields there are is not known of a query that may name any
get(one, query).data.title.length
const any: { view?: "card" | "full"; format?: "html" | "blocks" } = {}
// @ts-expect-error: nor which view
get(one, any).data.sections
// @ts-expect-error: nor which format
get("/v1/clinics/{clinic}/topics/{slug}/modules/{aspect}", any as { format?: "blocks" }).data.section.body.value.trim()
export const asked: string[] = get(one, { include: ["faqs"] }).included.flatMap((each) =>
  each.type === "faq" ? [each.question] : each.type === "category" ? [each.key] : [each.title])
// @ts-expect-error: what is included of topics are cards, without sections
get(one, { include: ["related"] }).included.flatMap((each) => (each.type === "topic" ? each.sections : []))
// @ts-expect-error: no topic comes with what is no content
get(one, {}).included.filter((each) => each.type === "clinic")
// @ts-expect-error: nothing is included with clinics
get("/v1/clinics", {}).included[0].id
// @ts-expect-error: a card has no sections
get(one, { view: "card" }).data.sections
export { query, path }
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("types")
    return create_app(config(f"sqlite:///{folder / 'none.sqlite'}", folder), front=False).test_client()


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest, client: FlaskClient) -> tuple[str, dict[str, Any]]:
    """A content type and the schema that is given out for it."""
    reply = client.get(f"/v1/schemas/{request.param}")
    assert reply.status_code == 200 and reply.mimetype == "application/schema+json"
    return request.param, reply.json or {}


@pytest.mark.node
@pytest.mark.skipif(not TSC.exists(), reason="no TypeScript compiler in .ci/node")
def test_the_types_compile_strictly_and_so_does_a_program_that_uses_them(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "clinic-cms.d.ts").write_text(client.get("/v1/types.d.ts").text)
    (tmp_path / "use.ts").write_text(USE)
    compiled = subprocess.run(
        [TSC, "--strict", "--noEmit", "--exactOptionalPropertyTypes", "--target", "es2022", tmp_path / "use.ts"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert compiled.returncode == 0, compiled.stdout


@pytest.mark.node
@pytest.mark.skipif(not TSC.exists(), reason="no TypeScript compiler in .ci/node")
@pytest.mark.long
def test_a_misspelt_field_does_not_compile(client: FlaskClient, tmp_path: Path) -> None:
    (tmp_path / "clinic-cms.d.ts").write_text(client.get("/v1/types.d.ts").text)
    (tmp_path / "use.ts").write_text(USE.replace("part.question", "part.qestion"))
    compiled = subprocess.run([TSC, "--strict", "--noEmit", tmp_path / "use.ts"], capture_output=True, text=True)
    assert "qestion" in compiled.stdout


def test_each_schema_is_valid_json_schema_2020_12(kind: tuple[str, dict[str, Any]]) -> None:
    _, schema = kind
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_each_schema_accepts_every_document_of_the_seed(kind: tuple[str, dict[str, Any]]) -> None:
    name, schema = kind
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    found = documents(name)
    assert found
    for told, document in found:
        assert [fault.message for fault in validator.iter_errors(document)] == [], told


def test_each_schema_accepts_what_is_stored_of_it(kind: tuple[str, dict[str, Any]]) -> None:
    name, schema = kind
    loader = next(each for each in CONTENT_TYPES if each.name == name).schema()
    for told, document in documents(name):
        assert Draft202012Validator(schema).is_valid(loader.load(document)), told


def test_each_schema_refuses_an_unknown_field_and_one_of_the_wrong_kind(kind: tuple[str, dict[str, Any]]) -> None:
    name, schema = kind
    validator = Draft202012Validator(schema)
    _, document = documents(name)[0]
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "colour": "red"})
    assert not validator.is_valid({**document, "position": "first"})
    needed = schema["required"][0]
    assert not validator.is_valid({each: value for each, value in document.items() if each != needed})


def test_each_schema_says_which_fields_are_clinical(kind: tuple[str, dict[str, Any]]) -> None:
    name, schema = kind
    declared = next(each for each in CONTENT_TYPES if each.name == name)
    assert {field for field, shape in schema["properties"].items() if shape["x-clinical"]} == set(declared.clinical)
    assert {field for field, shape in schema["properties"].items() if shape["x-safety"]} == set(declared.safety)


def test_a_schema_of_no_type_is_a_404_that_names_the_types(client: FlaskClient) -> None:
    reply = client.get("/v1/schemas/page")
    assert reply.status_code == 404 and reply.mimetype == "application/problem+json"
    assert all(name in reply.json["detail"] for name in KINDS)  # type: ignore[index]


def documents(name: str) -> list[tuple[str, dict[str, Any]]]:
    """(which, document) of a type in every locale of the seed, with ids in place of keys."""
    entries = files.entry_files()
    ids = {each.name: f"{each.type[:3]}_{number}" for number, each in enumerate(entries)}
    ids |= {f"media/{each['key']}": "med_0" for each in files.pictures()}
    return [
        (f"{each.name} {locale}", files.with_ids(document, ids))
        for each in entries
        if each.type == name
        for locale, (_, document) in each.texts.items()
    ]
