"""The stories of the pages of writing, of partners and of import and export, run by a shell as they stand."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from api.services.overlays.overlaid import SWITCHES
from api.worker import Worker
from schemas.rich_text import PLACEHOLDERS
from tests.conftest import House

ROOT = Path(__file__).parent.parent
NEEDS_A_SHELL = pytest.mark.skipif(
    shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash"
)


def script_of(page: str) -> str:
    """Every shell line of a page."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.S))


class Silent(WSGIRequestHandler):
    """Says nothing of each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@contextmanager
def answering(house: House) -> Iterator[str]:
    """The house on a port of its own."""
    server = make_server("127.0.0.1", 0, house.app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def run(house: House, folder: Path, script: str) -> tuple[str, list[str]]:
    """What a shell prints that runs the lines beside the house, and the statuses in it."""
    if not house.database.sqlite:
        pytest.skip("the page tells of `make serve`, which is SQLite")
    url = house.database.writer.url.render_as_string(hide_password=False)
    house.database.clock.frozen_at = None
    env = {**os.environ, "DATABASE_URL": url, "CLINIC_CMS_DATA": str(folder), "PYTHONPATH": str(ROOT)}
    # A language that the machine lacks would be complained about.
    env |= {"CLINIC_CMS_SECRET_FILE": str(folder / "secret"), "LC_ALL": "C"}
    command = f'clinic-cms() {{ {shlex.quote(sys.executable)} -m api.cli "$@"; }}\n'
    with answering(house) as address:
        lines = command + script.replace("http://127.0.0.1:8000", address)
        ran = subprocess.run(["bash", "-c", lines], cwd=folder, env=env, capture_output=True, text=True, timeout=600)
    assert ran.stderr == "" and ran.returncode == 0
    return ran.stdout, re.findall(r"HTTP/1\.[01] (\d+) ", ran.stdout)


def test_the_page_of_writing_names_every_placeholder_and_move_of_an_overlay() -> None:
    page = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8")
    assert [name for name in PLACEHOLDERS if f"`{{{{{name}}}}}`" not in page] == []
    assert [move for move in SWITCHES if f"`{move}`" not in page] == []


@NEEDS_A_SHELL
@pytest.mark.long
def test_the_story_of_the_page_of_writing_can_be_run(house: House, tmp_path: Path) -> None:
    script = script_of("writing.md")
    said, statuses = run(house, tmp_path, script)
    assert set(statuses) <= {"200", "201"}, said[-3000:]
    assert len(statuses) == script.count("\nask ")
    assert '"title":"Light therapy"' in said and '"code": "withdrawn"' in said


@NEEDS_A_SHELL
@pytest.mark.long
def test_the_story_of_the_page_of_partners_can_be_run(house: House, tmp_path: Path) -> None:
    said, statuses = run(house, tmp_path, script_of("partners.md"))
    assert statuses == ["204", "200", "200", "200"], said[-3000:]
    assert "active  Skin directory: demo-south" in said and "embed.js" in said and "shows_withdrawn" in said


@pytest.mark.long
@NEEDS_A_SHELL
def test_the_story_of_the_page_of_import_and_export_can_be_run(house: House, tmp_path: Path) -> None:
    worker = Worker(house.database)
    beside = threading.Thread(target=worker.run)
    beside.start()
    try:
        said, _ = run(house, tmp_path, script_of("import-export.md"))
    finally:
        worker.stop.set()
        beside.join()
    assert '"create":2' in said and '"refused":0' in said and '"data":[]' in said, said[-3000:]
    assert '"counts":{"create":0,"update":1,"unchanged":' in said
