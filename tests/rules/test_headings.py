"""Headings of articles: which aspect their words mean, in English and Spanish."""

from __future__ import annotations

import pytest

from api.rules.headings import asks, aspect_of, opens_questions
from schemas.aspects import ASPECTS

MEANT = {
    "overview": ("What is light therapy?", "About the treatment", "¿Qué es la luz pulsada?", "Introducción"),
    "how-it-works": ("How does light therapy work?", "The science behind it", "¿Cómo funciona?"),
    "preparing": ("How to prepare", "Before your session", "Preparación", "Antes de la sesión"),
    "procedure": ("What happens during the session", "Step by step", "El procedimiento", "Paso a paso"),
    "aftercare": ("Aftercare", "Downtime and recovery", "Cuidados posteriores", "Después de la sesión"),
    "results": ("What results can you expect?", "Before and after", "Resultados", "¿Qué puede esperar?"),
    "maintenance": ("How long do the effects last?", "Maintenance", "¿Cuánto dura?", "Retoques"),
    "suitability": ("Who is it suitable for?", "Am I a candidate?", "¿Para quién es?", "Contraindicaciones"),
    "risks": ("Risks and side effects", "Is it safe?", "Riesgos", "Efectos secundarios"),
    "alternatives": ("Alternatives", "Laser versus light", "Otras opciones"),
    "misconceptions": ("Myths", "What people get wrong", "Mitos y verdades"),
}


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_headings_words_name_its_aspect(aspect: str) -> None:
    assert {heading: aspect_of(heading) for heading in MEANT[aspect]} == dict.fromkeys(MEANT[aspect], aspect)


def test_what_means_nothing_known_is_no_aspect() -> None:
    assert [aspect_of(each) for each in ("Our team", "Horario", "Book now", "")] == [None] * 4


def test_questions_are_known_by_their_signs_and_lists_of_them_by_their_words() -> None:
    assert asks("May I drive?") and asks("¿Puedo conducir") and not asks("Driving")
    assert all(opens_questions(each) for each in ("FAQ", "Frequently asked questions", "Preguntas frecuentes"))
    assert not opens_questions("Risks")
