"""PDF documents: cleaned in a process of their own, with bounds on its memory and time; what is active is refused."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

from api.errors import CmsError
from api.media.formats import PDF
from api.media.pictures import refused
from api.media.prepared import Made, made

SECONDS = 30
_TURN = threading.BoundedSemaphore(1)
REFUSED = {
    "encrypted": "The document is locked; send it without a password.",
    "too_large": "The document has more than 500 pages, or too many parts.",
    "broken": "The document can't be read; it is damaged or cut off.",
}


def cleaned(source: Path, folder: Path) -> Made:
    """The document without what tells of its maker. Raises invalid_content, unavailable."""
    target = folder / PDF
    if not _TURN.acquire(timeout=SECONDS):
        raise CmsError("unavailable", "Other documents are being read; send it again a little later.", retry_after=5)
    try:
        command = [sys.executable, "-m", "api.media.pdf", str(source), str(target)]
        ran = subprocess.run(command, capture_output=True, timeout=SECONDS, text=True, check=False)
        said = ran.stdout.strip()
    except subprocess.TimeoutExpired:
        said = "broken"
    finally:
        _TURN.release()
    if said.startswith("active:"):
        detail = f"The document would do something by itself ({said[7:]}); print it anew as a plain PDF."
        raise refused("active_content", detail)
    if said != "clean":
        raise refused(said if said in REFUSED else "broken", REFUSED.get(said, REFUSED["broken"]))
    return made(PDF, "application/pdf", target)
