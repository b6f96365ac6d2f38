"""What an address gives to one query, as TypeScript: the view, the fields and the format that the query names."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from typing import Any

Json = dict[str, Any]

HEAD = """
/** Rich text as `format` asks for it: a string, or blocks. */
type Rich<F> = { format: F; value: F extends "blocks" ? Array<Block> : string };
/**
 * `T` with its rich text in one format, as `ReplyTo` has it, for functions that take a part of a reply:
 * (section: Formatted<Section>) => section.body.value is a string; Formatted<Section, "blocks"> holds blocks.
 */
export type Formatted<T, F = "html"> = T extends RichTextValue
  ? Rich<F>
  : T extends ReadonlyArray<infer E>
    ? Array<Formatted<E, F>>
    : T extends object
      ? { [K in keyof T]: Formatted<T[K], F> }
      : T;
""".strip()

REPLY_TO = """
/**
 * What an address gives to a query: `data` in the view that the query names, or else in the address's own, `included`
 * and hits told apart by `type`; with `fields` those fields alone; rich text in the format asked for. A client's one
 * function:
 * get<P extends keyof Paths, Q extends Paths[P]["query"]>(at: P, ..., query: Q): Promise<ReplyTo<P, Q>>
 */
export type ReplyTo<P extends keyof Paths, Q = {}> = Paths[P] extends {
  views: infer V extends Viewed;
  view: infer Own;
  included: infer I;
  reply: infer R;
}
  ? Omit<R, "data" | "included"> & {
      data: R extends { data: ReadonlyArray<unknown> } ? Array<InView<V, Own, Q>> : InView<V, Own, Q>;
      included: Array<Short<I, Q>>;
    }
  : Paths[P] extends { match: infer M; reply: infer R }
    ? Omit<R, "data"> & {
        data: Array<Short<{ [T in keyof Kinds]: Kinds[T]["card"] & { match: M } }[keyof Kinds], Q>>;
      }
    : Paths[P] extends { view: infer Own; included: infer I; reply: infer R }
      ? Omit<R, "included"> & {
          included: Array<
            Short<Kinds[keyof Kinds][View<Own, Q>] | ("include" extends keyof Q ? I : never), Q>
          >;
        }
      : Paths[P]["query"] extends { format?: unknown }
        ? Formatted<Paths[P]["reply"], Format<Q>>
        : Paths[P]["reply"];
interface Viewed { full: { type: keyof Kinds }; summary: unknown; card: unknown }
type View<Own, Q> = Chosen<Q, "view", Own> & keyof Viewed;
type Format<Q> = Chosen<Q, "format", "html">;
/** What a query says, or may say; the usual where it says nothing, or may say nothing. */
type Chosen<Q, Name extends string, Usual> = Name extends keyof Q
  ? undefined extends Q[Name]
    ? NonNullable<Q[Name]> | Usual
    : Q[Name]
  : Usual;
/** An item in its view; where it is not the full one, what `include` leads through stands there, too. */
type InView<V extends Viewed, Own, Q> = Short<
  V[View<Own, Q>] &
    ("include" extends keyof Q
      ? { relationships?: Partial<Kinds[V["full"]["type"]]["full"]["relationships"]> }
      : unknown),
  Q,
  Kinds[V["full"]["type"]]["full"]
>;
/** `I` itself, or of a type with `fields` what it always holds and what they name of `Whole`. */
type Short<I, Q, Whole = never> = I extends { type: infer T extends keyof Kinds }
  ? `fields[${T}]` extends keyof Q
    ? Formatted<
        Named<T, Q[`fields[${T}]`], [Whole] extends [never] ? Led<Kinds[T]["full"]> : Whole>,
        Format<Q>
      > &
        (I extends { match: infer M } ? { match: M } : unknown)
    : Formatted<I, Format<Q>>
  : I;
type Led<W> = { [K in keyof W]: K extends "relationships" ? Partial<W[K]> : W[K] };
/** Fields by name. A list that may be any, or may not be there, says nothing: each field may be missing then. */
type Named<T extends keyof Kinds, F, Whole> =
  F extends ReadonlyArray<infer N>
    ? keyof Whole extends N
      ? Kinds[T]["sparse"] & Partial<Whole>
      : Pick<Whole, keyof Whole & (keyof Kinds[T]["sparse"] | N)>
    : Kinds[T]["sparse"] & Partial<Whole>;
""".strip()

VIEWS = ("full", "summary", "card", "sparse", "included")
TAKEN = frozenset(
    {"Paths", "Array", "ReplyTo", "Viewed", "Omit", "ReadonlyArray", "Pick", "Partial", "Rich", "Formatted", "Kinds"}
    | {"Chosen", "Format", "View", "InView", "NonNullable", "Short", "Led", "Named"}
)
"""What the declarations mean by these names is not a component."""


def narrowed(names: Collection[str], schemas: Json) -> Iterator[str]:
    """The declarations after `Paths`; none for a document without types that have views and rich text."""
    found = _kinds(names, schemas)
    if found and {"RichTextValue", "Block", "Match"} <= set(names):
        yield HEAD
        told = {kind: " ".join(f"{view}: {title}{view.title()};" for view in VIEWS) for kind, title in found.items()}
        lines = "".join(f"  {kind}: {{ {each} }};\n" for kind, each in told.items())
        yield f"/** Each type in its views; `sparse` is what always stands. */\ninterface Kinds {{\n{lines}}}"
        yield REPLY_TO


def views(
    asked: list[Json], parts: Json, names: Collection[str], schemas: Json, typed: Callable[[Any], str]
) -> list[str]:
    """What narrows the reply of one address: the views of its items, what is included with them, what hits have more.

    `parts` are the properties of its reply, `typed` writes a schema. [] where nothing narrows it.
    """
    data = _named(parts.get("data", {}))
    if data == "Hit":
        return ["match: Match;"]
    view = next((each for each in asked if each["name"] == "view" and "example" in each), None)
    if not view:
        return []
    own = f"view: {json.dumps(view['example'])};"
    if _named(parts.get("included", {})) == "Included":
        whole = [f"{title}Included" for title in _kinds(names, schemas).values()] + ["Category"]
        return [own, f"included: {' | '.join(whole)};"]
    named = {each: data + each.title() for each in view["schema"]["enum"]}
    if not data or not set(named.values()) <= set(names):
        return []
    included = parts.get("included", {}).get("items", False)
    if (name := f"IncludedWholeWith{data}") in names:
        included = {"$ref": f"#/components/schemas/{name}"}
    told = " ".join(f"{each}: {name};" for each, name in named.items())
    return [f"views: {{ {told} }};", own, f"included: {typed(included)};"]


def _named(shape: Json) -> str:
    """The component that a schema, or each item of its list, refers to; "" for none."""
    items = shape.get("items", shape)
    return str(items.get("$ref", "")).rpartition("/")[2] if isinstance(items, dict) else ""


def _kinds(names: Collection[str], schemas: Json) -> dict[str, str]:
    """The content types and their components' title, such as topic: Topic, by the views that there are."""
    titles = sorted(name.removesuffix("Full") for name in names if name.endswith("Full"))
    whole = [title for title in titles if all(f"{title}{view.title()}" in names for view in VIEWS)]
    return {schemas[f"{title}Full"]["properties"]["type"]["enum"][0]: title for title in whole}
