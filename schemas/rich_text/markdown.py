"""Rich text as CommonMark that stands alone: links, terms and placeholders filled, everything else as it was stored."""

import re
from dataclasses import dataclass

from schemas.rich_text.faults import faults
from schemas.rich_text.links import Link, target
from schemas.rich_text.parse import Node, heading_shift, is_tight, tree, words
from schemas.rich_text.resolver import Resolver


def to_markdown(markdown: str, resolver: Resolver, heading_level: int = 3) -> str:
    """The text with links to entries by address, terms as words, values escaped, the shallowest heading at a level.

    Sound text with nothing to fill or to move comes back as it is. Otherwise it is written anew from its tree, as
    splicing words into the source could turn text around them into links that nobody checked.
    """
    root = tree(markdown)
    shift = heading_shift(root, heading_level)
    if not shift and not _has_markers(markdown, root) and not faults(markdown):
        return markdown
    return _Writer(resolver, shift).blocks(root.children, "\n\n") + ("\n" if markdown.endswith("\n") else "")


def tidy(markdown: str) -> str:
    """The same text in the house's own hand, with no more escapes than it needs; it must hold no links by id."""
    return _Writer(Resolver({}, {}, {})).blocks(tree(markdown).children, "\n\n")


@dataclass(frozen=True, slots=True)
class _Writer:
    resolver: Resolver
    shift: int = 0

    def blocks(self, nodes: list[Node], gap: str) -> str:
        return gap.join(self.block(node) for node in nodes)

    def block(self, node: Node) -> str:
        match node.type:
            case "heading":
                return _heading(self.inline(node), min(6, int(node.tag[1]) + self.shift))
            case "bullet_list" | "ordered_list":
                return self.items(node)
            case "blockquote":
                return _prefixed("> ", "> ", self.blocks(node.children, "\n\n"))
            case "table":
                return self.table(node)
            case "hr":
                return "___"
            case "fence" | "code_block":
                return _fenced(self.resolver.fill(node.content), node.info)
            case "html_block":
                return shielded(_escaped(" ".join(words(node).split())))
            case _:
                return shielded(self.inline(node))

    def items(self, node: Node) -> str:
        gap, ordered = ("\n" if is_tight(node) else "\n\n"), node.type == "ordered_list"
        first = int(node.attrs.get("start", 1))
        leads = [f"{first + n}{node.markup} " if ordered else f"{node.markup} " for n in range(len(node.children))]
        texts = [self.blocks(item.children, gap) for item in node.children]
        return gap.join(_prefixed(lead, " " * len(lead), text) for lead, text in zip(leads, texts, strict=True))

    def table(self, node: Node) -> str:
        header, *rows = [row.children for part in node.children for row in part.children]
        ruler = [_ALIGNED.get(str(cell.attrs.get("style")), "---") for cell in header]
        cells = [[self.inline(cell).replace("|", r"\|") for cell in row] for row in (header, *rows)]
        return "\n".join(f"| {' | '.join(row)} |" for row in (cells[0], ruler, *cells[1:]))

    def inline(self, node: Node) -> str:
        """The children of an inline node, or of the block around one."""
        out = ""
        for child in node.children:
            part = self.inline(child) if child.type == "inline" else self.part(child)
            # Text that ends with "!" would make an image of the link after it.
            out = f"{out[:-1]}\\!{part}" if out.endswith("!") and part.startswith("[") else out + part
        return out

    def part(self, node: Node) -> str:
        match node.type:
            case "strong" | "em":
                return f"{node.markup}{self.inline(node)}{node.markup}"
            case "code_inline":
                return _code(self.resolver.fill(node.content))
            case "link":
                return self.link(node)
            case "softbreak":
                return "\n"
            case "hardbreak":
                return "\\\n"
            case _:
                return _escaped(self.resolver.fill(words(node)))

    def link(self, node: Node) -> str:
        link, inner = target(node), self.inline(node)
        entry = self.resolver.target(link)
        href = entry.href if entry else self.resolver.href(link)
        if not href:
            return inner
        if node.markup == "autolink" and not re.search(r"[\s<>]", plain := words(node)):
            return f"<{plain}>"
        return f"[{inner}]({_destination(href)}{self.title(node)})"

    def title(self, node: Node) -> str:
        title = " ".join(self.resolver.fill(str(node.attrs.get("title", ""))).split())
        return f' "{_escaped(title).replace(chr(34), chr(92) + chr(34))}"' if title else ""


def _has_markers(markdown: str, root: Node) -> bool:
    return "{{" in markdown or any(isinstance(target(node), Link) for node in root.walk() if node.type == "link")


_ALIGNED = {"text-align:left": ":---", "text-align:center": ":---:", "text-align:right": "---:"}

_SPECIAL = re.compile(r"[\\`*\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")

# What is matched stays, and gets a backslash after it.
_OPENING = re.compile(r"^(?=#{1,6}(?:\s|$)|>|[-+](?:\s|$)|~~~|[-=:|][-=:|\s]*$)|^\d{1,9}(?=[.)](?:\s|$))")


def _escaped(text: str) -> str:
    """Text so that none of it is read as markup inside a line."""
    return _SPECIAL.sub(r"\\\g<0>", text).replace("\n", "&#10;")


def shielded(text: str) -> str:
    """Lines of a paragraph so that none is read as the start of another block."""
    lines = (line.strip(" \t") for line in text.split("\n"))
    return "\n".join(_OPENING.sub(r"\g<0>\\", line) for line in lines)


def _heading(text: str, level: int) -> str:
    if "\n" in text and level < 3:
        return f"{shielded(text)}\n{'===' if level == 1 else '---'}"
    closed = re.sub(r"#+$", r"\\\g<0>", " ".join(text.split("\n")).strip())
    return f"{'#' * level} {closed}".rstrip()


def _prefixed(first: str, rest: str, text: str) -> str:
    lines = text.split("\n")
    return "\n".join([(first + lines[0]).rstrip(" "), *((rest + line).rstrip(" ") for line in lines[1:])])


def _code(content: str) -> str:
    ticks = "`" * (_longest("`", content) + 1)
    # A reader takes one space off each side, unless there is nothing but spaces.
    pad = " " if content.strip() and {content[0], content[-1]} & {"`", " "} else ""
    return f"{ticks}{pad}{content}{pad}{ticks}"


def _fenced(content: str, info: str) -> str:
    ticks = "`" * max(3, _longest("`", content) + 1)
    kept = "" if "`" in info else info.strip()
    return f"{ticks}{kept}\n{content.removesuffix(chr(10))}\n{ticks}"


def _longest(mark: str, text: str) -> int:
    return max(map(len, re.findall(f"{mark}+", text)), default=0)


def _destination(href: str) -> str:
    return re.sub(r"[\\()<>]|&(?=#?\w+;)", r"\\\g<0>", href).replace(" ", "%20")
