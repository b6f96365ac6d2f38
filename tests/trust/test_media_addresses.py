"""ME6 to ME8, ME11 and ME13: addresses of files lead to nothing but what is live, in few forms, a range a time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.models import Media, MediaFile
from tests.builders import a_topic
from tests.conftest import House
from tests.managing import Desk
from tests.pictures import a_picture, uploaded

pytestmark = pytest.mark.either


@pytest.fixture
def desk(shared_house: House) -> Desk:
    return Desk(shared_house)


def shown(desk: Desk, slug: str, clinic: str | None = None) -> tuple[Any, str]:
    """A picture that a live text shows, and the path of its largest rendition."""
    told = uploaded(desk, clinic=clinic)
    desk.publish(desk.create(slug, a_topic(image=told["id"]), clinic=clinic))
    told = desk.done("editor", "GET", f"/media/{told['id']}")
    url = next(each["url"] for each in told["renditions"] if each["name"] == "480.webp")
    return told, url.removeprefix("https://api.example")


def test_me6_no_way_leads_from_an_address_to_another_file(desk: Desk) -> None:
    told, path = shown(desk, "way")
    address = path.split("/")[2]
    assert desk.house.client.get(path).status_code == 200
    for wrong in (
        "/media/..%2f..%2fetc/passwd", "/media/%2e%2e/%2e%2e/etc/passwd", "/media/..%252f..%252fetc%252fpasswd/x",
        "/media//etc/passwd", f"/media/{address}/..%2f..%2fsecret", f"/media/{address}/%2e%2e%2fhouse.sqlite",
        f"/media/{address}/..\\..\\secret", f"/media/{address}/480.webp%00.png", f"/media/{address}/480.webp/",
        f"/media/{address.upper()}/480.webp", f"/media/{address}%0a/480.webp", f"/media/{address[:31]}/480.webp",
        f"/media/{address}/original", "/media/.././480.webp", f"/media/{'0' * 32}/480.webp", "/media",
    ):  # fmt: skip
        assert desk.house.client.get(wrong).status_code in (404, 308), wrong
        assert desk.house.client.get(wrong, follow_redirects=True).status_code == 404, wrong


def test_me7_there_are_few_forms_and_no_parameters(desk: Desk) -> None:
    told, path = shown(desk, "forms")
    assert len(told["renditions"]) <= 8
    base = path.rpartition("/")[0]
    for wrong in ("1000000000.webp", "481.webp", "480.svg", "480.png", "960x1.webp", "480.webp.webp", "1600.webp"):
        assert desk.house.client.get(f"{base}/{wrong}").status_code == 404, wrong
    for wrong in ("width=10", "format=svg", "w=480&h=480", "limit=1"):
        assert desk.house.client.get(f"{path}?{wrong}").status_code == 400, wrong
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert desk.house.client.open(path, method=method).status_code == 405


def test_me8_what_is_a_draft_or_a_foreign_clinics_is_as_if_it_never_was(desk: Desk) -> None:
    house = desk.house
    mine = uploaded(desk, clinic="demo-north")
    desk.create("drafted", a_topic(image=mine["id"]), clinic="demo-north")
    never = desk.ask("editor@demo-south", "GET", "/media/med_00000000")
    for path in (f"/media/{mine['id']}", f"/media/{mine['id']}/usages", f"/media/{mine['id']}/files/480.webp"):
        foreign = desk.ask("editor@demo-south", "GET", path)
        assert (foreign.status_code, foreign.json["detail"]) == (404, never.json["detail"]), path
        assert desk.ask("editor@demo-north", "GET", path).status_code == 200
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        reply = desk.ask("editor@demo-south", method, f"/media/{mine['id']}", body, If_Match="*")
        assert reply.status_code == 404
    assert mine["id"] not in desk.ask("editor@demo-south", "GET", "/media?page[size]=100").text
    assert desk.ask("editor@demo-south", "GET", "/media?filter[clinic]=demo-north").status_code == 404
    assert desk.done("editor@demo-south", "GET", "/media?filter[clinic]=library") == []
    with house.database.reading() as connection:
        address = connection.scalar(select(MediaFile.address).where(MediaFile.media_id == mine["id"]).limit(1))
    assert house.client.get(f"/media/{address}/480.webp").status_code == 404
    used = desk.ask("author", "POST", "/entries/topic",
                    {"locale": "en", "slug": "borrowed", "document": a_topic(image=mine["id"])})  # fmt: skip
    unknown = desk.ask("author", "POST", "/entries/topic",
                       {"locale": "en", "slug": "borrowed", "document": a_topic(image="med_00000000")})  # fmt: skip
    assert used.status_code == unknown.status_code == 422
    detail = f"There is no picture {mine['id']} in the library, which is all that its texts may name."
    assert used.json["errors"][0] == {"pointer": "/document/image", "code": "unknown_picture", "detail": detail}
    assert unknown.json["errors"][0]["detail"].replace("med_00000000", mine["id"]) == detail
    assert desk.ask(None, "GET", f"/media/{mine['id']}/files/480.webp").status_code == 401


def test_me8_a_picture_of_a_private_clinic_is_kept_by_no_cache_on_the_way(desk: Desk) -> None:
    _, path = shown(desk, "of-a-private-clinic", "demo-private")
    reply = desk.house.client.get(path)
    assert reply.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Surrogate-Key" not in reply.headers


def test_me11_the_same_picture_sent_in_twice_has_nothing_in_common(desk: Desk) -> None:
    data = a_picture(color="#123456")
    south = uploaded(desk, "author@demo-south", data, clinic="demo-south")
    north = uploaded(desk, "author@demo-north", data, clinic="demo-north")
    again = uploaded(desk, "author@demo-south", data, clinic="demo-south")
    assert len({each["id"] for each in (south, north, again)}) == 3
    hidden = {"id", "clinic", "created_by", "renditions"}
    assert {name: value for name, value in south.items() if name not in hidden} == {
        name: value for name, value in north.items() if name not in hidden
    }
    with desk.house.database.reading() as connection:
        asked = select(Media.address).where(Media.id.in_([south["id"], north["id"], again["id"]]))
        assert len(set(connection.scalars(asked))) == 3


def test_me13_one_range_is_given_and_whatever_else_is_asked_stays_bounded(desk: Desk) -> None:
    _, path = shown(desk, "ranges")
    get = desk.house.client.get
    whole = get(path)
    size, tag = len(whole.data), whole.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes" and whole.headers["Content-Length"] == str(size)
    for said, data in (("bytes=0-0", whole.data[:1]), ("bytes=5-", whole.data[5:]), ("bytes=-3", whole.data[-3:]),
                       (f"bytes=0-{size * 9}", whole.data), (f"bytes=-{size * 9}", whole.data)):  # fmt: skip
        part = get(path, headers={"Range": said})
        assert (part.status_code, part.data) == (206, data), said
        assert part.headers["Content-Range"].endswith(f"/{size}")
    for said in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0", "bytes=-000"):
        part = get(path, headers={"Range": said})
        assert (part.status_code, part.headers["Content-Range"]) == (416, f"bytes */{size}"), said
    for said in (
        "bytes=" + "0-0," * 5_000,
        "bytes=0-1,3-4",
        "bytes=5-2",
        "bytes=a-b",
        "lines=0-1",
        "bytes",
        "bytes=--1",
    ):
        assert get(path, headers={"Range": said}).data in (whole.data, b""), said
    assert get(path, headers={"Range": "bytes=0-1", "If-Range": tag}).status_code == 206
    assert get(path, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200
    known = get(path, headers={"If-None-Match": f'W/"x", {tag}'})
    assert (known.status_code, known.data, known.headers["ETag"]) == (304, b"", tag)
    assert "immutable" in known.headers["Cache-Control"]
    head = desk.house.client.head(path)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(size))
