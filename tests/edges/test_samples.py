"""The sample configurations: nginx as it stands keeps what it may, and nothing for keys."""

from __future__ import annotations

import os
import re
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.processes import PATIENCE, ROOT, free_port, installed, serving

TOPIC = "/v1/clinics/demo-south/topics/mesotherapy"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@pytest.mark.slow
@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.long
def test_nginx_keeps_what_the_headers_allow(tmp_path: Path, sqlite_today: Path) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_today, tmp_path / "data" / "clinic-cms.sqlite")
    port, edge = free_port(), free_port()
    text = (ROOT / "docs" / "edge" / "nginx.conf").read_text()
    text = text.replace("api:8000", f"127.0.0.1:{port}").replace("listen 8080", f"listen 127.0.0.1:{edge}")
    (tmp_path / "nginx.conf").write_text(text.replace("/tmp/", f"{tmp_path}/"))
    env = installed(tmp_path / "bin") | {"CLINIC_CMS_DATA": str(tmp_path / "data"), "CLINIC_CMS_SEED": "none"}
    env |= {"CLINIC_CMS_TRUSTED_PROXIES": "1"}
    with serving(["clinic-cms", "serve"], env | {"PORT": str(port)}, tmp_path / "api.log") as api:
        api.wait_until_ready()
        # Started by root, its processes would else be somebody who may not write into this folder.
        how = "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"
        front = [str(NGINX), "-c", str(tmp_path / "nginx.conf"), "-g", how, "-e", str(tmp_path / "e.log")]
        with serving(front, env | {"PORT": str(edge)}, tmp_path / "nginx.log") as served:
            served.wait_until_ready()
            assert [_edge(served.address, TOPIC) for _ in range(3)] == [(200, "MISS"), (200, "HIT"), (200, "HIT")]
            assert _edge(served.address, TOPIC, X_Min_Publication="1") == (200, "BYPASS")
            assert _edge(served.address, TOPIC, Authorization="Bearer no-key")[1] == "BYPASS"
            assert _edge(served.address, TOPIC) == (200, "HIT"), "what was bypassed did not change what is kept"
            assert _edge(served.address, TOPIC, Accept_Encoding="br") == (200, "MISS"), "each encoding by itself"
            assert [_edge(served.address, f"{TOPIC}-x") for _ in range(2)] == [(404, "MISS"), (404, "HIT")]
            assert _edge(served.address, "/metrics")[0] == 404
            api.stop()
            assert _edge(served.address, TOPIC) == (200, "HIT"), "it outlives the service for its minute"
            assert served.stop() == 0


def _edge(address: str, path: str, **headers: str) -> tuple[int, str | None]:
    """(status, what nginx did about its cache)."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        asked = urllib.request.Request(address + path, headers=named)
        with urllib.request.urlopen(asked, timeout=PATIENCE) as reply:
            assert "Surrogate-Key" not in reply.headers
            return reply.status, reply.headers["X-Edge"]
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["X-Edge"]


def test_the_varnish_sample_reads_what_the_service_sends() -> None:
    text = (ROOT / "docs" / "edge" / "varnish.vcl").read_text()
    assert "req.http.xkey-purge" in text and "beresp.http.Surrogate-Key" in text
    assert text.count("{") == text.count("}")
    assert re.search(r"client\.ip !~ purgers", text)
