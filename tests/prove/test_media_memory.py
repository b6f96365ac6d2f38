"""ME3: preparing the largest picture that is taken adds no more than 200 MB to a process."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from api.media.pictures import OTHERS_AT_MOST, PIXELS_AT_MOST

MEGABYTES = 200
PREPARE = """
import re, sys, tempfile
from pathlib import Path
from api.media import preparing
most = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
before, file = most(), Path(sys.argv[1])
found = preparing.prepare(file, Path(tempfile.mkdtemp(dir=file.parent)))
print(most() - before, found.width)
"""
KINDS = [("JPEG", "RGB", {}), ("JPEG", "RGB", {"progressive": True}), ("JPEG", "CMYK", {}), ("PNG", "RGBA", {}),
         ("PNG", "I;16", {}), ("WEBP", "RGBA", {"lossless": True}), ("AVIF", "RGBA", {"speed": 10})]  # fmt: skip


@pytest.mark.parametrize(("kind", "mode", "how"), KINDS)
def test_me3_the_largest_picture_takes_bounded_memory(
    tmp_path: Path, kind: str, mode: str, how: dict[str, object]
) -> None:
    side = math.isqrt(PIXELS_AT_MOST.get(kind, OTHERS_AT_MOST))
    picture = Image.radial_gradient("L").resize((side, side)).convert(mode)
    if mode == "RGBA":
        picture.putalpha(Image.linear_gradient("L").resize((side, side)))
    picture.save(tmp_path / "large", kind, **how)
    ended = subprocess.run([sys.executable, "-c", PREPARE, str(tmp_path / "large")], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    more = float(ended.stdout.split()[0])
    print(f"\n{kind} {mode} {how}, {side} x {side}: {more:.0f} MB more")
    assert more <= MEGABYTES
