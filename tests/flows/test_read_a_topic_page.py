"""A frontend developer builds a treatment page, a FAQ page and a provider guide, one call each."""

from tests.conftest import House


def test_one_call_brings_a_treatment_page(library: House) -> None:
    reply = library.data("demo-south/topics/mesotherapy?include=faqs,related,guides,terms")
    topic = reply["data"]
    assert topic["path"] == "/treatments/mesotherapy"
    assert [section["aspect"] for section in topic["sections"]] == [
        "overview", "how-it-works", "preparing", "procedure", "aftercare", "results", "suitability", "risks"
    ]  # fmt: skip
    assert [each["type"] for each in reply["included"]] == ["faq", "faq", "topic", "guide", "term", "term"]


def test_one_call_brings_a_faq_page(library: House) -> None:
    reply = library.data("demo-south/faqs?filter[topic]=mesotherapy&include=categories&count=true")
    assert [each["slug"] for each in reply["data"]] == ["does-mesotherapy-hurt", "do-results-last-for-ever"]
    assert [(each["key"], each["count"]) for each in reply["included"]] == [("procedure", 1), ("results", 1)]


def test_one_call_brings_a_provider_guide(library: House) -> None:
    guide = library.data("demo-south/guides/choosing-a-provider")["data"]
    assert {"key", "title", "detail", "why"} == set(guide["red_flags"]["items"][0])


def test_a_page_as_markdown_is_laid_out_to_be_read(library: House) -> None:
    page = library.get("demo-south/topics/mesotherapy.md").text
    title, summary, picture, *rest = page.split("\n\n")
    assert title == "# Mesotherapy for acne scars" and summary.startswith("Small injections")
    assert picture.startswith("![Drawing of the layers of the skin") and rest[1].startswith("- **Kind of treatment:**")
    assert "\n## Risks and concerns\n" in page and page.rstrip().rpartition("\n")[2].startswith("Demo content. Sample")


def test_headings_within_a_section_stand_below_its_title_in_markdown_too(library: House) -> None:
    page = library.get("demo-south/topics/combined-treatment.md").text
    assert "\n## What a plan can look like\n" in page and "\n### The mesotherapy part\n" in page
    section = "demo-south/topics/combined-treatment/modules/procedure?format=markdown&heading_level=5"
    assert "\n##### The mesotherapy part\n" in library.data(section)["data"]["section"]["body"]["value"]
