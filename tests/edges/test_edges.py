"""Each kind of shared cache is asked in its own way, in time, and a refusal is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.config import from_env
from api.edges import asking
from api.edges.asking import EdgeFailed
from api.edges.cloudflare import Cloudflare
from api.edges.fastly import Fastly
from api.edges.named import edge
from api.edges.varnish import Varnish
from api.errors import NotReady
from tests.edges.recording import Recorder, recording
from tests.processes import free_port

WORDS = ["0123456789abcdef", "fedcba9876543210"]


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with recording() as found:
        yield found


def token() -> str:
    return "a-token"


def test_varnish_hears_the_words_in_both_headers(recorder: Recorder) -> None:
    Varnish(recorder.address).purge(WORDS)
    [asked] = recorder.asked
    assert (asked.method, asked.path, asked.words) == ("PURGE", "/", WORDS)
    assert asked.headers["xkey-purge"] == " ".join(WORDS)


def test_fastly_hears_the_keys_of_a_service_with_its_token(recorder: Recorder) -> None:
    Fastly("SVC1", token, recorder.address).purge(WORDS)
    [asked] = recorder.asked
    assert (asked.method, asked.path, asked.words) == ("POST", "/service/SVC1/purge", WORDS)
    assert asked.headers["fastly-key"] == "a-token" and "fastly-soft-purge" not in asked.headers


def test_cloudflare_hears_the_tags_of_a_zone_with_its_token(recorder: Recorder) -> None:
    Cloudflare("zone1", token, recorder.address).purge(WORDS)
    [asked] = recorder.asked
    assert (asked.method, asked.path) == ("POST", "/zones/zone1/purge_cache")
    assert asked.headers["authorization"] == "Bearer a-token"
    assert json.loads(asked.body) == {"tags": WORDS}


@pytest.mark.parametrize("body", [b'{"success": false, "errors": [{"code": 1107}]}', b"<html>", b"[]", b""])
def test_cloudflare_that_does_not_say_success_has_not_done_it(recorder: Recorder, body: bytes) -> None:
    recorder.body = body
    with pytest.raises(EdgeFailed):
        Cloudflare("zone1", token, recorder.address).purge(WORDS)


@pytest.mark.parametrize("status", [301, 401, 404, 405, 429, 500, 503])
def test_any_answer_but_success_is_a_failure(recorder: Recorder, status: int) -> None:
    for each in (Varnish(recorder.address), Fastly("s", token, recorder.address)):
        recorder.answers = [status]
        with pytest.raises(EdgeFailed, match=str(status)):
            each.purge(WORDS)


def test_an_edge_that_is_not_there_or_says_nothing_is_a_failure_before_it_says_something(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "TIMEOUT", 0.2)
    recorder.hang = threading.Event()
    for address in (f"http://127.0.0.1:{free_port()}", "http://never.invalid", recorder.address):
        with pytest.raises(EdgeFailed, match="can't be asked"):
            Varnish(address).purge(WORDS)


def test_an_address_names_its_edge() -> None:
    assert edge("varnish+http://cache:6081", token) == Varnish("http://cache:6081")
    assert edge("fastly:SVC1", token) == Fastly("SVC1", token, "https://api.fastly.com")
    found = edge("cloudflare:abc123", token)
    assert found == Cloudflare("abc123", token, "https://api.cloudflare.com/client/v4")


def test_a_provider_needs_a_token_and_only_one_can_have_it(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="CLINIC_CMS_EDGE_TOKEN_FILE is needed"):
        from_env({"CLINIC_CMS_EDGE": "fastly:SVC1"})
    (tmp_path / "token").write_text("first\n")
    given = {"CLINIC_CMS_EDGE": "fastly:SVC1", "CLINIC_CMS_EDGE_TOKEN_FILE": str(tmp_path / "token")}
    config = from_env(given)
    assert config.edge_token() == "first"
    (tmp_path / "token").write_text("second")
    assert config.edge_token() == "second", "a new token needs no restart"
    for text in ("", "two words", "t\u00f6ken"):
        (tmp_path / "token").write_text(text)
        with pytest.raises(NotReady, match="CLINIC_CMS_EDGE_TOKEN_FILE"):
            config.edge_token()
    with pytest.raises(NotReady, match="one of them"):
        from_env(given | {"CLINIC_CMS_EDGE": "fastly:SVC1 cloudflare:abc123"})
