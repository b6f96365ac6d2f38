"""Which words are forms of one word, and therefore find each other."""

from functools import lru_cache
from threading import Lock
from typing import Any

import snowballstemmer

from api.rules.words.folding import fold
from api.rules.words.splitting import split

LONGEST = 64
_LONGEST_RAW = 2 * LONGEST
_REMEMBERED = 32_768

_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "st": "sesotho",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# "láser" would stem to "las", the article; its plural to something else.
_NOT_INFINITIVES = frozenset({"laser", "cancer", "lunar", "capilar", "mujer", "ocular", "molar", "solar", "celular"})
_OFFERED = frozenset(snowballstemmer.algorithms())

# A stemmer keeps the word it works on in itself, so that only one thread may use it at a time.
_ONE_AT_A_TIME = Lock()


@lru_cache(maxsize=64)
def _stemmer(algorithm: str) -> Any:
    return snowballstemmer.stemmer(algorithm)


@lru_cache(maxsize=256)
def _algorithm(locale: str) -> str:
    """Return the name of the locale's stemmer, or "" where there is none."""
    name = _ALGORITHMS.get(locale.replace("_", "-").partition("-")[0].lower(), "")
    return name if name in _OFFERED else ""


def _letters(text: str) -> str:
    """Return the folded text's letters and digits, cut to the longest stem."""
    return "".join(filter(str.isalnum, fold(text)))[:LONGEST]


@lru_cache(maxsize=_REMEMBERED)
def _stem(word: str, algorithm: str) -> str:
    folded = _letters(word)
    if not algorithm or not folded:
        return folded
    if algorithm == "spanish" and (noun := _spanish_noun(folded)):
        return noun
    with _ONE_AT_A_TIME:
        stemmed = str(_stemmer(algorithm).stemWord(folded))
    return _letters(stemmed) or folded


def _spanish_noun(folded: str) -> str:
    """Return the singular of nouns that Snowball takes apart: plurals in -ces, and what it holds for infinitives."""
    if folded.endswith(("z", "ces")) and len(folded) > 4:
        return folded.removesuffix("ces") + "z" if folded.endswith("ces") else folded
    singular = folded.removesuffix("es")
    return singular if singular in _NOT_INFINITIVES else ""


def stem(word: str, locale: str) -> str:
    """Return the folded stem of a word: letters and digits only, at most 64; "" if it has none.

    The locale is a language tag such as "es" or "pt-BR"; in a language without a stemmer the
    stem is the folded word. Accents are folded before stemming, so that it does not matter
    whether they were typed.
    """
    return _stem(word[:_LONGEST_RAW], _algorithm(locale))


def stems(text: str, locale: str) -> list[str]:
    """Return the stems of the text's words in their order, leaving out words without a stem."""
    algorithm = _algorithm(locale)
    return [found for word in split(text) if (found := _stem(word[:_LONGEST_RAW], algorithm))]
