"""A text that is sent back: whoever wrote it is told what is to change."""

from __future__ import annotations

import pytest

from tests.conftest import House
from tests.managing import Desk

pytestmark = pytest.mark.either


def test_nobody_is_sent_back_to_work_without_a_word(house: House) -> None:
    desk = Desk(house)
    path = desk.create("refused")
    desk.move("author", path, "submit")
    desk.done("author", "POST", f"{path}/comments", {"text": "Is the dose right?"})
    desk.done("medical_reviewer", "GET", path)
    for silent in ({}, {"comments": []}):
        reply = desk.ask("medical_reviewer", "POST", f"{path}/moves/reject", silent)
        assert (reply.status_code, reply.json["errors"][0]["pointer"]) == (422, "/note"), reply.text
        assert "whoever wrote it has to know" in reply.json["detail"]
    many = {"items": [{"type": "topic", "id": path.rpartition("/")[2], "etag": desk.etags[path]}]}
    told = desk.done("medical_reviewer", "POST", "/moves/reject", many)[0]
    assert not told["moved"] and told["problem"]["errors"][0]["code"] == "required"
    desk.done("medical_reviewer", "POST", f"{path}/comments", {"pointer": "/title", "text": "Longer."})
    assert desk.move("medical_reviewer", path, "reject")["state"] == "draft", "it was said before"
