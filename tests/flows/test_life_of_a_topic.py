"""The whole life of one topic over HTTP, as its author, editors, doctor and publisher and two clinics live it."""

from __future__ import annotations

from typing import Any

from tests.builders import a_section, a_topic
from tests.conftest import House
from tests.flows.test_overlays import lay_over, there
from tests.managing import Desk

SLUG = "light-therapy"
WORDS = "Light is shone on the skin."


class Life:
    """The topic and its people; each chapter goes on where the one before it ended."""

    def __init__(self, house: House) -> None:
        self.house, self.desk = house, Desk(house)
        self.path = ""

    def public(self, clinic: str = "demo-south", locale: str = "en") -> Any:
        return self.house.get(f"{clinic}/topics/{SLUG}?locale={locale}&fallback=none")

    def title(self, clinic: str = "demo-south", locale: str = "en") -> str:
        return str(self.public(clinic, locale).json["data"]["title"])

    def is_drafted_submitted_and_never_approved_by_who_wrote_it(self) -> None:
        document = a_topic(title="Lihgt therapy", sections=[a_section("overview", WORDS)])
        self.path = self.desk.create(SLUG, document, name="editor")
        assert self.desk.move("editor", self.path, "submit", note="Please read.")["state"] == "medical_review"
        assert self.desk.ask("editor", "POST", f"{self.path}/moves/approve", {}).status_code == 403
        doctored = self.desk.move("medical_reviewer", self.path, "approve")
        assert (doctored["state"], doctored["live_revision"]) == ("approved", None)

    def is_scheduled_and_visible_at_the_second(self) -> None:
        self.desk.move("publisher", self.path, "publish", at="2026-11-01T10:00[Europe/Madrid]")
        self.house.at(3599)
        assert self.public().status_code == 404
        self.house.at(3600)
        assert self.title() == self.title("demo-north") == "Lihgt therapy"

    def has_a_typo_fixed_without_the_doctor(self) -> None:
        self.desk.done("author", "GET", self.path)
        self.desk.done("author", "PATCH", self.path, {"document": {"title": "Light therapy"}})
        said = {"code": "typo", "reason": "Letters in the wrong order."}
        assert self.desk.move("editor:second", self.path, "waive", **said)["state"] == "approved"
        self.desk.move("publisher", self.path, "publish")
        assert self.title() == "Light therapy"

    def loses_its_approval_by_a_clinical_edit(self) -> None:
        self.desk.done("author", "PATCH", self.path, {"document": {"sections": {"risks": a_section("risks")}}})
        refused = self.desk.ask("publisher", "POST", f"{self.path}/moves/publish", {})
        assert "medical_approval_missing" in [each["code"] for each in refused.json["blockers"]]
        assert len(self.public().json["data"]["sections"]) == 1
        self.desk.publish(self.path)
        assert len(self.public().json["data"]["sections"]) == 2

    def has_a_translation_with_a_state_of_its_own(self) -> None:
        self.desk.done("author", "POST", f"{self.path}/translations", {"locale": "es", "copy_from": "en"})
        self.desk.done("author", "GET", f"{self.path}?locale=es")
        self.desk.done("author", "PATCH", f"{self.path}?locale=es", {"document": {"title": "Luz"}})
        assert self.public(locale="es").json["code"] == "not_in_locale"
        states = {each["locale"]: each["state"] for each in self.desk.done("author", "GET", self.path)["translations"]}
        assert states == {"en": "live", "es": "draft"}
        self.desk.publish(self.path, locale="es")
        assert (self.title(locale="es"), self.title()) == ("Luz", "Light therapy")

    def is_overlaid_by_one_clinic_whose_words_the_library_then_changes_beneath(self) -> None:
        lay_over(self.desk, self.path, {"title": "Light at our place"}, "demo-north")
        assert (self.title("demo-north"), self.title()) == ("Light at our place", "Light therapy")
        self.desk.done("author", "PATCH", self.path, {"document": {"title": "Light treatment"}})
        self.desk.publish(self.path)
        assert (self.title("demo-north"), self.title()) == ("Light at our place", "Light treatment")
        [task] = self.desk.done("editor@demo-north", "GET", "/conflicts?filter[open]=true")
        told = self.desk.done("editor@demo-north", "GET", f"/conflicts/{task['id']}")["changes"][0]
        assert [told[each] for each in ("base_was", "base_is", "clinic")] == [
            "Light therapy", "Light treatment", "Light at our place"
        ]  # fmt: skip
        assert self.desk.done("editor@demo-south", "GET", "/conflicts") == []
        kept = {"keep": ["title"], "take": []}
        self.desk.done("editor@demo-north", "POST", f"/conflicts/{task['id']}/resolve", kept, If_Match=task["etag"])
        assert self.title("demo-north") == "Light at our place"

    def is_withdrawn_everywhere_with_a_replacement(self) -> None:
        other = self.desk.create("better-light")
        self.desk.publish(other)
        said = {"reason": "A better text.", "replacement": {"type": "topic", "id": other.rpartition("/")[2]}}
        self.desk.done("publisher", "GET", self.path)
        self.desk.move("publisher", self.path, "withdraw", locale="*", **said)
        assert self.public(locale="es").status_code == 410
        for clinic in ("demo-south", "demo-north"):
            told = self.public(clinic)
            assert (told.status_code, told.json["withdrawal"]["replacement"]["slug"]) == (410, "better-light")

    def is_restored_and_comes_back_only_through_every_gate(self) -> None:
        self.desk.done("editor", "GET", self.path)
        assert self.desk.move("editor", self.path, "restore")["state"] == "draft"
        assert self.public().status_code == 410
        self.desk.publish(self.path)
        assert self.title() == "Light treatment" and self.public(locale="es").status_code == 410
        assert self.desk.done("admin", "GET", "/audit/verify")["whole"] is True


def test_a_topic_lives_from_its_first_draft_to_its_return(house: House) -> None:
    life = Life(house)
    life.is_drafted_submitted_and_never_approved_by_who_wrote_it()
    life.is_scheduled_and_visible_at_the_second()
    life.has_a_typo_fixed_without_the_doctor()
    life.loses_its_approval_by_a_clinical_edit()
    life.has_a_translation_with_a_state_of_its_own()
    life.is_overlaid_by_one_clinic_whose_words_the_library_then_changes_beneath()
    life.is_withdrawn_everywhere_with_a_replacement()
    life.is_restored_and_comes_back_only_through_every_gate()
    assert life.desk.done("editor@demo-north", "GET", there(life.path, "demo-north"))["state"] == "live"
