"""A plain nginx in front, which does what Cache-Control tells it: `proxy_cache_use_stale` would overrule that."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.processes import free_port
from tests.prove.asking import Line

CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/temp; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  proxy_cache_path {folder}/cache keys_zone=kept:10m;
  upstream house {{ {servers} keepalive 16; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://house; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache kept; {more}
      add_header X-Edge $upstream_cache_status always;
    }}
  }}
}}
"""


def program() -> str | None:
    """Where nginx is, if it is."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextlib.contextmanager
def nginx(folder: Path, ports: list[int], more: str = "") -> Iterator[int]:
    """Run it before the servers on some ports; yields its own port. `more` directives may make it worse."""
    folder.mkdir()
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{each};" for each in ports)
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, servers=servers, more=more))
    process = subprocess.Popen([program() or "nginx", "-p", folder, "-c", folder / "nginx.conf"])
    try:
        give_up = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError):
                Line(port).get("/healthz")
                break
            assert process.poll() is None and time.monotonic() < give_up, (folder / "error.log").read_text()
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)
