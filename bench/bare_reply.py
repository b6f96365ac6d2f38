"""The reference for what is cached: a WSGI application that gives out stored bytes; BENCH_REPLY names their file."""

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

_told = json.loads(Path(os.environ["BENCH_REPLY"]).read_text(encoding="utf-8"))
STATUS: str = _told["status"]
HEAD = [(name, value) for name, value in _told["head"]]
BODY = [Path(os.environ["BENCH_REPLY"]).with_suffix(".body").read_bytes()]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The same reply for every address."""
    start_response(STATUS, HEAD)
    return BODY
