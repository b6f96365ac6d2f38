"""PDF documents: what would do something by itself is refused by name, and nothing tells of the maker afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from api.media.pdf import clean


def a_document(folder: Path, change: Callable[[Pdf], object], **how: Any) -> str:
    made = pikepdf.new()
    made.add_blank_page()
    change(made)
    made.save(folder / "sent.pdf", **how)
    return clean(str(folder / "sent.pdf"), str(folder / "kept.pdf"))


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS="app.alert(1)")


ACTIVE: dict[str, Callable[[Pdf], object]] = {
    "at opening": lambda made: made.Root.__setattr__("OpenAction", script()),
    "by name": lambda made: made.Root.__setattr__(
        "Names", Dictionary(JavaScript=Dictionary(Names=Array(["x", script()])))
    ),
    "on a page": lambda made: made.pages[0].obj.__setattr__("AA", Dictionary(O=script())),
    "in a link": lambda made: made.pages[0].obj.__setattr__(
        "Annots", Array([Dictionary(Subtype=Name.Link, A=Dictionary(S=Name.Launch, F="cmd.exe"))])
    ),
    "an attachment": lambda made: made.attachments.__setitem__("a.exe", b"MZ"),
    "a form that sends": lambda made: made.Root.__setattr__(
        "AcroForm", Dictionary(Fields=Array([Dictionary(A=Dictionary(S=Name.SubmitForm, F="https://evil.example"))]))
    ),
    "a film": lambda made: made.pages[0].obj.__setattr__("Annots", Array([Dictionary(Subtype=Name.RichMedia)])),
}


@pytest.mark.parametrize("how", ACTIVE)
def test_me2_a_document_that_acts_by_itself_is_refused(tmp_path: Path, how: str) -> None:
    assert a_document(tmp_path, ACTIVE[how]).startswith("active:/")
    assert not (tmp_path / "kept.pdf").exists()


def test_me9_a_document_tells_nothing_of_its_maker(tmp_path: Path) -> None:
    def told(made: Pdf) -> None:
        made.docinfo["/Author"] = "Somebody"
        with made.open_metadata() as metadata:
            metadata["dc:creator"] = ["Somebody else"]
        made.pages[0].obj.PieceInfo = Dictionary(X=Dictionary(LastModified="D:2026", Private="Third"))
        made.Root.OpenAction = Array([made.pages[0].obj, Name.Fit])
        made.pages[0].obj.Metadata = made.make_indirect(Stream(made, b"<x:xmpmeta>Fourth</x:xmpmeta>"))

    assert a_document(tmp_path, told) == "clean"
    with Pdf.open(tmp_path / "kept.pdf") as kept:
        assert len(kept.pages) == 1 and "/Info" not in kept.trailer and "/Metadata" not in kept.Root
        everything = b"".join(
            each.read_bytes() if isinstance(each, Stream) else repr(each).encode() for each in kept.objects
        )
    for name in (b"Somebody", b"Third", b"Fourth"):
        assert name not in everything + (tmp_path / "kept.pdf").read_bytes()


def test_what_is_locked_or_broken_is_refused(tmp_path: Path) -> None:
    locked = pikepdf.Encryption(owner="a", user="b")
    assert a_document(tmp_path, lambda _: None, encryption=locked) == "encrypted"
    assert a_document(tmp_path, lambda _: None, encryption=pikepdf.Encryption(owner="a", user="")) == "encrypted"
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7\n" + b"\xff" * 300)
    assert clean(str(tmp_path / "x.pdf"), str(tmp_path / "y.pdf")) == "broken"
    assert a_document(tmp_path, lambda made: [made.add_blank_page() for _ in range(500)]) == "too_large"
