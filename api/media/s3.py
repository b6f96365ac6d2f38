"""A bucket that speaks Amazon's S3: the store for several machines; needs the extra `s3`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any

from api.config import MediaPlace
from api.errors import NotReady
from api.media.prepared import BLOCK, Body, Prepared

SECONDS = 5
"""For a connection, and between bytes."""
MISSING = ("NoSuchKey", "404", "NotFound")


class Bucket:
    """Objects `prefix/ab/abcd…/name`. An address's files are put one after the other before anything names them."""

    def __init__(self, place: MediaPlace) -> None:
        try:
            import boto3
            from botocore.config import Config as Told
        except ModuleNotFoundError:
            raise NotReady("CLINIC_CMS_MEDIA names a bucket: pip install 'clinic-cms[s3]'.") from None
        style = {"addressing_style": "path"} if place.endpoint else None
        told = Told(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 2}, s3=style)
        key, secret = place.credentials()
        self._bucket, self._prefix = place.bucket, place.prefix
        self._client: Any = boto3.client(
            "s3", endpoint_url=place.endpoint, region_name=place.region, config=told,
            aws_access_key_id=key, aws_secret_access_key=secret,
        )  # fmt: skip

    def put(self, prepared: Prepared) -> None:
        with self._asking():
            for each in prepared.files:
                with each.path.open("rb") as body:
                    key = self._key(prepared.address, each.name)
                    self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=each.media_type)

    def read(self, address: str, name: str, start: int, stop: int) -> Body | None:
        from botocore.exceptions import ClientError

        asked = {"Range": f"bytes={start}-{stop - 1}"} if stop > start else {}
        with self._asking():
            try:
                body = self._client.get_object(Bucket=self._bucket, Key=self._key(address, name), **asked)["Body"]
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in MISSING:
                    return None
                raise
        return iter(body.iter_chunks(BLOCK)) if stop > start else iter(())

    def drop(self, address: str) -> None:
        with self._asking():
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._key(address, ""))
            for each in found.get("Contents", ()):
                self._client.delete_object(Bucket=self._bucket, Key=each["Key"])

    def has(self, address: str) -> bool:
        with self._asking():
            asked = {"Bucket": self._bucket, "Prefix": self._key(address, ""), "MaxKeys": 1}
            return bool(self._client.list_objects_v2(**asked).get("KeyCount"))

    def addresses(self) -> Iterable[tuple[str, float]]:
        newest: dict[str, float] = {}
        with self._asking():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=posixpath.join(self._prefix, "") if self._prefix else ""
            )
            for page in pages:
                # Keys come in order, so an address is whole once another one begins.
                for each in page.get("Contents", ()):
                    address, at = each["Key"].split("/")[-2], each["LastModified"].timestamp()
                    if address not in newest:
                        yield from newest.items()
                        newest = {}
                    newest[address] = max(at, newest.get(address, at))
        yield from newest.items()

    def _key(self, address: str, name: str) -> str:
        return posixpath.join(self._prefix, address[:2], address, name)

    def _asking(self) -> Any:
        return _Asking()


class _Asking:
    """Whatever a bucket says that is no answer is what a broken disk is: an OSError."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, _: Any) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, BotoCoreError | ClientError):
            raise OSError(f"The bucket does not answer: {error}") from error
