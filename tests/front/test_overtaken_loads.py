"""A load that a publication overtakes is made again, for it may have seen neither the old state nor the new one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from api.app import create_app
from api.front import fetching
from tests.builders import create, publish_text
from tests.conftest import House
from tests.fronted import patient
from tests.prove.moving import document

PATH = "/v1/clinics/demo-south/topics/k1?locale=en"


@pytest.fixture
def app(house: House) -> Iterator[Flask]:
    """The whole application, with what it keeps."""
    with patient():
        made = create_app(house.app.extensions["config"], house.database)
        yield made
        made.extensions["front"].stop()


def test_a_text_that_goes_live_while_it_is_looked_for_is_no_404(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    text = create(house.database, "k1", document("k1", 1))
    loads: list[str] = []
    load = fetching.load

    def overtaken(*asked: Any) -> Any:
        made = load(*asked)
        loads.append(made.status[:3])
        if len(loads) == 1:
            publish_text(house.database, text)
        return made

    monkeypatch.setattr(fetching, "load", overtaken)
    reply = client.get(PATH)
    assert (reply.status_code, loads) == (200, ["404", "200"])
    assert client.get(PATH).headers["Cache-Status"].endswith("hit; detail=process")


def test_what_is_overtaken_again_and_again_is_given_all_the_same_but_not_kept(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, coherence = app.test_client(), app.extensions["front"].coherence
    text = create(house.database, "k1", document("k1", 1))
    publish_text(house.database, text)
    loads: list[str] = []
    load = fetching.load

    def overtaken(*asked: Any) -> Any:
        made = load(*asked)
        loads.append(made.status[:3])
        coherence._purged |= dict.fromkeys(made.kept.tags, coherence.clock + 1)
        return made

    monkeypatch.setattr(fetching, "load", overtaken)
    reply = client.get(PATH)
    assert (reply.status_code, len(loads)) == (200, fetching.TRIES)
    assert reply.headers["Cache-Status"].endswith("fwd=miss")
