"""The story of docs/writing.md, run by a shell against a server as it stands on the page."""

from __future__ import annotations

import os
import re
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

from tests.conftest import House

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "writing.md").read_text(encoding="utf-8")
SCRIPT = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.S))


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


@pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="needs curl and bash")
def test_the_story_of_the_page_of_writing_can_be_run(house: House, tmp_path: Path) -> None:
    if not house.database.sqlite:
        pytest.skip("the page tells of `make serve`, which is SQLite")
    url = house.database.writer.url.render_as_string(hide_password=False)
    house.database.clock.frozen_at = None
    env = {**os.environ, "DATABASE_URL": url, "CLINIC_CMS_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    env["CLINIC_CMS_SECRET_FILE"] = str(tmp_path / "secret")
    command = f"clinic-cms() {{ {sys.executable} -m api.cli \"$@\"; }}\n"
    with answering(house) as address:
        script = command + SCRIPT.replace("http://127.0.0.1:8000", address)
        ran = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)
    assert ran.stderr == "" and ran.returncode == 0
    statuses = re.findall(r"HTTP/1\.[01] (\d+) ", ran.stdout)
    assert set(statuses) <= {"200", "201"}, ran.stdout[-3000:]
    assert len(statuses) == SCRIPT.count("\nask ")
    assert '"title":"Light therapy"' in ran.stdout and '"code": "withdrawn"' in ran.stdout
