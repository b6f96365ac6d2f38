"""The process that cleans one PDF: `python -m api.media.pdf FROM TO`; prints a word, and runs nothing of it."""

from __future__ import annotations

import resource
import sys
from typing import Any

MEMORY, SECONDS = 1_000_000_000, 20
"""What the process may take of memory (address space) and of the processor."""
PAGES_AT_MOST = 500
OBJECTS_AT_MOST = 100_000
ACTIVE_KEYS = ("/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMediaContent", "/XFA",
               "/AA", "/OpenAction")  # fmt: skip
"""What does something by itself; an opening action that only leads to a page is let pass."""
ACTIVE_NAMES = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/RichMedia", "/Movie", "/Sound", "/Rendition",
                "/GoToE", "/GoToR", "/Filespec", "/FileAttachment", "/EmbeddedFile", "/RichMediaExecute")  # fmt: skip


def clean(source: str, target: str) -> str:
    """`clean`, or why it is refused: broken, encrypted, too_large, or `active:` with what was found."""
    import pikepdf

    try:
        with pikepdf.open(source) as document:
            if document.is_encrypted:
                return "encrypted"
            if len(document.pages) > PAGES_AT_MOST or len(document.objects) > OBJECTS_AT_MOST:
                return "too_large"
            if found := _active(document):
                return f"active:{found}"
            _strip(document)
            document.remove_unreferenced_resources()
            document.save(target, deterministic_id=True, linearize=False)
            return "clean"
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, ValueError, RuntimeError, MemoryError, RecursionError, OSError, KeyError):
        return "broken"


def _active(document: Any) -> str | None:
    """The first part that would do something by itself."""
    import pikepdf

    for each in document.objects:
        waiting = [each]
        while waiting:
            part = waiting.pop()
            if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
                if found := _acts(part):
                    return found
                inside = [value for _, value in part.items()]
            else:
                inside = list(part) if isinstance(part, pikepdf.Array) else []
            waiting += [value for value in inside if isinstance(value, pikepdf.Object) and not value.is_indirect]
    return None


def _acts(part: Any) -> str | None:
    import pikepdf

    for key, _ in part.items():
        if key == "/OpenAction" and not (isinstance(part[key], pikepdf.Dictionary) and "/S" in part[key]):
            continue
        if key == "/OpenAction" and str(part[key].get("/S")) == "/GoTo":
            continue
        if key in ACTIVE_KEYS:
            return str(key)
    for key in ("/S", "/Subtype", "/Type"):
        if key in part and isinstance(part[key], pikepdf.Name) and str(part[key]) in ACTIVE_NAMES:
            return str(part[key])
    return None


def _strip(document: Any) -> None:
    """Who made it, with what and when, in every place where a PDF says so."""
    import pikepdf

    del document.docinfo
    for each in document.objects:
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            for key in ("/Metadata", "/PieceInfo", "/LastModified"):
                if key in each:
                    del each[key]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    print(clean(*sys.argv[1:3]))
