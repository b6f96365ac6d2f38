"""What is wrong with a rich text, as sentences for the person who wrote it."""

import re
from collections.abc import Iterator
from typing import Any

from schemas.rich_text.links import address, href, readable
from schemas.rich_text.parse import CONTROL, MAX_DEPTH, Node, tree
from schemas.rich_text.placeholders import PATTERN, PLACEHOLDERS

MAX_LENGTH = 30_000
"""Longer texts are refused unread: the time to parse hostile ones grows with their length (and depth)."""


def faults(markdown: str) -> list[str]:
    """What to change before the text can be stored: one sentence each, none twice; [] if it is sound."""
    if len(markdown) > MAX_LENGTH:
        return [f"Shorten the text: it has {len(markdown)} characters, and {MAX_LENGTH} is the most."]
    if _TOO_MANY_QUOTES.search(markdown):
        return [_TOO_DEEP]
    env: dict[str, Any] = {}
    root = tree(markdown, env)
    sentences = [*_controls(markdown), *([_TOO_DEEP] if _nesting(root) > MAX_DEPTH else [])]
    for node in root.walk():
        sentences += _node(node)
    sentences += _definitions(env)
    return list(dict.fromkeys(sentences))


_TOO_DEEP = f"Lists and quotes are nested more than {MAX_DEPTH} deep: bring them closer to the margin."

# Seen before parsing, as each level of quotes makes every line below it dearer to parse.
_TOO_MANY_QUOTES = re.compile(rf"^(?:[ \t]*>){{{MAX_DEPTH + 1}}}", re.MULTILINE)

_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*|<!--|<!\[CDATA\[|<[!?]")

_NAMES = ", ".join(f"{{{{{name}}}}}" for name in sorted(PLACEHOLDERS))


def _controls(markdown: str) -> Iterator[str]:
    for found in CONTROL.finditer(markdown):
        line = markdown.count("\n", 0, found.start()) + 1
        yield f"Take out the control character U+{ord(found[0]):04X} in line {line}."


def _nesting(node: Node) -> int:
    own = node.type in ("bullet_list", "ordered_list", "blockquote")
    return own + max((_nesting(child) for child in node.children), default=0)


def _node(node: Node) -> Iterator[str]:
    if node.type in ("html_block", "html_inline"):
        yield from (_html(tag) for tag in _TAG.findall(node.content))
    elif node.type == "image":
        yield f'Take out the image "{_short(node.content)}": a picture stands beside the text, in `image`.'
    elif node.type == "link":
        yield from _address(href(node))
        yield from _placeholders(str(node.attrs.get("title", "")))
    elif node.type in ("text", "code_inline", "fence", "code_block"):
        yield from _placeholders(node.content)


def _html(tag: str) -> str:
    name = tag if tag.startswith(("<!", "<?")) else f"{tag}>"
    return f"Take out the raw HTML {name}: write Markdown, or \\{tag[:1]} for the character itself."


def _address(url: str) -> Iterator[str]:
    if address(url) is not None:
        return
    scheme = url.split(":")[0].lower()
    if scheme in ("entry", "term"):
        yield f'The link "{_short(url)}" names no {scheme}: write {scheme}: and an id, such as {scheme}:top_4k9m2vx0.'
    elif "{{" in url:
        yield from _placeholders(url)
        yield f'In the link "{_short(url)}", let the placeholder be all of the address, or all after mailto: or tel:.'
    else:
        yield (
            f'The link "{_short(url)}" cannot be used: write an address that begins with https://, http://, mailto:, '
            "tel:, entry: or term:, a path such as /contact, or an #anchor."
        )


def _placeholders(text: str) -> Iterator[str]:
    known = PATTERN.sub(lambda found: "" if found[1] in PLACEHOLDERS else found[0], text)
    for found in re.findall(r"\{\{[^{}\n]*\}{0,2}", known):
        yield f'"{_short(found)}" is no placeholder: write one of {_NAMES}.'


def _definitions(env: dict[str, Any]) -> Iterator[str]:
    for definition in [*env.get("references", {}).values(), *env.get("duplicate_refs", [])]:
        yield from _address(readable(definition["href"]))
        yield from _placeholders(definition["title"])


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
