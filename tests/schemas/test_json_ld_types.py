"""JSON-LD by a second judge: the TypeScript compiler, with schema-dts, which is generated from schema.org itself."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.schemas.json_ld_samples import graphs

MODULES = Path(__file__).parents[2] / ".ci" / "node" / "node_modules"
COMPILER = MODULES / ".bin" / "tsc"
FLAGS = ("--noEmit", "--strict", "--skipLibCheck", "--target", "es2020", "--module", "esnext")

# A property nobody has, one of another type, and a value that its property does not take.
WRONG = [
    {"@type": "MedicalWebPage", "headlines": "Scars"},
    {"@type": "MedicalCondition", "name": "Scars", "howPerformed": "With care"},
    {"@type": "MedicalCondition", "possibleTreatment": {"@type": "MedicalProcedure", "name": "Needling"}},
]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.node,
    pytest.mark.skipif(not COMPILER.exists(), reason="needs the TypeScript compiler in .ci/node"),
    pytest.mark.skipif(not (MODULES / "schema-dts").is_dir(), reason="needs schema-dts in .ci/node"),
]


def compile_graphs(folder: Path, documents: dict[str, Any]) -> str:
    """What the compiler says of each document assigned to schema-dts' Graph; "" where all fit."""
    (folder / "node_modules").symlink_to(MODULES)
    lines = [f"export const {name}: Graph = {json.dumps(each)};" for name, each in documents.items()]
    (folder / "graphs.ts").write_text("\n".join(['import type { Graph } from "schema-dts";', *lines]), encoding="utf-8")
    command = [COMPILER, *FLAGS, "--moduleResolution", "bundler", "graphs.ts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr


def test_every_graph_fits_the_types_of_schema_org(tmp_path: Path) -> None:
    assert compile_graphs(tmp_path, graphs()) == ""


@pytest.mark.long
def test_the_judge_refuses_what_schema_org_does_not_know(tmp_path: Path) -> None:
    documents = {f"wrong{n}": {"@context": "https://schema.org", "@graph": [each]} for n, each in enumerate(WRONG)}
    said = compile_graphs(tmp_path, documents)
    lines = [line.partition(",")[0] for line in said.splitlines() if "error TS" in line]
    assert lines == [f"graphs.ts({line}" for line in range(2, 2 + len(WRONG))]
