"""Rich text: CommonMark without raw HTML, checked when it is written and given out as html, blocks, markdown or text.

`faults` is the gate: call it on whatever is written or previewed before anything else here, as it alone bounds the
length. The other functions are safe on any text (they never raise, and never give out an unsafe tag or address).
"""

from schemas.rich_text.blocks import Block, Inline, to_blocks
from schemas.rich_text.faults import MAX_LENGTH, faults
from schemas.rich_text.html import to_html
from schemas.rich_text.links import Link, references
from schemas.rich_text.markdown import to_markdown
from schemas.rich_text.placeholders import PLACEHOLDERS
from schemas.rich_text.plain import search_text, to_text
from schemas.rich_text.resolve import MARKER, marked, resolve_html, resolve_marker
from schemas.rich_text.resolver import Resolver, Target

__all__ = [
    "MARKER",
    "MAX_LENGTH",
    "PLACEHOLDERS",
    "Block",
    "Inline",
    "Link",
    "Resolver",
    "Target",
    "faults",
    "marked",
    "references",
    "resolve_html",
    "resolve_marker",
    "search_text",
    "to_blocks",
    "to_html",
    "to_markdown",
    "to_text",
]
