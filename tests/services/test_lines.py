"""Files of lines: however long one is, little of it is in memory at once."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from api.services.transfers import lines


def put_together(path: Path) -> int:
    """Bytes of memory that it took at most to close a file of forty long lines."""
    out = lines.Writer(path)
    for _ in range(40):
        out.put("text", {"words": "x" * lines.CHUNK})
    tracemalloc.start()
    try:
        assert out.close({"complete": True}).startswith("sha256:")
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_file_is_put_together_without_being_read_into_memory(tmp_path: Path) -> None:
    # Other threads of the process take some too, now and then.
    assert min(put_together(tmp_path / f"{number}.ndjson") for number in range(3)) < 5 * lines.CHUNK
    assert lines.check_whole(tmp_path / "0.ndjson")["counts"] == {"text": 40}
