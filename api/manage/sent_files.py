"""Files that are the body of a request: received bit by bit into the data folder, before any transaction begins."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import current_app, g, request
from werkzeug.exceptions import ClientDisconnected

from api.config import Config
from api.db import Database
from api.errors import CmsError
from api.services.transfers import folder
from api.services.transfers.beginning import Upload, forget
from api.services.transfers.formats import MEDIA_TYPES

CHUNK = 1 << 18
MEGABYTE = 1_000_000


@contextmanager
def received(query: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """{"upload"}: the request's body as a file, removed unless the handler moved it. Raises too_large and such."""
    if request.mimetype not in MEDIA_TYPES:
        raise CmsError("unsupported_media_type", f"Send the file itself, as one of {', '.join(MEDIA_TYPES)}.")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise CmsError("unsupported_media_type", "Send the file as it is, without a Content-Encoding.")
    database: Database = current_app.extensions["database"]
    config: Config = current_app.extensions["config"]
    most = config.import_megabytes * MEGABYTE
    request.max_content_length = most
    if (request.content_length or 0) > most:
        raise _too_large(config)
    place = folder.root(database)
    place.mkdir(parents=True, exist_ok=True)
    upload = _kept(place / f"incoming-{secrets.token_hex(8)}", most, config)
    g.received = upload.digest.encode()
    try:
        yield {"upload": upload}
    finally:
        forget(upload)


def _kept(path: Path, most: int, config: Config) -> Upload:
    made, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as file:
            while chunk := request.stream.read(CHUNK):
                size += len(chunk)
                if size > most:
                    raise _too_large(config)
                made.update(chunk)
                file.write(chunk)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, ClientDisconnected):
            raise CmsError("malformed", "The file was cut off on its way.") from None
        raise
    if not size:
        path.unlink()
        raise CmsError("malformed", "The body is empty: send the file as it.")
    return Upload(path, size, f"sha256:{made.hexdigest()}", request.mimetype)


def _too_large(config: Config) -> CmsError:
    told = f"The file has more than {config.import_megabytes} MB; the setting is CLINIC_CMS_IMPORT_MEGABYTES."
    return CmsError("too_large", told)
