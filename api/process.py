"""What the processes of one server agree on: how many threads, where they count, who of them is there."""

from __future__ import annotations

import os

THREADS = 8
"""Of each process; what is kept needs one for a moment, a load for as long as the database takes."""
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable that names the folder in which each process writes what it counts."""


def alive(pid: int) -> bool:
    """Whether a process of this machine is there still."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
