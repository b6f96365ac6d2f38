"""JSON-LD: delivered items and clinics as schema.org graphs (core and health-lifesci), made by pure functions.

Every `*_graph`, `faq_page` and `list_page` gives a list of nodes; `graph` makes the document of them, and
`script_safe` its bytes. Rich text is expected in format "text".
"""

from schemas.json_ld.clinic import clinic_graph
from schemas.json_ld.document import graph, script_safe
from schemas.json_ld.faq import faq_graph, faq_page
from schemas.json_ld.guide import guide_graph
from schemas.json_ld.listing import list_page
from schemas.json_ld.page import Page
from schemas.json_ld.term import term_graph
from schemas.json_ld.topic import topic_graph

__all__ = [
    "Page",
    "clinic_graph",
    "faq_graph",
    "faq_page",
    "graph",
    "guide_graph",
    "list_page",
    "script_safe",
    "term_graph",
    "topic_graph",
]
