"""The TypeScript client: what it reads, how it waits and gives up, what it keeps."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from api.db import connect
from tests.conftest import House, application, config
from tests.embed.stage import Silent

ROOT = Path(__file__).parents[2]
NODE, TSC = shutil.which("node"), ROOT / ".ci/node/node_modules/.bin/tsc"
pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(NODE is None or not TSC.exists(), reason="no node, or no TypeScript compiler in .ci/node"),
]
PROGRAM = """
import { ClinicCms, Refused, referred } from "./clinic-cms-client.js"
const [base, script] = process.argv.slice(2) as [string, string]
const clinic = "demo-south", one = "/v1/clinics/{clinic}/topics/{slug}", many = "/v1/clinics/{clinic}/topics"
const told = async (what: () => Promise<unknown>): Promise<unknown> => {
  try { return await what() } catch (error) {
    if (error instanceof Refused) return [error.status, error.code, error.message]
    return (error as Error).name
  }
}
const cms = new ClinicCms({ base: base + "/", kept: 2, tries: 2, timeout: 60_000 })
const tried = async (how: { timeout?: number }, signal?: AbortSignal): Promise<unknown> => {
  let tries = 0
  const cms = new ClinicCms({ base, tries: 2, ...how, fetch: (...of) => { tries += 1; return fetch(...of) } })
  return [await told(() => cms.get(one, { clinic, slug: "mesotherapy" }, {}, signal ? { signal } : {})), tries]
}
const STORIES: Record<string, () => Promise<unknown>> = {
  async page() {
    const reply = await cms.get(one, { clinic, slug: "mesotherapy" }, { include: ["faqs", "related"], locale: "en" })
    const sections: string[] = reply.data.sections.map((each) => each.title)
    const faqs: string[] = referred(reply, reply.data, "faqs").flatMap((each) => each.type === "faq" ? [each.slug] : [])
    return [reply.data.title, sections.length, faqs]
  },
  async pages() {
    const found: string[] = []
    const query = { "page[size]": 2, view: "card", sort: ["title"], locale: "en" } as const
    for await (const topic of cms.each(many, { clinic }, query)) found.push(topic.slug)
    return found
  },
  kept: async () => { for (const slug of ["mesotherapy", "mesotherapy"]) await cms.get(one, { clinic, slug }) },
  forgets: async () => {
    const slugs = ["mesotherapy", "microneedling", "acne-scars", "mesotherapy"]
    for (const slug of slugs) await cms.get(one, { clinic, slug })
  },
  missing: () => told(() => cms.get(one, { clinic, slug: "mesoterapy" })),
  wrong: () => told(() => cms.get(many, { clinic }, { "page[size]": 1000 })),
  elsewhere: () => told(() => cms.get(one, { clinic: "../../manage", slug: "a/b?c" })),
  key: () => told(() => new ClinicCms({ base, key: "ck_sec_none" }).get(many, { clinic: "demo-private" })),
  waits: () => told(() => cms.get(one, { clinic, slug: "microneedling" })),
  hangs: () => tried({ timeout: 300 }),
  async stops() {
    const given = new AbortController()
    setTimeout(() => given.abort(), 300)
    return tried({}, given.signal)
  },
  nowhere: () => Promise.all(["", ".."].map((slug) => told(() => cms.get(one, { clinic, slug })))),
}
console.log(JSON.stringify(await STORIES[script]!() ?? null))
// @ts-expect-error: an item has a slug
;() => cms.get(one, { clinic })
// @ts-expect-error: there is no such relation to include
;() => cms.get(one, { clinic, slug: "x" }, { include: ["faq"] })
// @ts-expect-error: one item has no pages
;() => cms.each(one, { clinic, slug: "x" })
"""


@pytest.fixture(scope="module")
def library(sqlite_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Which database stands behind it is nothing that a client sees."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(sqlite_seeded, folder / "house.sqlite")
    settings = config(f"sqlite:///{folder / 'house.sqlite'}", folder)
    database = connect(settings)
    app = application(settings, database)
    yield House(app, database, app.test_client())
    database.close()


@pytest.fixture(scope="module")
def sources(library: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client")
    (folder / "clinic-cms.d.ts").write_text(library.get("/v1/types.d.ts").text)
    (folder / "clinic-cms-client.ts").write_text(library.get("/v1/client.ts").text)
    (folder / "program.ts").write_text("declare const process: { argv: string[] }\n" + PROGRAM)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def compiled(folder: Path, *how: str) -> Path:
    said = [TSC, *how, "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "program.ts"]
    done = subprocess.run(said, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="module")
def program(sources: Path) -> Path:
    return compiled(sources, "--noCheck")


def test_it_compiles_strictly_and_so_does_a_program_that_uses_it(sources: Path) -> None:
    [shown] = re.findall(r"```ts\n(.*?)```", (ROOT / "docs/calls.md").read_text(encoding="utf-8"), re.S)
    (sources / "shown.ts").write_text(shown)
    strictly = ("--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess")
    compiled(sources, *strictly, "shown.ts")


class Door:
    """Stands before the application: notes what is asked, and may answer itself."""

    def __init__(self, app: Any) -> None:
        self.app, self.asked = app, []  # type: tuple[Any, list[tuple[str, str | None]]]
        self.instead: list[Callable[[Any], Iterable[bytes]]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = environ["RAW_URI"]
        self.asked.append((path, environ.get("HTTP_IF_NONE_MATCH")))
        return self.instead.pop(0)(start) if self.instead else self.app(environ, start)


@contextmanager
def opened(library: House) -> Iterator[tuple[Door, str]]:
    door = Door(library.app)
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield door, f"http://127.0.0.1:{server.port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(program: Path, library: House) -> Iterator[Callable[..., Any]]:
    """What a story of the program tells, and what was asked meanwhile; `instead` answers first."""
    with opened(library) as (door, base):

        def run(story: str, *instead: Callable[[Any], Iterable[bytes]]) -> tuple[Any, list[tuple[str, str | None]]]:
            door.instead = list(instead)
            done = subprocess.run([NODE, "program.js", base, story], cwd=program, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout), door.asked

        yield run


def away(start: Any, *head: tuple[str, str]) -> Iterable[bytes]:
    start("503 Service Unavailable", [("Content-Type", "text/html"), *head])
    return [b"<p>Away.</p>"]


def test_one_call_gives_a_page_with_what_it_refers_to_in_order(told: Callable[..., Any], library: House) -> None:
    (title, sections, faqs), asked = told("page")
    assert title == "Mesotherapy for acne scars" and sections > 5
    there = library.data("demo-south/topics/mesotherapy?locale=en")["data"]["relationships"]["faqs"]["data"]
    assert faqs == [each["slug"] for each in there] and len(faqs) > 1
    assert [path for path, _ in asked] == ["/v1/clinics/demo-south/topics/mesotherapy?include=faqs%2Crelated&locale=en"]


def test_a_list_is_walked_page_after_page(told: Callable[..., Any], library: House) -> None:
    slugs, asked = told("pages")
    there = library.data("demo-south/topics?page[size]=100&sort=title&locale=en")["data"]
    assert slugs == [each["slug"] for each in there] and len(asked) == -(-len(there) // 2)


def test_what_is_kept_is_asked_for_by_its_tag_and_the_oldest_goes(told: Callable[..., Any]) -> None:
    _, asked = told("kept")
    assert asked[0][1] is None and asked[1][1]
    asked.clear()
    _, asked = told("forgets")
    assert [tag for _, tag in asked] == [None] * 4


def test_a_refusal_says_what_to_change(told: Callable[..., Any]) -> None:
    [[status, code, message], _] = told("missing")
    assert (status, code) == (404, "not_found") and "Did you mean mesotherapy?" in message
    [[status, code, message], _] = told("wrong")
    assert (status, code) == (400, "invalid_parameter") and "100" in message
    [[status, code, _], _] = told("key")
    assert (status, code) == (401, "unauthorized")


def test_a_value_never_becomes_another_address(told: Callable[..., Any]) -> None:
    [[status, *_], asked] = told("elsewhere")
    assert status == 404
    assert asked[-1][0] == "/v1/clinics/..%2F..%2Fmanage/topics/a%2Fb%3Fc"
    asked.clear()
    assert told("nowhere") == (["TypeError", "TypeError"], []), "it is not even asked"


def test_who_is_away_is_asked_again_as_often_as_was_said(told: Callable[..., Any]) -> None:
    soon = ("Retry-After", "0")
    reply, asked = told("waits", lambda start: away(start, soon))
    assert reply["data"]["slug"] == "microneedling" and len(asked) == 2
    asked.clear()
    reply, asked = told("waits", *[lambda start: away(start, soon)] * 2)
    assert reply[:2] == [503, None] and len(asked) == 2
    asked.clear()
    reply, asked = told("waits", lambda start: away(start, ("Retry-After", "3600")))
    assert reply[0] == 503 and len(asked) == 1, "an hour is not waited for"


@pytest.mark.parametrize(("story", "name", "tries"), [("hangs", "TimeoutError", 2), ("stops", "AbortError", 1)])
def test_what_hangs_is_given_up(told: Callable[..., Any], story: str, name: str, tries: int) -> None:
    ended = threading.Event()

    def never(start: Any) -> Iterable[bytes]:
        ended.wait(60)
        return away(start)

    # A busy machine may not have heard of what is given up.
    found, _ = told(story, *[never] * 2)
    ended.set()
    assert found == [name, tries]
