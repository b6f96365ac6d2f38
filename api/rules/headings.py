"""Which aspect a heading of an article speaks of, and whether it asks a question: by words, in English and Spanish."""

from __future__ import annotations

import re

from api.rules.words.folding import fold

_MEANT: tuple[tuple[str, str], ...] = (
    ("misconceptions", r"myths?|misconceptions?|get wrong|often misunderstood|mitos?|falsas creencias|"
     r"ideas (falsas|equivocadas)"),
    ("alternatives", r"alternatives?|other (options|treatments)|compared? (to|with)|versus|vs|alternativas?|"
     r"otr[ao]s (opciones|tratamientos)|frente a|en comparacion"),
    ("maintenance", r"maintenance|maintain|touch[- ]?ups?|top[- ]?ups?|how long (do|does|will) .{0,60}\blast|"
     r"how often|mantenimiento|mantener|retoques?|cuanto duran?|con que frecuencia|cada cuanto"),
    ("aftercare", r"after[- ]?care|afterwards|after (your|the|a|an) (treatment|session|procedure)|recovery|"
     r"recovering|downtime|looking after|cuidados?|despues de|tras (el|la|su)|recuperacion|postratamiento"),
    ("preparing", r"prepar\w{0,6}|get(ting)? ready|before (your|the|a|an) (treatment|session|procedure|appointment)|"
     r"antes de"),
    ("suitability", r"suitab\w{0,6}|candidates?|right for (me|you)|who (is|are|can|could|may|should)|"
     r"contra-?indications?|candidat[oa]s?|para quien(es)?|apt[oa]s?|adecuad[oa]s?|indicad[oa]s?|"
     r"contraindicaciones"),
    ("risks", r"risks?|risky|side[- ]effects?|complications?|safe|safety|riesgos?|efectos (secundarios|adversos)|"
     r"complicaciones|segur[oa]s?|seguridad"),
    ("how-it-works", r"how (it|they|this) works?|how (do|does) .{0,60}\bwork|(the )?science|mechanism|"
     r"como (funcionan?|actuan?)|mecanismo"),
    ("results", r"results?|outcomes?|what to expect|what can (i|you) expect|before and after|effective(ness)?|"
     r"does it work|resultados?|que (puede )?esperar|eficacia|eficaz"),
    ("procedure", r"procedures?|what happens|during (your|the|a|an)|step by step|sessions?|how is it done|"
     r"procedimientos?|sesion(es)?|durante (el|la|su)|paso a paso|en que consiste|como se (hace|realiza)"),
    ("overview", r"what (is|are)|overview|about|introduction|que (es|son)|acerca de|introduccion|descripcion"),
)  # fmt: skip
"""Aspects with the words that mean them; the first that fits holds, so the narrow ones stand before the wide ones."""
_PATTERNS = tuple((aspect, re.compile(rf"\b(?:{words})\b")) for aspect, words in _MEANT)
_QUESTIONS = re.compile(r"\b(?:faqs?|frequently asked|common questions|questions (and|&) answers|q ?& ?a|"
                        r"preguntas (frecuentes|habituales|comunes)|preguntas y respuestas|dudas)\b")  # fmt: skip
LONGEST = 300


def aspect_of(heading: str) -> str | None:
    """The aspect that a heading's words mean, None where none does."""
    text = fold(heading[:LONGEST])
    return next((aspect for aspect, pattern in _PATTERNS if pattern.search(text)), None)


def opens_questions(heading: str) -> bool:
    """Whether a heading says that questions and their answers follow."""
    return _QUESTIONS.search(fold(heading[:LONGEST])) is not None


def asks(heading: str) -> bool:
    """Whether a heading is a question itself."""
    return heading.rstrip().endswith("?") or heading.lstrip().startswith("¿")
