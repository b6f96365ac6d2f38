// Clinic CMS: a client of the read API in one file, for browsers, servers and workers. It needs nothing but fetch.
// Save it as clinic-cms-client.ts beside clinic-cms.d.ts, which /v1/types.d.ts gives out.

import type { Paths, Problem, ReplyTo } from "./clinic-cms.js";

export interface Settings {
  /** Where the service is, such as https://api.example. */
  base: string;
  /** A browser's or a server's key; a public clinic needs none. */
  key?: string;
  /** How often a read is tried in all while the service is away or asks to wait; left out, 3. */
  tries?: number;
  /** Milliseconds that one try may take; left out, 10,000. */
  timeout?: number;
  /** How many replies are kept and asked for again by their ETag alone; left out, none: a browser does that itself. */
  kept?: number;
  /** What asks; left out, the platform's own fetch. */
  fetch?: typeof fetch;
}

/** What may be said of one read: when to give it up, and headers for those on the way. */
export interface Options {
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

/** The service refused: `problem` says what to change; null where somebody on the way refused instead. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(readonly status: number, readonly url: string, readonly problem: Problem | null) {
    const faults = problem?.errors.map((each) => each.detail).filter((each) => each !== problem.detail) ?? [];
    super(`${status} ${[problem?.detail ?? "No words came with it.", ...faults].join(" ")} (${url})`);
  }
  /** Such as not_found, withdrawn or invalid_parameter. */
  get code(): Problem["code"] | null {
    return this.problem?.code ?? null;
  }
}

type Page = { data: unknown[]; links: { next: string | null } };
type Listed = { [P in keyof Paths]: Paths[P]["reply"] extends Page ? P : never }[keyof Paths];
type Each<R> = R extends { data: Array<infer D> } ? D : never;
type Referring = { relationships?: { [name: string]: { data: Array<{ type: string; id: string }> } } };

const WAITING = [429, 502, 503, 504];
const LONGEST_WAIT = 30_000;

export class ClinicCms {
  readonly #settings: Required<Omit<Settings, "key">> & { key: string | undefined };
  readonly #kept = new Map<string, { tag: string; text: string }>();

  constructor(settings: Settings) {
    const { key, base, ...rest } = settings;
    const usual = { tries: 3, timeout: 10_000, kept: 0, fetch: (...of: Parameters<typeof fetch>) => fetch(...of) };
    this.#settings = { ...usual, ...rest, key, base: base.replace(/\/+$/, "") };
  }

  /** One reply: get("/v1/clinics/{clinic}/topics/{slug}", { clinic, slug }, { include: ["faqs"] }). Throws Refused. */
  async get<P extends keyof Paths, const Q extends Paths[P]["query"] = {}>(
    at: P, path: Paths[P]["path"], query?: Q, options: Options = {},
  ): Promise<ReplyTo<P, Q>> {
    return JSON.parse(await this.#text(this.url(at, path, query), options));
  }

  /** Every item of a list, page after page, as they are taken: for await (const topic of cms.each(...)). */
  async *each<P extends Listed, const Q extends Paths[P]["query"] = {}>(
    at: P, path: Paths[P]["path"], query?: Q, options: Options = {},
  ): AsyncGenerator<Each<ReplyTo<P, Q>>, void, undefined> {
    for (let url: string | null = this.url(at, path, query); url; ) {
      const { data, links }: { data: Array<Each<ReplyTo<P, Q>>>; links: { next: string | null } } =
        JSON.parse(await this.#text(url, options));
      yield* data;
      url = links.next && new URL(links.next, this.#settings.base).href;
    }
  }

  /** Where a reply stands. Lists become comma lists; what is undefined is left out. */
  url<P extends keyof Paths>(at: P, path: Paths[P]["path"], query: object = {}): string {
    const filled = at.replace(/\{(\w+)\}/g, (_, name) => {
      const value = (path as Record<string, unknown>)[name];
      const said = String(value ?? "");
      // Dots alone would be taken for steps, however they are written.
      if (/^\.{0,2}$/.test(said)) throw new TypeError(`${at} needs ${name}, and got "${said}".`);
      return encodeURIComponent(said);
    });
    const said = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const asked = new URLSearchParams(said.map(([name, value]) => [name, String(value)] as [string, string]));
    return this.#settings.base + filled + (said.length ? `?${asked}` : "");
  }

  async #text(url: string, { signal, headers }: Options): Promise<string> {
    for (let left = this.#settings.tries - 1; ; left--) {
      signal?.throwIfAborted();
      let wait = 250 * 2 ** (this.#settings.tries - 1 - left) * (0.5 + Math.random() / 2);
      try {
        const { reply, text } = await this.#once(url, headers, signal);
        if (reply.ok) return text;
        const refused = new Refused(reply.status, url, problemOf(reply, text));
        const asked = Number(reply.headers.get("Retry-After") ?? NaN) * 1000;
        if (asked >= 0) wait = asked;
        if (left < 1 || !WAITING.includes(reply.status) || wait > LONGEST_WAIT) throw refused;
      } catch (error) {
        if (error instanceof Refused || left < 1 || signal?.aborted) throw error;
      }
      await pause(wait, signal);
    }
  }

  async #once(url: string, more: Record<string, string> = {}, signal?: AbortSignal) {
    const { key, kept, timeout, fetch } = this.#settings;
    const before = this.#kept.get(url);
    const headers = { ...more };
    if (key) headers["Authorization"] = `Bearer ${key}`;
    if (before) headers["If-None-Match"] = before.tag;
    const given = new AbortController();
    const stop = () => given.abort(signal?.reason);
    signal?.addEventListener("abort", stop);
    const late = new DOMException(`No reply in ${timeout} ms from ${url}`, "TimeoutError");
    const timer = setTimeout(() => given.abort(late), timeout);
    try {
      const reply = await fetch(url, { headers, signal: given.signal });
      if (reply.status === 304 && before) return { reply: new Response(null), text: this.#keep(url, before) };
      const text = await reply.text(), tag = reply.headers.get("ETag");
      this.#kept.delete(url);
      if (kept && reply.ok && tag) this.#keep(url, { tag, text });
      return { reply, text };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  /** The newest stand last, and those that nobody asked for the longest go. */
  #keep(url: string, reply: { tag: string; text: string }): string {
    this.#kept.delete(url);
    this.#kept.set(url, reply);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#settings.kept) break;
      this.#kept.delete(oldest);
    }
    return reply.text;
  }
}

/** What an item refers to by a relation, as it stands in `included`, in the editor's order. */
export function referred<
  I extends Referring,
  N extends string & keyof NonNullable<I["relationships"]>,
  R extends { type: string; id: string },
>(reply: { included: R[] }, item: I, relation: N): R[] {
  const wanted = item.relationships?.[relation]?.data ?? [];
  return wanted.flatMap(({ type, id }) => reply.included.find((each) => each.type === type && each.id === id) ?? []);
}

/** Wait, no longer than the read is wanted. */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((go) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      go();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}

function problemOf(reply: Response, text: string): Problem | null {
  if (!reply.headers.get("Content-Type")?.startsWith("application/problem+json")) return null;
  return JSON.parse(text) as Problem;
}
