"""A frontend developer builds a treatment page, a FAQ page and a provider guide, one call each."""

import pytest
from markdown_it import MarkdownIt

from tests.builders import a_live_topic, a_topic
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


PLAIN = ("2026. A year of light", "- less is more", "+ more", "one\ntwo", "Light &copy; &#38; *skin*", "## none",
         "> none", "a_b_c `code` <b>")  # fmt: skip


@pytest.mark.either
def test_plain_words_are_read_in_markdown_as_they_were_written(house: House) -> None:
    for number, words in enumerate(PLAIN):
        a_live_topic(house.database, f"light-{number}", a_topic(title=words, summary=words))
        page = MarkdownIt("commonmark").parse(house.get(f"demo-south/topics/light-{number}.md").text)[:6]
        assert [each.type for each in page[::3]] == ["heading_open", "paragraph_open"]
        for inline in (each.children or () for each in page[1::3]):
            assert "".join(each.content for each in inline) == words.replace("\n", " ")
            assert {each.type for each in inline} <= {"text", "text_special"}


def test_steps_are_numbered_in_markdown_and_other_lists_are_not(library: House) -> None:
    page = library.get("demo-south/guides/choosing-a-provider.md").text
    assert "\n1. **Do your research**  \n   Read about the treatment" in page
    assert "\n3. **Weigh expertise and care**  \n   Compare" in page
    assert "\n- **They press you to decide at once**  \n  A decision about your skin" in page


def test_headings_within_a_section_stand_below_its_title_in_markdown_too(library: House) -> None:
    page = library.get("demo-south/topics/combined-treatment.md").text
    assert "\n## What a plan can look like\n" in page and "\n### The mesotherapy part\n" in page
    section = "demo-south/topics/combined-treatment/modules/procedure?format=markdown&heading_level=5"
    assert "\n##### The mesotherapy part\n" in library.data(section)["data"]["section"]["body"]["value"]


def test_a_category_is_filtered_by_its_slug_in_any_language_as_by_its_key(library: House) -> None:
    def slugs(address: str) -> list[str]:
        return [each["slug"] for each in library.data(f"demo-south/{address}")["data"]]

    by_key = slugs("faqs?filter[category]=choosing")
    assert by_key and by_key == slugs("faqs?filter[category]=choosing-a-provider")
    assert by_key == slugs("faqs?filter[category][in]=elegir-profesional,choosing,nowhere")
    assert by_key not in ([], slugs("faqs?filter[category][ne]=choosing-a-provider"))
    assert slugs("search?q=provider&filter[category]=choosing") == slugs(
        "search?q=provider&filter[category]=elegir-profesional"
    )
    graph = library.get("demo-south/faqs.jsonld?filter[category]=elegir-profesional&locale=es").json["@graph"]
    assert len(next(each["mainEntity"] for each in graph if each["@type"] == "FAQPage")) == len(by_key)
    assert slugs("topics?filter[category]=choosing-a-provider") == [], "that slug names no subject"


def test_the_page_of_a_category_lists_what_the_category_holds(library: House) -> None:
    for path, listed in (("/concerns/skin-basics", "term"), ("/es/motivos/cicatrices-de-acne", "topic")):
        place = library.data(f"demo-south/resolve?path={path}")["data"]["list"]
        assert place["type"] == listed
        assert library.data(f"demo-south/{listed}s?filter[category]={place['category']}")["data"]


def test_the_clinics_are_listed_in_one_language_as_far_as_they_have_it(library: House) -> None:
    def names(query: str) -> list[str]:
        return [each["name"] for each in library.data(f"/v1/clinics{query}")["data"]]

    assert names("") == ["Demo Clinic South", "Clínica Demo Norte"]
    assert names("?locale=es-MX") == ["Clínica Demo Sur", "Clínica Demo Norte"]
    assert names("?locale=en") == ["Demo Clinic South", "Demo Clinic North"]
    assert names("?locale=fr") == names("")
    assert library.data("/v1/clinics?locale=en")["links"]["self"] == "/v1/clinics?locale=en"
    assert library.get("/v1/clinics?locale=").json["errors"][0]["parameter"] == "locale"
    assert library.get("/v1/clinics?min_publication=999999999").json["errors"][0]["code"] == "not_yet"


def test_the_list_of_clinics_says_when_it_changed(library: House) -> None:
    there = library.get("/v1/clinics")
    again = library.get("/v1/clinics", headers={"If-Modified-Since": there.headers["Last-Modified"]})
    assert there.headers["Last-Modified"] == library.get("demo-south").headers["Last-Modified"]
    assert again.status_code == 304
