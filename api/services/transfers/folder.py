"""Where files of imports and exports lie: below the data folder, named by an id of the house, never by a sender."""

from __future__ import annotations

import shutil
from pathlib import Path

from api.db import Database
from api.errors import NotReady

NAME = "transfers"
FILES = {"import": "upload", "export": "file"}


def file_of(database: Database, transfer_id: str, direction: str) -> Path:
    """The one file of a transfer."""
    return root(database) / transfer_id / FILES[direction]


def root(database: Database) -> Path:
    if database.folder is None:
        raise NotReady("No data folder is known; set CLINIC_CMS_DATA.")
    return database.folder / NAME


def remove(database: Database, transfer_id: str) -> None:
    """Take a transfer's files away, if there are any."""
    shutil.rmtree(root(database) / transfer_id, ignore_errors=True)
