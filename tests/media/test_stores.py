"""Both places for files, a folder and a bucket on a real server that speaks S3, keep and forget alike."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.config import MediaPlace, from_env
from api.errors import NotReady
from api.media import s3 as bucket
from api.media.prepared import Made, Prepared, digest_of
from api.media.store import Folder, Store, at
from api.services.backups import backups

ADDRESS, OTHER = "ab" + "0" * 30, "cd" + "1" * 30


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaPlace]:
    server_of = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = server_of.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    folder = tmp_path_factory.mktemp("s3")
    (folder / "key").write_text("an-id\na-secret\n")
    endpoint = f"http://127.0.0.1:{port}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="an-id",
                 aws_secret_access_key="a-secret").create_bucket(Bucket="clinic-media")  # fmt: skip
    told = {"CLINIC_CMS_MEDIA": "s3://clinic-media/some/where", "CLINIC_CMS_MEDIA_ENDPOINT": endpoint,
            "CLINIC_CMS_MEDIA_CREDENTIALS_FILE": str(folder / "key"), "CLINIC_CMS_DATA": str(folder)}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bucket, "SECONDS", 60)
        yield from_env(told).media
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return Folder(tmp_path / "kept") if request.param == "folder" else at(request.getfixturevalue("s3"))


def prepared(folder: Path, address: str) -> Prepared:
    files = []
    for name, data in (("480.webp", b"0123456789"), ("original", b"all of it")):
        (folder / name).write_bytes(data)
        path = folder / name
        files.append(Made(name, "image/webp", path, len(data), digest_of(path)))
    return Prepared("image", "image/webp", "0" * 64, 9, address, files)


def test_what_is_kept_is_read_in_parts_told_of_and_forgotten(store: Store, tmp_path: Path) -> None:
    store.put(prepared(tmp_path, ADDRESS))
    store.put(prepared(tmp_path, ADDRESS))
    store.put(prepared(tmp_path, OTHER))

    def read(start: int, stop: int, name: str = "480.webp", address: str = ADDRESS) -> bytes | None:
        body = store.read(address, name, start, stop)
        return None if body is None else b"".join(body)

    assert [read(0, 10), read(3, 5), read(9, 10), read(0, 0)] == [b"0123456789", b"34", b"9", b""]
    assert read(0, 10, "960.webp") is None and read(0, 10, address="ef" + "2" * 30) is None
    assert store.has(ADDRESS) and not store.has("ef" + "2" * 30)
    listed = dict(store.addresses())
    assert sorted(listed) == [ADDRESS, OTHER] and all(abs(each - time.time()) < 60 for each in listed.values())
    store.drop(ADDRESS)
    store.drop(ADDRESS)
    assert read(0, 10) is None and not store.has(ADDRESS) and [each for each, _ in store.addresses()] == [OTHER]
    store.drop(OTHER)


def test_many_that_keep_and_forget_the_same_at_once_hinder_nobody(store: Store, tmp_path: Path) -> None:
    """As processes do that seed one folder at the same time."""
    kept, rounds, start = prepared(tmp_path, ADDRESS), 30, threading.Barrier(4)

    def keep(times: int) -> None:
        start.wait()
        for _ in range(times):
            store.put(kept)

    def keep_and_forget() -> None:
        start.wait()
        for _ in range(rounds):
            store.put(kept)
            store.drop(ADDRESS)

    with ThreadPoolExecutor(4) as people:
        others = [people.submit(keep, rounds) for _ in range(3)]
        people.submit(keep_and_forget).result()
        for each in others:
            each.result()
    store.put(kept)
    for each in kept.files:
        body = store.read(ADDRESS, each.name, 0, each.size)
        assert body is not None and b"".join(body) == each.path.read_bytes(), "whole, whoever kept it"
    assert [address for address, _ in store.addresses()] == [ADDRESS], "and nothing lies beside it"
    store.drop(ADDRESS)


def test_a_bucket_that_does_not_answer_is_like_a_broken_disk(s3: MediaPlace, tmp_path: Path) -> None:
    for wrong in (replace(s3, bucket="no-such-bucket"), replace(s3, endpoint="http://127.0.0.1:9")):
        with pytest.raises(OSError, match="does not answer"):
            at(wrong).has(ADDRESS)
    (tmp_path / "key").write_text("one")
    with pytest.raises(NotReady, match="two lines"):
        replace(s3, credentials_file=tmp_path / "key").credentials()


@pytest.mark.parametrize(
    "told", [{"CLINIC_CMS_MEDIA": "s3://X"}, {"CLINIC_CMS_MEDIA_MEGABYTES": "0"},
             {"CLINIC_CMS_MEDIA_URL": "media.example"}, {"CLINIC_CMS_MEDIA_ENDPOINT": "s3.example"}],
)  # fmt: skip
def test_a_wrong_place_stops_the_start_and_is_named(told: dict[str, str]) -> None:
    with pytest.raises(NotReady, match=next(iter(told))):
        from_env(told)


def test_what_an_upload_that_died_left_half_written_is_no_part_of_a_backup(tmp_path: Path) -> None:
    place = Folder(tmp_path / "kept")
    (tmp_path / "new").mkdir()
    place.put(prepared(tmp_path / "new", ADDRESS))
    half = tmp_path / "kept" / "cd" / f".{OTHER}.123"
    half.mkdir(parents=True)
    (half / "480.webp").write_bytes(b"01")
    os.utime(half, (time.time() - 3_600,) * 2)
    written: list[str] = []
    into: Any = SimpleNamespace(media=lambda path, file, size: written.append(path))
    backups._put_media(into, tmp_path / "kept", lambda *_: None)
    assert written == [f"ab/{ADDRESS}/480.webp", f"ab/{ADDRESS}/original"]
    place.drop(OTHER)
    assert not half.exists(), "and it goes with the sweep"
