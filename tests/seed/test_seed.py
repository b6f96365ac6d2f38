"""The seed: loading is writing what differs, removing leaves nothing, and every file is sound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from api.app import create_app
from api.db import connect
from api.migrate import migrate
from api.models import (
    Category,
    Clinic,
    Entry,
    Media,
    Person,
    Published,
    Redirect,
    Revision,
    Slug,
    Stamp,
    Transition,
    Variant,
)
from api.services import lookup
from api.services.house import clinics, keys
from api.services.overlays import overlays
from api.services.texts import entries
from schemas.content import content_type
from seed import files
from seed.bulk import add_generated
from seed.load import load
from seed.remove import remove
from tests.builders import a_live_topic, create, move, the_text, writing_as
from tests.conftest import NOW, House, config

pytestmark = pytest.mark.either

TABLES = (Category, Clinic, Entry, Person, Published, Redirect, Revision, Slug, Stamp, Transition, Variant)
LASTING = (Stamp,)
"""What the house remembers of what once was public."""


def counts(house: House) -> dict[str, int]:
    with house.database.reading() as connection:
        return {
            table.__tablename__: connection.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES
        }


def numbers(house: House) -> dict[tuple[str, str, str], int]:
    """(type, key, locale) -> the number of the newest revision of every library text."""
    asked = (
        select(Entry.type, Entry.external_key, Variant.locale, func.max(Revision.number))
        .join(Variant, Variant.entry_id == Entry.id)
        .join(Revision, Revision.variant_id == Variant.id)
        .where(Variant.scope == Entry.scope)
        .group_by(Entry.type, Entry.external_key, Variant.locale)
    )
    with house.database.reading() as connection:
        return {(row[0], row[1], row[2]): row[3] for row in connection.execute(asked)}


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the content that the test may edit."""
    folder = tmp_path / "content"
    shutil.copytree(files.CONTENT, folder)
    monkeypatch.setattr(files, "CONTENT", folder)
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_loading_again_changes_nothing(house: House) -> None:
    before = counts(house)
    assert load(house.database) is False
    assert counts(house) == before


def test_loading_again_after_a_touch_writes_no_revision(house: House, copied: Path) -> None:
    with (copied / "redirects.toml").open("a") as file:
        file.write("\n# A remark.\n")
    before, texts = counts(house), numbers(house)
    assert load(house.database) is True
    assert (counts(house), numbers(house)) == (before, texts)


def test_an_edited_file_makes_one_new_revision_that_is_live(house: House, copied: Path) -> None:
    before = numbers(house)
    edit(copied / "topics/mesotherapy.toml", "summary = \"Small injections", "summary = \"Fine injections")
    assert load(house.database) is True
    after = numbers(house)
    assert {text for text in after if after[text] != before[text]} == {("topic", "mesotherapy", "en")}
    assert after["topic", "mesotherapy", "en"] == 2
    found = house.data("demo-south/topics/mesotherapy")["data"]
    assert found["summary"].startswith("Fine injections") and found["revision"] == 2


def test_an_edited_clinic_and_redirect_are_taken_over(house: House, copied: Path) -> None:
    edit(copied / "clinics/demo-south.toml", '[contact]\nphone = "+1-202', '[contact]\nphone = "+1-999')
    edit(copied / "redirects.toml", 'from = "/meso"\nto = "/mesotherapy"', 'from = "/meso"\nto = "/treatments"')
    load(house.database)
    assert house.data("demo-south")["data"]["contact"]["phone"].startswith("+1-999")
    told = {each["from"]: each["to"] for each in house.data("demo-south/redirects")["data"]}
    assert told["/meso"] == "/treatments"


def test_removing_leaves_nothing_and_loading_brings_it_all_back(house: House) -> None:
    before, items = counts(house), house.data("demo-south/topics?sort=id")["data"]
    assert remove(house.database) == (len(files.entry_files()), [])
    left = counts(house)
    assert {name: number for name, number in left.items() if number} == {"stamps": left["stamps"]}
    assert house.get("demo-south/topics").status_code == 404
    assert remove(house.database) == (0, [])
    assert load(house.database) is True
    after = counts(house)
    assert {name: after[name] for name in after if name != "stamps"} == {
        name: before[name] for name in before if name != "stamps"
    }
    assert house.data("demo-south/topics?sort=id")["data"] == items


def test_removing_leaves_what_others_wrote_and_those_who_worked_on_it(house: House) -> None:
    mine = a_live_topic(house.database, "light-therapy")
    remove(house.database)
    with house.database.reading() as connection:
        assert list(connection.scalars(select(Entry.id))) == [mine.entry_id]


def test_a_clinic_whose_words_lie_over_what_stays_is_kept_and_goes_once_they_are_gone(house: House) -> None:
    mine = a_live_topic(house.database, "light-therapy")
    with writing_as(house.database, "editor") as work:
        south = lookup.clinic(work, "demo-south")
        overlays.overlay(work, the_text(work, mine).entry, south.id, "en", {"title": "Ours"})
    remove(house.database)
    with house.database.reading() as connection:
        assert list(connection.scalars(select(Clinic.slug))) == ["demo-south"]
    with writing_as(house.database, "admin") as work:
        entries.remove(work, work.session.get_one(Entry, mine.entry_id))
    remove(house.database)
    with house.database.reading() as connection:
        assert list(connection.scalars(select(Variant.id))) == list(connection.scalars(select(Clinic.slug))) == []


def test_a_clinic_that_has_a_picture_is_kept_and_told_of(house: House) -> None:
    with house.database.transaction() as session:
        south = session.scalars(select(Clinic).where(Clinic.slug == "demo-south")).one()
        drawn = session.scalars(select(Media)).first()
        assert drawn is not None
        drawn.scope = south.id
    assert remove(house.database).left == [f"clinic demo-south: The clinic has 1 {clinics.MEDIA}."]


def test_people_who_reviewed_what_stays_are_kept(house: House) -> None:
    text = create(house.database, "light-therapy")
    move(house.database, "submit", text, "author")
    with house.database.transaction() as session:
        reviewer = session.scalars(select(Person).where(Person.email == "reviewer@demo.invalid")).one()
        revision = session.scalars(select(Revision).where(Revision.variant_id == text.id)).one()
        revision.created_by = reviewer.id
    remove(house.database)
    with house.database.reading() as connection:
        assert reviewer.id in list(connection.scalars(select(Person.id)))


def test_removing_takes_generated_topics_along(house: House) -> None:
    add_generated(house.database, 3)
    assert remove(house.database).gone == len(files.entry_files()) + 3


def test_adding_generated_topics_brings_them_to_a_number(house: House) -> None:
    assert add_generated(house.database, 4) == 4
    assert add_generated(house.database, 4) == 0
    assert add_generated(house.database, 6) == 2
    assert house.data("demo-south/topics?count=true")["meta"]["total"] == 3 + 1 + 6


def test_a_key_of_a_removed_clinic_opens_nothing(house: House) -> None:
    with writing_as(house.database, "admin") as work:
        private = lookup.clinic(work, "demo-private")
        _, secret = keys.create(work, "server", "test", clinics=[private.id])
    bearer = {"Authorization": f"Bearer {secret}"}
    assert house.get("demo-private/topics", headers=bearer).status_code == 200
    remove(house.database)
    assert house.get("demo-private/topics", headers=bearer).status_code == 404


@pytest.mark.parametrize("file", files.entry_files(), ids=lambda file: file.name)
def test_every_file_is_sound_and_says_the_same_in_both_languages(file: files.EntryFile) -> None:
    kind, ids = content_type(file.type), {each.name: f"{each.type[:3]}_0" for each in files.entry_files()}
    ids |= {f"media/{each['key']}": "med_0" for each in files.pictures()}
    loaded = {}
    for locale, (slug, raw) in file.texts.items():
        loaded[locale] = kind.schema().load(files.with_ids(raw, ids))
        assert slug == slug.lower()
    assert set(loaded) == {"en", "es"}
    assert _shape(loaded["en"]) == _shape(loaded["es"])


def _shape(value: Any) -> Any:
    """The keys of a document without its words."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items() if name not in ("synonyms", "seo")}
    return [_shape(each) for each in value] if isinstance(value, list) else value is None


def test_a_file_with_a_fault_is_named(copied: Path) -> None:
    (copied / "topics/mesotherapy.toml").write_text("[en\n")
    with pytest.raises(SystemExit, match=r"topics/mesotherapy\.toml"):
        files.entry_files()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[House]:
    """A house with tables and nothing in it."""
    settings = config(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path)
    database = connect(settings)
    database.clock.frozen_at = NOW
    migrate(database)
    app = create_app(settings, database, front=False)
    yield House(app, database, app.test_client())
    database.close()


def test_a_load_that_fails_leaves_nothing_behind(empty: House, copied: Path) -> None:
    edit(copied / "terms/atrophic.toml", "position = ", "place = ")
    with pytest.raises(SystemExit, match="/document/place"):
        load(empty.database)
    assert set(counts(empty).values()) == {0}


WRONG = [
    ("topics/mesotherapy.toml", 'faqs = ["', 'faqs = ["no-such", "',
     "topics/mesotherapy.toml, en: faq/no-such is named, which no file defines."),
    ("topics/mesotherapy.toml", "to make [collagen](term:collagen)", "to make [collagen](term:nothing)",
     "topics/mesotherapy.toml, en: term/nothing is named, which no file defines."),
    ("topics/mesotherapy.toml", 'slug = "mesotherapy"', "",
     "topics/mesotherapy.toml: write a table [en] with a slug; what is no language stands in [shared]."),
    ("topics/mesotherapy.toml", 'categories = ["acne-scars"]', 'categories = ["none"]',
     "topics/mesotherapy.toml, en: /document/categories: There is no subject category none."),
    ("overlays/demo-north.toml", 'hide = ["topic/', 'hide = ["topic/x-',
     "overlays/demo-north.toml: topic/x-combined-treatment is named, which no file defines."),
    ("clinics/demo-south.toml", 'embeds = "anyone"', 'embeds = "some"', "clinics/demo-south.toml: /embeds: "),
    ("redirects.toml", 'from = "/meso"', 'from = "meso"', "redirects.toml, meso: /from: Start with one /"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "told"), WRONG, ids=[told for *_, told in WRONG])
def test_a_file_that_is_wrong_is_named_with_what_to_change(
    house: House, copied: Path, file: str, old: str, new: str, told: str
) -> None:
    edit(copied / file, old, new)
    with pytest.raises(SystemExit) as stopped:
        load(house.database)
    assert f"seed/content/{told}" in str(stopped.value)


def test_an_empty_house_answers(empty: House) -> None:
    assert empty.data("/v1/clinics")["data"] == []
    assert remove(empty.database) == (0, [])


@pytest.mark.parametrize("locale", ["en", "es"])
def test_every_glossary_word_is_explained_where_a_text_uses_it(library: House, locale: str) -> None:
    used = set()
    for plural in ("topics", "faqs", "guides"):
        for each in library.data(f"demo-south/{plural}?view=full&page[size]=100&locale={locale}")["data"]:
            used |= {ref["id"] for ref in each["relationships"]["terms"]["data"]}
    words = library.data(f"demo-south/terms?page[size]=100&locale={locale}")["data"]
    assert [each["slug"] for each in words if each["id"] not in used] == []
