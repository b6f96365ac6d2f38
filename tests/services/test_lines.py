"""Files of lines: however long one is, little of it is in memory at once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from api.services.transfers import lines


def test_a_file_is_put_together_without_being_read_into_memory(tmp_path: Path) -> None:
    out = lines.Writer(tmp_path / "long.ndjson")
    for _ in range(40):
        out.put("text", {"words": "x" * lines.CHUNK})
    tracemalloc.start()
    try:
        digest = out.close({"complete": True})
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 5 * lines.CHUNK
    assert lines.check_whole(tmp_path / "long.ndjson")["counts"] == {"text": 40} and digest.startswith("sha256:")
