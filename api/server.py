"""The server process: granian with the flags that were measured, or gunicorn, in an environment of its own."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from api.config import SETTINGS, Config
from api.errors import NotReady
from api.process import METRICS_FOLDER, THREADS, alive

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONUNBUFFERED")
"""What of the environment the server sees beside its settings: granian copies all of it into every request."""
GRANIAN, GUNICORN = "granian", "gunicorn"
NUMBERS = "clinic-cms-numbers-"
MEMORY = "/dev/shm"
HEAD_SECONDS, HEAD_AT_MOST = 15, 65_536
"""So long the head of a request may take to come, and an idle connection is held; and so many bytes it may have."""
BACKLOG = 1024
DEATHS_A_MINUTE = 10
"""So many processes that died are started again; where more die, it is better to end and be seen to."""
ARENA_MAX, ARENAS = -8, 2
"""glibc's name for its bound on heaps, and ours: it gives each thread one, and what was free in each adds up."""
STOPPING_SECONDS = 8
"""How long requests that are under way may take once the server is told to stop; whoever stops it waits 10."""


def require_free(config: Config) -> None:
    """Raise NotReady where somebody listens on the port already.

    The server's own sockets share a port, as its processes do: a second service would start beside the first without
    a word, and each would answer some of the requests.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        told = f"Nothing can listen on port {config.port} of {config.host}: {error.strerror}."
        raise NotReady(f"{told} Stop what does, or take another port, such as PORT={config.port + 1}.") from error


def announce(config: Config) -> None:
    """Tell where to look."""
    demo = [("A topic", "/v1/clinics/demo-south/topics/mesotherapy")] if config.loads_demo else []
    for what, path in (("Start here", "/"), ("Reference", "/docs"), ("OpenAPI 3.1", "/v1/openapi.json"), *demo):
        click.echo(f"  {what:<12} {config.public_url}{path}")


def run(config: Config, workers: int, loaded: Callable[[Any], None] | None = None, *, by: str = GRANIAN) -> None:
    """Serve until told to stop; processes that die are started again. Each hands its application to `loaded`."""
    with _numbers():
        (_granian if by == GRANIAN else _gunicorn)(config, workers, loaded)


def tidy_environment() -> None:
    """Forget what no process of the service needs; before the first one is started."""
    for name in set(os.environ) - {*KEPT, *SETTINGS}:
        del os.environ[name]


def _granian(config: Config, workers: int, loaded: Callable[[Any], None] | None) -> None:
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    class Served(Granian):  # type: ignore[misc,valid-type]
        died: tuple[float, ...] = ()

        def signal_handler_interrupt(self, *args: Any, **kwargs: Any) -> None:
            """End. Not by setting the event right here: the code that this interrupts may hold its lock, for ever."""
            self.interrupt_signal = True
            threading.Thread(target=_until_heard, args=(self.main_loop_interrupt,), daemon=True).start()

        def _respawn_workers(self, workers: Any, *args: Any, **kwargs: Any) -> None:
            """Start anew. By itself granian ends for good when a process dies twice within six seconds."""
            super()._respawn_workers(workers, *args, **kwargs)
            now = time.monotonic()
            self.died = (*(each for each in self.died if now - each < 60), *(now for _ in workers))
            if len(self.died) <= DEATHS_A_MINUTE:
                self.respawned_wrks.clear()

    Served(
        "wsgi:app",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1_000, max_buffer_size=HEAD_AT_MOST),
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


def _until_heard(event: threading.Event) -> None:
    """Wake the loop again and again: it may clear the event just after it was set."""
    while True:
        event.set()
        time.sleep(0.1)


def _gunicorn(config: Config, workers: int, loaded: Callable[[Any], None] | None) -> None:
    from gunicorn.app.base import BaseApplication

    options = {
        "bind": f"[{config.host}]:{config.port}" if ":" in config.host else f"{config.host}:{config.port}",
        "workers": workers,
        "worker_class": "gthread",
        "threads": THREADS,
        "backlog": BACKLOG,
        "keepalive": HEAD_SECONDS,
        "graceful_timeout": STOPPING_SECONDS,
        "limit_request_line": 8_190,
        "limit_request_fields": 100,
        "limit_request_field_size": 16_380,
        "loglevel": "error",
        "control_socket_disable": True,
        # Who stands in front is said in the settings, and nowhere else.
        "forwarded_allow_ips": "",
        # A worker's sign of life is a file: on a disk that hangs, all would seem dead.
        "worker_tmp_dir": MEMORY if os.access(MEMORY, os.W_OK) else None,
        "worker_exit": _leave,
    }

    class Served(BaseApplication):
        def load_config(self) -> None:
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            app = import_module("wsgi").app
            if loaded is not None:
                loaded(app)
            return app

    Served().run()


def _leave(_: Any, worker: Any) -> None:
    """End a process of gunicorn here: on its way out it would undo what its parent is in the middle of."""
    ended = sys.exc_info()[1]
    if "wsgi" in sys.modules:
        sys.modules["wsgi"].app.extensions["front"].stop()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(ended.code if isinstance(ended, SystemExit) and isinstance(ended.code, int) else 1)


@contextmanager
def _numbers() -> Iterator[None]:
    """A folder in which the processes write what they count, so that each of them can tell the sum."""
    for left in Path(tempfile.gettempdir()).glob(f"{NUMBERS}*"):
        owner = left.name.removeprefix(NUMBERS).partition("-")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    try:
        folder = tempfile.mkdtemp(prefix=f"{NUMBERS}{os.getpid()}-")
    except OSError:  # A disk without room is no reason not to serve: each process tells its own numbers.
        yield
        return
    os.environ[METRICS_FOLDER] = folder
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(target: str, loaded: Callable[[Any], None] | None = None) -> Any:
    """What answers requests, in a worker that ends at once if it is told to while still loading.

    A forked worker has the parent's handlers, which only take a note; its own come after the application is there.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS)
    module, _, name = target.partition(":")
    app = getattr(import_module(module), name)
    if loaded is not None:
        loaded(app)
    app.extensions["front"].warm()
    # Without the step through Flask.__call__, which is an eighth of what a hit takes.
    return app.wsgi_app
