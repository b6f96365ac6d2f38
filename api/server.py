"""The server process: granian with the flags that were measured, in an environment of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

import click

from api.config import SETTINGS, Config

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONUNBUFFERED")
"""What of the environment the server sees beside its settings: granian copies all of it into every request."""
THREADS = 8
BACKLOG = 1024
STOPPING_SECONDS = 8
"""How long requests that are under way may take once the server is told to stop; whoever stops it waits 10."""


def announce(config: Config) -> None:
    """Tell where to look."""
    for what, path in (
        ("Start here", "/"),
        ("Reference", "/docs"),
        ("OpenAPI 3.1", "/v1/openapi.json"),
        ("A topic", "/v1/clinics/demo-south/topics/mesotherapy"),
    ):
        click.echo(f"  {what:<12} {config.public_url}{path}")


def run(config: Config, workers: int, loaded: Callable[[Any], None] | None = None) -> None:
    """Serve until told to stop; processes that die are started again. Each hands its application to `loaded`."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.log import LogLevels

    Granian(
        "wsgi:app",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=THREADS,
        runtime_mode=RuntimeModes.mt,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOPPING_SECONDS,
        log_access=False,
        log_level=LogLevels.error,
    ).serve(target_loader=partial(_load, loaded=loaded))


def tidy_environment() -> None:
    """Forget what no process of the service needs; before the first one is started."""
    for name in set(os.environ) - {*KEPT, *SETTINGS}:
        del os.environ[name]


def _load(target: str, loaded: Callable[[Any], None] | None = None) -> Any:
    """What answers requests, in a worker that ends at once if it is told to while still loading.

    A forked worker has the parent's handlers, which only take a note; its own come after the application is there.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    module, _, name = target.partition(":")
    app = getattr(import_module(module), name)
    if loaded is not None:
        loaded(app)
    # Without the step through Flask.__call__, which is an eighth of what a hit takes.
    return app.wsgi_app
