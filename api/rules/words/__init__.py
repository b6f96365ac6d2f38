"""What counts as a word, and when two words are the same, wherever the content is searched."""

from api.rules.words.folding import fold
from api.rules.words.little import is_little
from api.rules.words.queries import Clause, parse_query
from api.rules.words.runs import ngrams
from api.rules.words.snippets import Snippet, held, snippet
from api.rules.words.spelling import closest
from api.rules.words.splitting import Word, words
from api.rules.words.stemming import stem, stems

__all__ = [
    "Clause",
    "Snippet",
    "Word",
    "closest",
    "fold",
    "held",
    "is_little",
    "ngrams",
    "parse_query",
    "snippet",
    "stem",
    "stems",
    "words",
]
