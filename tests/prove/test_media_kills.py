"""Kill -9 of the server while pictures come and go: none is acknowledged without its bytes, and none left for ever."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import a_picture
from tests.processes import run, serving
from tests.prove.lasting import KINDS, Lasting, a_key, lasting, times, whole

HOUR = 7_200


@pytest.fixture(params=KINDS)
def house(request: pytest.FixtureRequest, tmp_path: Path, sqlite_today: Path) -> Iterator[Lasting]:
    with lasting(request.param, tmp_path, sqlite_today) as made:
        made.env["CLINIC_CMS_MEDIA"] = str(tmp_path / "media")
        yield made


class Sender:
    """Sends pictures in and removes every third; what was acknowledged is noted."""

    def __init__(self, house: Lasting, stop: threading.Event) -> None:
        self.address, self.stop = f"http://127.0.0.1:{house.env['PORT']}/v1/manage/media", stop
        self.key = a_key(house, "editor")
        self.kept: set[str] = set()
        self.gone: set[str] = set()
        self.unsure: set[str] = set()

    def run(self) -> None:
        while not self.stop.is_set():
            made = self.sent("POST", self.address, a_picture(size=(random.randint(30, 300), 40)))
            if made is None:
                time.sleep(0.05)
                continue
            name = made["data"]["id"]
            self.kept.add(name)
            if random.random() < 0.3:
                self.kept.discard(name)
                self.unsure.add(name)
                if self.sent("DELETE", f"{self.address}/{name}") is not None:
                    self.unsure.discard(name)
                    self.gone.add(name)

    def sent(self, method: str, url: str, data: bytes | None = None) -> Any:
        head = {"Authorization": f"Bearer {self.key}", "Content-Type": "image/png", "If-Match": "*"}
        with contextlib.suppress(OSError, HTTPException, ValueError):
            asked = urllib.request.Request(url, data, head, method=method)
            with urllib.request.urlopen(asked, timeout=10) as reply:
                return json.load(reply) if "files" not in url else reply.read()
        return None


def test_me10_no_kill_leaves_a_picture_without_bytes_or_bytes_without_an_end(house: Lasting) -> None:
    cycles, stop = times("CYCLES", 30), threading.Event()
    sender = Sender(house, stop)
    with serving(["clinic-cms", "serve"], house.env, house.folder / "first.log") as served:
        served.wait_until_ready()
    threads = [threading.Thread(target=sender.run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(cycles):
        with serving(["clinic-cms", "serve"], house.env, house.folder / f"{number}.log") as served:
            served.wait_until_ready()
            time.sleep(random.uniform(0.3, 1.5))
            os.killpg(served.process.pid, signal.SIGKILL)
    stop.set()
    for thread in threads:
        thread.join()
    with serving(["clinic-cms", "serve"], house.env, house.folder / "last.log") as served:
        served.wait_until_ready()
        for name in sender.kept:
            assert sender.sent("GET", f"{sender.address}/{name}/files/480.webp"), name
        for name in sender.gone:
            assert sender.sent("GET", f"{sender.address}/{name}") is None, name
    whole(house)
    folders = list((house.folder / "media").glob("*/*"))
    for each in folders:
        os.utime(each, (time.time() - HOUR,) * 2)
    swept = json.loads(run(["clinic-cms", "media", "sweep", "--json"], house.env).stdout)
    left = {each.name for each in (house.folder / "media").glob("*/*")}
    assert len(sender.kept) <= len(left) <= len(sender.kept | sender.unsure) + cycles * 2
    checked = json.loads(run(["clinic-cms", "media", "check", "--json"], house.env).stdout)
    own = [each for each in checked["missing"] if each in left]
    assert own == [] and not [each for each in left if each.startswith(".")]
    print(
        f"\n{house.kind}: {cycles} kills, {len(sender.kept)} pictures kept, {len(sender.gone)} removed, swept {swept}"
    )
