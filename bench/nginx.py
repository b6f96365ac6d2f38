"""nginx with one static file: what a server in C makes of the same bytes."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.servers import Server, free_port, running

CONFIG = """
daemon off;
{user}
worker_processes 2;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 65;
    keepalive_requests 100000000;
    default_type application/json;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {folder}; try_files /static =404; }}
    }}
}}
"""


def program() -> str | None:
    """Where nginx is, or None."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")


@contextlib.contextmanager
def static(body: bytes) -> Iterator[Server]:
    """Serve a body under every address until the block ends."""
    found = program()
    assert found is not None
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        (folder / "static").write_bytes(body)
        # Started as root it would serve as nobody, and of another's folder that sees nothing.
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, port=port, user=user), encoding="utf-8")
        with running([found, "-c", str(folder / "nginx.conf")], {}, port, "/") as server:
            yield server
