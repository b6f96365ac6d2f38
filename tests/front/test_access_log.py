"""The access log: a line a request, seen at once, hits only where they are wanted, and nothing that names anybody."""

from __future__ import annotations

import re
import sys
import threading
from pathlib import Path

import pytest

from api.front import access_log
from api.front.access_log import AccessLog
from tests.fronted import Fronted, Processes
from tests.racing_fills import READ
from tests.trust.desk import bearer, key

LINE = re.compile(r"(\S+) \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ([A-Z]+) (\S+) (\d{3}) (\d+|-) \d+\.\dms (\S+)")


def lines(there: Fronted, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, ...]]:
    """What was written since the last time: (address, method, target, status, bytes, where it came from) of each."""
    log = there.built._log
    assert log is not None
    log.flush()
    written = capsys.readouterr().out.splitlines()
    found = [LINE.fullmatch(each) for each in written]
    assert all(found), written
    return [each.groups() for each in found if each]


def test_misses_and_what_is_refused_are_written_and_hits_only_where_they_are_wanted(
    alone: Processes, capsys: pytest.CaptureFixture[str]
) -> None:
    for wanted, hits in (("misses", 0), ("all", 3)):
        there = alone.start(access_log=wanted)
        lines(there, capsys)
        for _ in range(4):
            there.get(READ, headers={"Accept-Encoding": "br"})
        there.get("demo-south/topics?where=1")
        told = lines(there, capsys)
        assert [each[1:4] for each in told if "miss" in each[5]] == [
            ("GET", "/v1/clinics/demo-south?locale=", "200"), ("GET", "/v1/clinics/demo-south/topics?where=", "400"),
        ]  # fmt: skip
        assert [each[5] for each in told].count("hit;detail=process") == hits
        assert len(told) == 2 + hits


@pytest.mark.parametrize(("address", "written"), [
    ("192.0.2.77", "192.0.2.0"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"), ("::ffff:192.0.2.77", "192.0.2.0"),
    ("", "-"), ("nobody", "-"), ("fe80::1%eth0", "fe80::"),
])  # fmt: skip
def test_no_line_says_who_asked_or_what_for(
    alone: Processes, capsys: pytest.CaptureFixture[str], address: str, written: str
) -> None:
    there = alone.start(access_log="all")
    _, secret = key(there, ["demo-south"])
    lines(there, capsys)
    headers = bearer(secret) | {"Cookie": "session=canary", "Referer": "https://canary.example", "User-Agent": "canary"}
    from_there = {"REMOTE_ADDR": address}
    for path in ("demo-south/search?q=canary&locale=en", "demo-south/topics?token=canary;canary&canary"):
        there.get(path, headers=headers, environ_overrides=from_there)
    told = lines(there, capsys)
    assert [each[0] for each in told] == [written] * 2
    assert told[0][2] == "/v1/clinics/demo-south/search?q=&locale="
    assert secret not in str(told) and "canary" not in str(told).replace("&canary'", "")


def test_a_hostile_path_is_one_line_and_a_short_one(alone: Processes, capsys: pytest.CaptureFixture[str]) -> None:
    there = alone.start(access_log="all")
    lines(there, capsys)
    for path in ("/v1/clinics/a%0a192.0.2.1 GET /fine 200", "/%1b[31mred", "/" + "x" * 5_000, "/%c3%a9%ff"):
        there.client.get(path)
    told = lines(there, capsys)
    assert len(told) == 4 and all(len(each[2]) <= 500 for each in told)


def test_more_than_can_be_written_down_is_told_as_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log, "WAITING_AT_MOST", 2)
    written: list[str] = []
    log = AccessLog(lambda environ, start: [b""], 0, written.append)
    for _ in range(5):
        log({"PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_METHOD": "GET"}, lambda *_: None)
    log.flush()
    log.flush()
    [text] = written
    assert text.count("GET / 500") == 2
    assert text.endswith("- 3 more requests came faster than they could be written down\n")


def test_who_comes_while_lines_are_written_waits_until_they_are() -> None:
    others: list[threading.Thread] = []

    def write(text: str) -> None:
        others.append(threading.Thread(target=log.flush))
        others[0].start()
        others[0].join(0.05)
        assert others[0].is_alive(), "it has to wait"

    log = AccessLog(lambda environ, start: [b""], 0, write)
    log({"PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_METHOD": "GET"}, lambda *_: None)
    log.flush()
    others[0].join()


def test_lines_are_seen_at_once_though_they_go_into_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = AccessLog(lambda environ, start: [b""], 0)
    log({"PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_METHOD": "GET"}, lambda *_: None)
    with (tmp_path / "log").open("w") as output:
        monkeypatch.setattr(sys, "stdout", output)
        log.flush()
        assert (tmp_path / "log").read_text().startswith("- ")
