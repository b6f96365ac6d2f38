"""Long runs over HTTP: pairs of edits from one tag (CC5), and how long foreign and random ids take (TA17)."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.conftest import House
from tests.managing import Desk

PAIRS = int(os.environ.get("PROVE_PAIRS", "1000"))
SAMPLES = int(os.environ.get("PROVE_SAMPLES", "5000"))


def test_of_each_pair_of_edits_from_one_tag_exactly_one_wins(house: House) -> None:
    desk = Desk(house)
    path = desk.create("light-therapy")
    headers = {"Authorization": f"Bearer {desk.key('author')}"}
    barrier, outcomes = threading.Barrier(2), Counter[tuple[int, ...]]()

    def edit(who: int, tag: str) -> tuple[int, str]:
        client = house.app.test_client()
        barrier.wait()
        body = {"document": {"summary": f"Edit of {who} from {tag}."}}
        reply = client.patch(f"/v1/manage{path}", json=body, headers={**headers, "If-Match": tag})
        return reply.status_code, reply.headers.get("ETag", "")

    tag, began = desk.etags[path], time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        for number in range(PAIRS):
            if number % 50 == 49:  # A text has tens of revisions, not thousands.
                path = desk.create(f"light-therapy-{number}")
                tag = desk.etags[path]
            answers = list(pool.map(edit, (1, 2), (tag, tag)))
            outcomes[tuple(sorted(status for status, _ in answers))] += 1
            tag = next(etag for status, etag in answers if status == 200)
    database = house.database.writer.dialect.name
    took = time.monotonic() - began
    print(f"\nCC5, {database}: {PAIRS} pairs of edits from one tag in {took:.0f} s: {dict(outcomes)}")
    assert outcomes == {(200, 412): PAIRS}


def test_a_foreign_id_takes_as_long_as_one_that_never_was(house: House) -> None:
    desk = Desk(house)
    foreign = desk.create("theirs", name="author@demo-north", clinic="demo-north")
    headers = {"Authorization": f"Bearer {desk.key('author@demo-south')}"}
    client = house.app.test_client()
    times: dict[str, list[float]] = {foreign: [], "/entries/topic/top_00000000": []}
    for _ in range(SAMPLES):
        for path, taken in times.items():
            start = time.perf_counter()
            assert client.get(f"/v1/manage{path}", headers=headers).status_code == 404
            taken.append(time.perf_counter() - start)
    one, other = (sorted(each)[: int(len(each) * 0.9)] for each in times.values())
    spread = (statistics.variance(one) / len(one) + statistics.variance(other) / len(other)) ** 0.5
    difference = statistics.mean(one) - statistics.mean(other)
    database = house.database.writer.dialect.name
    welch = abs(difference) / spread
    print(f"\nTA17, {database}: {SAMPLES} pairs, mean difference {difference * 1e6:+.1f} µs, Welch t {welch:.2f}")
    assert welch < 4.5 or abs(difference) < 20e-6
