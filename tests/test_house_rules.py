"""The rules of the house: who may import whom, how large things grow, what each route and setting must say."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule

from api.config import SETTINGS
from api.errors import CODES
from api.openapi.operation import declared_by
from api.pages.advice import ADVICE
from tests.conftest import House, opened
from tests.house import (
    GUARDS,
    MEASURING,
    METHODS,
    MUST_NOT_KNOW,
    NEEDED,
    ONLY_KNOWN_TO,
    OPEN,
    PREVIEWS,
    READERS,
    RINGS,
    SAYS_NOTHING,
    STOPWATCH,
    TOP,
)

ROOT = Path(__file__).parent.parent
CODE = ("api", "schemas", "seed")


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports() -> dict[str, set[str]]:
    """Every module of ours, and what it imports: modules of ours in full, of others the package."""
    ours = {module(path): path for path in (*files(*CODE), ROOT / "wsgi.py")}
    return {name: {_resolved(each, ours) for each in _named(tree(path))} for name, path in ours.items()}


def _named(parsed: ast.Module) -> Iterator[str]:
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _resolved(name: str, ours: dict[str, Path]) -> str:
    while name not in ours and "." in name:
        name = name.rpartition(".")[0]
    return name


def part_of(name: str, parts: tuple[str, ...]) -> str | None:
    """The longest of the parts that the module is, or lies in."""
    found = [part for part in parts if name == part or name.startswith(f"{part}.")]
    return max(found, key=len, default=None)


def test_imports_point_one_way() -> None:
    parts = tuple(part for ring in RINGS for part in ring)
    rank = {part: number for number, ring in enumerate(RINGS) for part in ring}
    wrong = []
    for name, imported in imports().items():
        mine = part_of(name, parts)
        assert mine or name == "api", f"{name} has no place in RINGS"
        for other in imported:
            theirs = part_of(other, parts)
            if theirs and theirs != mine and (mine is None or rank[theirs] >= rank[mine]):
                wrong.append(f"{name} imports {other}")
    assert wrong == []


def test_each_part_is_free_of_what_it_must_not_know() -> None:
    wrong = [
        f"{name} imports {package}"
        for name, imported in imports().items()
        for package in MUST_NOT_KNOW.get(part_of(name, tuple(MUST_NOT_KNOW)) or "", set()) & imported
    ]
    wrong += [
        f"{name} imports {package}"
        for name, imported in imports().items()
        for package in ONLY_KNOWN_TO.keys() & imported
        if part_of(name, ONLY_KNOWN_TO[package]) is None
    ]
    assert wrong == []


def test_edges_for_readers_cannot_reach_the_services() -> None:
    reached = {name for name in imports() if part_of(name, READERS)}
    while more := {other for name in reached for other in imports().get(name, ())} - reached:
        reached |= more
    assert [name for name in sorted(reached) if part_of(name, ("api.services",))] == []


def test_only_the_database_module_commits() -> None:
    commits = re.compile(r"\.commit\(|\.begin\(|\"COMMIT")
    assert [relative(path) for path in files(*CODE) if commits.search(path.read_text())] == ["api/db.py"]


def test_nothing_runs_text_as_code_or_trusts_a_stranger() -> None:
    forbidden = re.compile(r"\bpickle\b|\beval\(|\bexec\(|verify=False|\btext\(f\"")
    assert [relative(path) for path in files(*CODE) if forbidden.search(path.read_text())] == []


def test_at_the_top_lies_only_what_belongs_there() -> None:
    """What a trial left behind is easily committed with the rest."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this tree is no clone, so nobody knows what belongs to it")
    assert {name.partition("/")[0] for name in listed.stdout.split("\0") if name} == TOP


def test_files_have_at_most_300_lines() -> None:
    grown = [path for path in files(*CODE, "tests", "bench") if "migrations/versions" not in relative(path)]
    sizes = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in grown}
    assert {name: size for name, size in sizes.items() if size > 300} == {}


def test_functions_have_at_most_40_lines() -> None:
    long = [
        f"{relative(path)}: {node.name} has {node.end_lineno - node.lineno + 1}"
        for path in files(*CODE, "tests", "bench")
        if "migrations/versions" not in relative(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno is not None and node.end_lineno - node.lineno >= 40
    ]
    assert long == []


def test_only_the_long_runs_judge_by_the_clock() -> None:
    """How fast something is, is measured; a test that a slow machine fails says nothing of the code."""
    timed = [relative(path) for path in files("tests") if re.search(STOPWATCH, path.read_text(encoding="utf-8"))]
    assert [each for each in timed if not each.startswith(("tests/prove/", *MEASURING))] == []


def test_every_module_opens_with_one_sentence() -> None:
    wrong = []
    for path in (*files(*CODE, "tests", "bench"), ROOT / "wsgi.py"):
        opening = (ast.get_docstring(tree(path)) or "").splitlines()
        if not opening or not opening[0].endswith(".") or re.search(r"[.!?] [A-Z]", opening[0]):
            wrong.append(relative(path))
    assert wrong == []


def test_every_name_says_what_it_is() -> None:
    named = [path.relative_to(ROOT).with_suffix("") for path in files(*CODE, "tests", "bench")]
    assert [str(path) for path in named if SAYS_NOTHING & set(path.parts)] == []


@pytest.fixture(scope="module")
def house(sqlite_seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from opened(f"sqlite:///{sqlite_seeded}", tmp_path_factory.mktemp("rules"))


def guard(app: Flask, rule: Rule) -> str | None:
    """What every method of an address names as its guard; None where one of them names none."""
    methods = (rule.methods or set()) & set(METHODS)
    declared = [declared_by(app.view_functions[rule.endpoint], each) for each in methods]
    named = {each.guard if each else None for each in declared}
    return named.pop() if len(named) == 1 else None


def test_every_route_names_its_guard_or_stands_on_the_list_of_open_ones(house: House) -> None:
    guarded = {rule.rule: guard(house.app, rule) for rule in house.app.url_map.iter_rules()}
    unguarded = {rule for rule, named in guarded.items() if named not in GUARDS}
    assert {rule for rule in unguarded if not rule.startswith("/embed/<")} == OPEN
    below_a_clinic = {rule: named for rule, named in guarded.items() if rule.startswith("/v1/clinics/<clinic>")}
    previews = {rule: named for rule, named in below_a_clinic.items() if f"{rule}/".startswith(PREVIEWS)}
    assert set(previews.values()) == {"preview"}
    assert {rule for rule, named in below_a_clinic.items() if named != "clinic"} == set(previews)
    for start, closed in (("/v1/manage", "manage"), ("/v1/partners", "partner")):
        assert {rule for rule, named in guarded.items() if rule.startswith(start) != (named == closed)} == set()


def test_every_route_but_those_that_say_so_only_reads(house: House) -> None:
    writes = ("/v1/manage", "/v1/partners/me/recalls/<id>/ack", "/embed/beacon")
    rules = [rule for rule in house.app.url_map.iter_rules() if not rule.rule.startswith(writes)]
    methods = {method for rule in rules for method in rule.methods or ()}
    assert methods == {"GET", "HEAD", "OPTIONS"}


def test_every_address_below_a_clinic_asks_which_clinic_and_who_may(house: House) -> None:
    rules = [rule.rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/v1/clinics/<clinic>")]
    assert len(rules) > 40
    for rule in rules:
        address = rule.replace("<aspect>", "overview").replace("<slug>", "mesotherapy") + NEEDED.get(rule, "")
        unknown = (401, "unauthorized") if f"{rule}/".startswith(PREVIEWS) else (404, "not_found")
        for clinic, status, code in (("no-clinic", *unknown), ("demo-private", 401, "unauthorized")):
            reply = house.client.get(address.replace("<clinic>", clinic))
            assert (reply.status_code, reply.json["code"]) == (status, code), f"{clinic}: {rule}"
            assert "clinic" in reply.json["detail"], f"{rule} answered before it asked for the clinic"


def test_every_embed_asks_which_clinic_and_whether_it_lets_others_show_it(house: House) -> None:
    rules = [rule.rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith("/embed/<clinic>")]
    assert len(rules) >= 12
    for rule in rules:
        address = rule.replace("<aspect>", "overview").replace("<slug>", "mesotherapy")
        for clinic, status in (("no-clinic", 404), ("demo-private", (401, 404))):
            reply = house.client.get(address.replace("<clinic>", clinic))
            assert reply.status_code in (status if isinstance(status, tuple) else (status,)), rule
            assert reply.mimetype == "text/html" and "mesotherapy" not in reply.text.lower()


def test_every_setting_is_documented_and_every_documented_setting_is_one() -> None:
    told = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)`", told, re.M)) == set(SETTINGS)


def test_every_problem_has_its_code_and_its_page() -> None:
    assert set(ADVICE) == set(CODES)
    assert [name for name, code in CODES.items() if not (code.title and code.explanation)] == []
    raised = {
        node.args[0].value
        for path in files("api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("CmsError", "problem")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert raised - set(CODES) == set()


def test_requirements_name_no_host_and_every_file_has_its_digest() -> None:
    for path in ROOT.glob("requirements*.txt"):
        told = path.read_text(encoding="utf-8")
        assert not re.search(r"://|^--?(extra-)?index|^--find-links|^-[if] ", told, re.M), path.name
        pins = re.findall(r"^[a-z0-9].*==.*$", told, re.M | re.I)
        assert pins and all(line.endswith("\\") for line in pins), path.name


def test_a_changelog_says_what_is_coming() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
