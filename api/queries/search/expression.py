"""What is searched for, as groups of alternatives, and each engine's way of writing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Alternative = tuple[str, ...]
"""Stems that stand one after the other; one stem alone is a word."""


@dataclass(frozen=True)
class Group:
    """One thing that must be there: all of `all`, or any of the alternatives."""

    all: tuple[Alternative, ...]
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True)
class Expression:
    """Groups that must all be there, and what must not."""

    groups: tuple[Group, ...]
    without: tuple[Alternative, ...] = ()

    @property
    def wanted(self) -> frozenset[str]:
        """What is to be shown of a hit: stems, and stems that stand side by side, joined by spaces."""
        return frozenset(" ".join(each) for group in self.groups for each in (*group.all, *group.alternatives))


def for_sqlite(expression: Expression, columns: str | None = None, *, anyone: bool = False) -> str:
    """An FTS5 MATCH expression. `columns` limits it ("title summary"); `anyone`: one group is enough."""
    words = (" OR " if anyone else " AND ").join(_sqlite_group(group) for group in expression.groups)
    limited = f"{{{columns}}} : ({words})" if columns else f"({words})"
    without = " OR ".join(_sqlite_phrase(each) for each in expression.without)
    return f"{limited} NOT ({without})" if without and not columns else limited


def for_postgres(expression: Expression, weights: str = "", *, anyone: bool = False) -> str:
    """A tsquery for the `simple` configuration. `weights` limits it ("AB"); `anyone`: one group is enough."""
    words = (" | " if anyone else " & ").join(_postgres_group(group, weights) for group in expression.groups)
    without = "".join(f" & !({_postgres_phrase(each, '')})" for each in expression.without)
    return f"({words})" + ("" if weights else without)


def _sqlite_group(group: Group) -> str:
    together = " AND ".join(_sqlite_phrase(each) for each in group.all)
    return "(" + " OR ".join([f"({together})", *(_sqlite_phrase(each) for each in group.alternatives)]) + ")"


def _sqlite_phrase(stems: Alternative) -> str:
    return '"' + " ".join(each.replace('"', "") for each in stems) + '"'


def _postgres_group(group: Group, weights: str) -> str:
    together = " & ".join(_postgres_phrase(each, weights) for each in group.all)
    return "(" + " | ".join([f"({together})", *(_postgres_phrase(each, weights) for each in group.alternatives)]) + ")"


def _postgres_phrase(stems: Sequence[str], weights: str) -> str:
    mark = f":{weights}" if weights else ""
    quoted = ("'" + each.replace("'", "").replace("\\", "") + "'" + mark for each in stems)
    return "(" + " <-> ".join(quoted) + ")"
