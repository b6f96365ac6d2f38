"""The house's own printed words, per language: labels that no editor writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from babel import Locale, UnknownLocaleError
from babel.dates import format_date

T = TypeVar("T")

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "home": "Home",
        "notice": "General information, not medical advice. A qualified professional decides with you what is right "
        "for you.",
        "reviewed": "Reviewed by {who}, {day}",
        "sample_review": "Demo content. Sample review by the role “{who}”, {day}",
        "banner": "This text was due for a medical review on {day}.",
        "type": "Kind of page",
        "category": "Subject",
        "kind": "Kind",
        "sources": "Sources",
        "treats": "Meant for",
        "treated_by": "Treated with",
        "combined_with": "Often combined with",
        "combines": "Combines",
        "part_of": "Part of",
        "alternative_to": "An alternative to",
        "see_also": "See also",
        "myth": "Myth",
        "fact": "Fact",
        "from": "From {who}",
        "licence": "Licence",
        "questions": "Questions and answers",
        "facts": "In short",
        "why": "Why it matters",
        "new_window": "opens in a new window",
        "gone": "This text is no longer offered.",
        "absent": "This text can't be shown here.",
        "instead": "Read instead: {title}",
        "read_there": "Read on the clinic's own page",
    },
    "es": {
        "home": "Inicio",
        "notice": "Información general, no es un consejo médico. Un profesional cualificado decide con usted qué es "
        "lo adecuado en su caso.",
        "reviewed": "Revisado por {who}, {day}",
        "sample_review": "Contenido de demostración. Revisión de muestra por la función «{who}», {day}",
        "banner": "La revisión médica de este texto estaba prevista para el {day}.",
        "type": "Tipo de página",
        "category": "Tema",
        "kind": "Clase",
        "sources": "Fuentes",
        "treats": "Indicado para",
        "treated_by": "Se trata con",
        "combined_with": "A menudo se combina con",
        "combines": "Combina",
        "part_of": "Forma parte de",
        "alternative_to": "Alternativa a",
        "see_also": "Véase también",
        "myth": "Mito",
        "fact": "Realidad",
        "from": "De {who}",
        "licence": "Licencia",
        "questions": "Preguntas y respuestas",
        "facts": "En resumen",
        "why": "Por qué importa",
        "new_window": "se abre en una ventana nueva",
        "gone": "Este texto ya no se ofrece.",
        "absent": "Este texto no se puede mostrar aquí.",
        "instead": "Lea en su lugar: {title}",
        "read_there": "Leer en la página de la clínica",
    },
}


def in_language(words: Mapping[str, T], locale: str) -> T:
    """The entry for a locale: itself, its language, English, else the first there is."""
    for code in (locale, locale.split("-")[0], "en"):
        if code in words:
            return words[code]
    return next(iter(words.values()))


def spoken(locale: str) -> str:
    """The language in which `say` answers: the locale's own, or English."""
    return next((code for code in (locale, locale.split("-")[0]) if code in WORDS), "en")


def say(name: str, locale: str, **values: str) -> str:
    """One of the house's phrases in the reader's language, filled."""
    phrase = _phrase(name, locale)
    return phrase.format(**values) if values else phrase


@lru_cache(maxsize=1024)
def _phrase(name: str, locale: str) -> str:
    return in_language(WORDS, locale)[name]


def long_day(day: dt.date, locale: str) -> str:
    """A day in words: 14 October 2026, 14 de octubre de 2026."""
    if locale.split("-")[0] == "en" and locale != "en-US":
        return f"{day.day} {day:%B %Y}"
    try:
        return format_date(day, "long", locale=locale.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()


def language_name(code: str) -> tuple[str, str]:
    """(the language's own name, its direction): ("Español", "ltr")."""
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return code, "ltr"
    name = locale.get_display_name(locale) or code
    return name[:1].upper() + name[1:], "rtl" if locale.text_direction == "rtl" else "ltr"
