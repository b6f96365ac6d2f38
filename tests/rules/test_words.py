"""What the search understands of words: folding, stemming, queries, snippets."""

import html
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.words import Clause, Snippet, Word, closest, fold, ngrams, parse_query, snippet, stem, stems, words
from api.rules.words.stemming import _stem
from tests.growth import grows_in_proportion

PUNCTUATION = ['"', "\u201c", "-", "- ", '-"', '."', "\u2026", " \n", "\0", "\ud800", "\u0301\u0323"]
WORDY = ["<script>", "&amp;", "skin\ud800scar\0 ", "a", "s's", "l\u00b7", '-"a ', "scar ", "a. "]

awkward = st.one_of(
    st.text(max_size=300),
    st.text(alphabet="ab.!? \n'\"<>&-_\u2026\u0301\u00b7l\u00ad", max_size=300),
    st.lists(st.sampled_from(["scar", "Scars", "skin's", "<b>", "&", "x.", "\u2026", "piel", "\n"])).map(" ".join),
)


def clause(*texts: str, phrase: bool = False, negated: bool = False) -> Clause:
    return Clause(tuple(stem(text, "en") for text in texts), phrase, negated, texts)


def test_folding_drops_case_accents_and_superfluous_whitespace() -> None:
    assert fold("Zahn\u00e4rzte") == fold("Zahna\u0308rzte") == "zahnarzte"
    assert fold("Stra\u00dfe") == "strasse"
    assert fold("  Two \t\n words ") == "two words"
    assert fold("\u0130stanbul \ufb01lm") == "istanbul film"
    assert fold("\u0152d\u00e8me K\u00f8benhavn") == "oedeme kobenhavn"


def test_folding_leaves_no_combining_mark_and_nothing_to_fold() -> None:
    assert fold(every := fold("a".join(map(chr, range(0x20000))))) == every
    assert not [char for char in every if unicodedata.category(char)[0] == "M"]


@given(awkward)
def test_the_offsets_of_words_slice_back(text: str) -> None:
    found = words(text)
    assert all(text[word.start : word.end] == word.text for word in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


@pytest.mark.parametrize("text", ["skin's", "SKIN\u2019S", "skin\u02bcs", "skin's."])
def test_a_possessive_is_not_part_of_the_word(text: str) -> None:
    assert [word.text.lower() for word in words(text)] == ["skin"]


def test_words_are_letters_and_digits() -> None:
    text = "l'acn\u00e9, patients' follow-up_visit: 24h \u2026 2\u00d730 mg it'so !? _"
    assert " ".join(word.text for word in words(text)) == "l acn\u00e9 patients follow up visit 24h 2 30 mg it so"


@pytest.mark.parametrize("text", ["cicatrizacio\u0301n", "Haut\u00adarzt", "col\u00b7lagen"])
def test_a_word_holds_its_loose_accents_soft_hyphens_and_catalan_dots(text: str) -> None:
    assert [word.text for word in words(f"{text}, a\u00b7b")] == [text, "a", "b"]


def test_a_word_knows_where_it_stands() -> None:
    assert words("Dry skin's") == [Word("Dry", 0, 3), Word("skin", 4, 8)]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("es", "cicatrizaci\u00f3n cicatrizacion cicatrizacio\u0301n CICATRIZACI\u00d3N cicatrizaciones cicatriz"),
        ("es", "l\u00e1ser LASER"),
        ("es-MX", "corazones coraz\u00f3n"),
        ("en", "treatments treatment Treatment's"),
        ("EN", "injuries injury"),
        ("de", "Z\u00e4hne Zaehne Zahn"),
        ("fr", "\u0153d\u00e8mes oedeme"),
        ("ca", "col\u00b7lagen co\u0140lagen collagen"),
        ("pt_BR", "dentes dente"),
    ],
)
def test_these_words_find_each_other(locale: str, text: str) -> None:
    assert len(set(stems(text, locale))) == 1


def test_spanish_nouns_that_look_like_verbs_keep_one_stem() -> None:
    found = stems("cicatriz cicatrices l\u00e1ser l\u00e1seres luces las", "es")
    assert found == ["cicatriz", "cicatriz", "laser", "laser", "luz", "las"]


def test_a_language_without_a_stemmer_keeps_the_folded_word_but_no_more_than_64_letters() -> None:
    assert stem("N\u00e9vek", "xx") == "nevek"
    assert stem("b" * 10_000, "") == "b" * 64


def test_stems_come_in_the_order_of_the_words() -> None:
    assert stems("Scars: treating the skin's scars", "en") == ["scar", "treat", "the", "skin", "scar"]


def test_a_word_whose_every_letter_folds_away_has_no_stem() -> None:
    assert stem("\ufe70", "ar") == ""
    assert stems("\ufe70 \ufe70", "ar") == []


@given(awkward, st.sampled_from(["en", "es", "de", "fr", "ca", "pt", "lt", "tr", "ar", "hi", "xx"]))
def test_a_stem_is_at_most_64_folded_letters_and_digits(text: str, locale: str) -> None:
    for found in [stem(text, locale), *stems(text, locale)]:
        assert len(found) <= 64
        assert not found or found.isalnum()
        assert fold(found) == found


def test_stemming_in_many_threads_gives_what_stemming_in_one_gives() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    many = [f"{root}{a}{b}ings" for root in ("treat", "relax") for a in letters for b in letters]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda form: stem(form, "en"), many))
    _stem.cache_clear()
    assert together == [stem(form, "en") for form in many]


def test_every_word_of_a_query_is_a_clause_and_punctuation_is_none() -> None:
    assert parse_query('Scars ?! "..." & follow-up', "en") == [clause("Scars"), clause("follow"), clause("up")]


@pytest.mark.parametrize(
    "q", ['"acne scars"', "\u201cacne scars\u201d", "\u201eacne scars\u201c", "\xabacne scars\xbb"]
)
def test_a_phrase_in_any_quotes_is_one_clause(q: str) -> None:
    assert parse_query(q, "en") == [clause("acne", "scars", phrase=True)]


def test_a_minus_negates_a_word_or_a_phrase() -> None:
    word, phrase = clause("laser", negated=True), clause("acne", "scars", phrase=True, negated=True)
    assert parse_query('skin -laser -"acne scars"', "en") == [clause("skin"), word, phrase]


def test_a_negated_compound_is_excluded_as_a_whole() -> None:
    assert parse_query("skin \u2212follow-up", "en")[1] == clause("follow", "up", phrase=True, negated=True)


def test_a_minus_before_a_space_or_inside_a_word_negates_nothing() -> None:
    assert not any(clause.negated for clause in parse_query('skin - laser x-ray "a b"-c', "en"))


@pytest.mark.parametrize("q", ['skin "laser', 'skin" laser', 'skin laser"', '" skin laser'])
def test_a_lone_quote_is_ignored(q: str) -> None:
    assert parse_query(q, "en") == [clause("skin"), clause("laser")]


@pytest.mark.parametrize("q", ["", "  ", "?! \u2026", '"" "..."', '-"!"', "-skin", '-skin -"acne scars"', "- -- ---"])
def test_a_query_with_nothing_to_find_has_no_clauses(q: str) -> None:
    assert parse_query(q, "en") == []


def test_equal_clauses_are_kept_once_in_the_form_typed_first() -> None:
    assert parse_query("scars SCAR scar -laser -lasers", "en") == [clause("scars"), clause("laser", negated=True)]


def test_a_query_has_at_most_twelve_different_clauses() -> None:
    q = " ".join(f"w{number} w{number}" for number in range(20))
    assert [clause.words[0] for clause in parse_query(q, "en")] == [f"w{number}" for number in range(12)]


@given(awkward)
def test_every_clause_has_as_many_stems_as_words_and_no_empty_one(q: str) -> None:
    for clause in parse_query(q, "en"):
        assert len(clause.stems) == len(clause.words) > 0
        assert all(clause.stems)
        assert clause.phrase or len(clause.stems) == 1


def assert_is_a_marked_slice(text: str, shown: str) -> None:
    """Fail unless the HTML is an escaped slice of the text with marks and perhaps ellipses."""
    bare = re.sub("<mark>([^<]+)</mark>", r"\1", shown)
    assert not set(bare) & set("<>\"'")
    plain = html.unescape(bare)
    ends = [plain, plain.removesuffix("\u2026")]
    assert any(end in text or end.removeprefix("\u2026") in text for end in ends)


@given(awkward, st.lists(st.sampled_from(["scar", "skin", "a", "ab", "b", "piel", "x", "l", ""])), st.integers(-1, 200))
def test_a_snippet_is_a_slice_of_the_text_with_no_tag_but_mark(text: str, wanted: list[str], width: int) -> None:
    shown = snippet(text, wanted, "en", width)
    assert_is_a_marked_slice(text, shown.html)
    assert shown.found == len((set(wanted) - {""}) & set(stems(text, "en")))
    assert ("<mark>" in shown.html) == bool(shown.found)
    assert len(html.unescape(re.sub("</?mark>", "", shown.html))) <= max(width, 1) + 2


@given(st.lists(st.sampled_from(["scar", "skin", "laser", "word.", "x"]), max_size=60), st.integers(20, 80))
def test_no_window_holds_more_wanted_stems_than_the_one_shown(parts: list[str], width: int) -> None:
    text, wanted = " ".join(parts), {"scar", "skin", "laser"}
    found = [word for word in words(text) if word.text in wanted]
    windows = [[w.text for w in found if 0 <= w.start - first.start <= width - len(w.text)] for first in found]
    most = max((len(set(window)) for window in windows), default=0)
    marked = set(re.findall("<mark>(.*?)</mark>", snippet(text, wanted, "en", width).html))
    assert len(marked) == most


def test_a_short_text_is_shown_whole_and_marked() -> None:
    shown = snippet("Old Scars fade; a scar's edge & <b>", {"scar", "laser"}, "en")
    assert shown.html == "Old <mark>Scars</mark> fade; a <mark>scar</mark>&#x27;s edge &amp; &lt;b&gt;"
    assert shown.found == 1


def test_stems_that_are_wanted_side_by_side_are_marked_only_there() -> None:
    shown = snippet("The middle layer, not a layer in the middle.", {"middl layer", "dermi"}, "en")
    assert shown == Snippet("The <mark>middle layer</mark>, not a layer in the middle.", 1)


def test_without_a_hit_the_beginning_is_shown() -> None:
    shown = snippet("  Every skin is different. " * 20, {"laser"}, "en", 30)
    assert (shown.html, shown.found) == ("Every skin is different.\u2026", 0)


def test_a_snippet_prefers_to_start_at_a_sentence() -> None:
    text = "Some words come before. " * 10 + "Here the laser helps. " + "And some follow. " * 20
    assert snippet(text, {"laser"}, "en", 60).html.startswith("\u2026Here the <mark>laser</mark> helps.")


def test_a_snippet_without_a_sentence_is_cut_at_words() -> None:
    shown = snippet("alpha " * 50 + "laser " + "gamma " * 50, {"laser"}, "en", 40).html
    assert set(re.findall("[a-z]+", re.sub("</?mark>", "", shown))) == {"alpha", "laser", "gamma"}
    assert shown[0] == shown[-1] == "\u2026"


def test_a_hit_at_the_end_is_shown_with_what_comes_before() -> None:
    shown = snippet("alpha " * 50 + "laser", {"laser"}, "en", 40).html
    assert shown.endswith("alpha <mark>laser</mark>")
    assert shown.count("alpha") == 5


def test_the_first_of_the_best_windows_is_shown_and_the_whole_text_counts() -> None:
    text = "scar one. " + "x " * 100 + "scar two skin. " + "x " * 100 + "scar three skin. " + "x " * 100 + "laser"
    shown = snippet(text, {"scar", "skin", "laser"}, "en", 40)
    assert "two" in shown.html
    assert shown.found == 3


def test_a_word_longer_than_the_window_is_cut() -> None:
    assert snippet("a" * 300, {"a" * 64}, "xx", 10).html == f"<mark>{'a' * 10}</mark>\u2026"
    assert snippet("a" * 300, {"b"}, "xx", 10).html == "a" * 10 + "\u2026"


def test_ngrams_are_all_runs_up_to_the_longest() -> None:
    assert ngrams(["a", "b", "c"], 2) == [(0, 1, "a"), (0, 2, "a b"), (1, 2, "b"), (1, 3, "b c"), (2, 3, "c")]
    assert len(ngrams(list("abcdefghij"))) == 10 + 9 + 8


@pytest.mark.parametrize("unit", PUNCTUATION + WORDY, ids=ascii)
def test_hostile_text_is_answered_safely_and_in_proportion_to_its_length(unit: str) -> None:
    def everything(size: int) -> None:
        text = (unit * size)[:size]
        assert_is_a_marked_slice(text, snippet(text, {"a", "script", "skin"}, "en").html)
        assert 1 <= len(parse_query(f"skin {text}", "en")) <= 12
        assert all(found.isalnum() for found in stems(text, "en"))
        closest(text, [fold(text)[1:]])

    assert grows_in_proportion(everything, 10_000)


def test_a_text_is_cut_to_a_snippet_in_proportion_to_its_length() -> None:
    def cut(size: int) -> None:
        sentence = "The dermatologist's treatment of acne scars leaves the skin d\u00e9licate for days. "
        snippet(sentence * (size // 80), {"scar", "skin", "day"}, "en")

    assert grows_in_proportion(cut, 10_000)
