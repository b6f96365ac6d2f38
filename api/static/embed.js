// <clinic-content>: a clinic's reviewed text in another site's page, in a shadow tree. No cookie, no storage, one name.
(() => {
  "use strict";
  const API = "{{API}}", CSS = "{{CSS}}", NAME = "clinic-content", SECONDS = 45;
  const { customElements, fetch, Document, DOMParser, CSSStyleSheet, URLSearchParams, CustomEvent, EventTarget, navigator, trustedTypes } = window;
  if (customElements.get(NAME)) return;

  // An <img name="createElement"> on the page would stand before the document's own: they are asked for at its prototype.
  const make = Document.prototype.createElement.bind(document), listen = EventTarget.prototype.addEventListener.bind(window);
  const visibility = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState").get.bind(document);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host{display:block}:host([type=term]){display:inline}:host([hidden]){display:none}" +
    "button{all:unset;cursor:help;text-decoration:underline dotted;text-underline-offset:.2em}button:focus-visible{outline:3px solid;outline-offset:2px}" +
    "#meaning{position:absolute;inset:auto;margin:0;padding:0;border:0;background:none;inline-size:min(22em,100vw - 32px);font-size:clamp(14px,1em,16px);filter:drop-shadow(0 6px 16px #0003)}" + CSS);
  let policy = null;
  try { policy = trustedTypes && trustedTypes.createPolicy(NAME, { createHTML: (text) => text }); } catch { policy = null; }

  const PLACES = {
    __proto__: null,
    topic: (of) => of("slug") && `topics/${of("slug")}` + (of("module") ? `/modules/${of("module")}` : ""),
    faq: (of) => "faqs" + (of("slug") && `/${of("slug")}`),
    guide: (of) => of("slug") && `guides/${of("slug")}` + (of("module") === "questions" ? "/questions" : ""),
    term: (of) => of("slug") && `terms/${of("slug")}`,
  };
  const address = (element) => {
    const of = (name) => encodeURIComponent(element.getAttribute(name) || "");
    const place = PLACES[element.getAttribute("type") || "topic"], path = of("clinic") && place && place(of);
    if (!path) return null;
    const query = new URLSearchParams();
    for (const name of ["category", "heading-level", "locale", "partner", "topic"]) {
      const value = element.getAttribute(name);
      if (value) query.set(name.replace("-", "_"), value);
    }
    const asked = String(query);
    return `${API}/embed/${of("clinic")}/${path}.html${asked ? `?${asked}` : ""}`;
  };
  const wrong = (element) => {
    const type = element.getAttribute("type") || "topic";
    if (!PLACES[type]) return `there is no type ${type}, but ${Object.keys(PLACES).join(", ")}`;
    if (!element.getAttribute("clinic")) return "clinic is missing";
    return "slug is missing";
  };
  const parsed = (text) => {
    const page = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
    return page.querySelector("article.clinic-embed");
  };

  // What is shown, by language: a list of questions shows many texts, and questions may stand in for each other's language.
  const views = (article) => {
    const told = new Map(), { id, partner, clinic } = article.dataset;
    for (const each of id ? [article] : article.querySelectorAll("[data-id]")) {
      const { type, id, revision } = each.dataset, locale = each.lang || article.lang, first = told.get(locale);
      if (first) (first.also ||= {})[id] = Number(revision);
      else told.set(locale, { partner: partner || null, clinic, type, id, locale, revision: Number(revision), mode: "component" });
    }
    return [...told.values()];
  };

  const connected = new Set();
  class ClinicContent extends HTMLElement {
    static observedAttributes = ["clinic", "type", "slug", "module", "topic", "category", "locale", "heading-level", "partner", "theme"];
    static {
      const look = () => { if (visibility() === "visible") for (const each of connected) each.#load(false); };
      setInterval(look, SECONDS * 1000);
      listen("visibilitychange", look);
    }
    #shadow = null; #tag = null; #asked = 0; #counted = new Set();

    connectedCallback() {
      if (!this.#shadow) {
        this.#shadow = this.attachShadow({ mode: "open" });
        this.#shadow.adoptedStyleSheets = [sheet];
        this.#shadow.append(make("slot"));
      }
      connected.add(this);
      this.#load(true);
    }
    disconnectedCallback() { connected.delete(this); }
    attributeChangedCallback(name, before, after) {
      if (this.#shadow && this.isConnected && before !== after) { this.#tag = null; this.#load(true); }
    }
    async #load(anew) {
      const turn = ++this.#asked, url = address(this);
      if (!url) {
        this.#shadow.replaceChildren(make("slot"));
        return this.#refused(0, wrong(this), anew);
      }
      try {
        const reply = await fetch(url, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
        const tag = `${reply.status} ${reply.headers.get("ETag")}`;
        if (turn !== this.#asked || tag === this.#tag) return;
        if (!reply.ok && reply.status !== 410) {
          if (reply.status >= 500 || reply.status === 429) return this.#refused(reply.status, null, false);
          this.#tag = null;
          this.#shadow.replaceChildren(make("slot"));
          const said = parsed(await reply.text());
          if (turn !== this.#asked) return;
          const details = said ? [...said.querySelectorAll(".clinic-embed-detail")] : [];
          return this.#refused(reply.status, details.map((each) => each.textContent).join(" ") || null, anew);
        }
        const article = parsed(await reply.text());
        if (turn !== this.#asked) return;
        this.#tag = tag;
        const theme = this.getAttribute("theme");
        if (theme === "light" || theme === "dark") article.dataset.theme = theme;
        if (this.getAttribute("type") === "term") this.#word(article); else this.#shadow.replaceChildren(article);
        if (reply.status === 410) return this.#tell("withdrawn", {});
        this.#count(article);
        this.#tell("load", { revision: Number(article.dataset.revision) || null });
      } catch (error) {
        if (anew) this.#tell("error", { status: 0, reason: String(error) });
      }
    }
    // Readers see the page's own link; whoever made the page finds the reason in the console, once.
    #refused(status, reason, aloud) {
      if (aloud && reason) console.warn(`<${NAME}>: ${reason}`, this);
      this.#tell("error", { status, reason });
    }
    #word(article) {
      const button = make("button"), meaning = make("div"), title = article.querySelector("h1,h2,h3,h4,h5,h6");
      if (!meaning.showPopover) return this.#shadow.replaceChildren(make("slot")); // An old browser keeps the page's own word.
      button.type = "button"; meaning.id = "meaning"; meaning.popover = "auto"; meaning.append(article);
      button.textContent = this.textContent.trim() || (title || button).textContent || this.getAttribute("slug");
      button.popoverTargetElement = meaning; button.setAttribute("aria-expanded", "false");
      const place = () => {
        const at = button.getBoundingClientRect(), { style, offsetWidth: wide, offsetHeight: high } = meaning;
        const start = getComputedStyle(this).direction === "rtl" ? at.right - wide : at.left;
        const above = at.bottom + 6 + high > innerHeight && at.top > high + 6;
        style.left = `${scrollX + Math.max(16, Math.min(start, innerWidth - wide - 24))}px`;
        style.top = `${scrollY + (above ? at.top - 6 - high : at.bottom + 6)}px`;
      };
      meaning.addEventListener("beforetoggle", (event) => {
        const shown = event.newState === "open";
        button.setAttribute("aria-expanded", String(shown));
        if (shown) requestAnimationFrame(place); // It has a size by then, and has not been painted yet.
      });
      this.#shadow.replaceChildren(button, meaning);
    }
    #count(article) {
      if (this.getAttribute("beacon") === "off") return;
      for (const view of views(article)) {
        const said = JSON.stringify(view);
        if (!this.#counted.has(said)) navigator.sendBeacon(`${API}/embed/beacon`, said);
        this.#counted.add(said);
      }
    }
    #tell(name, detail) { this.dispatchEvent(new CustomEvent(`${NAME}:${name}`, { bubbles: true, composed: true, detail })); }
  }
  customElements.define(NAME, ClinicContent);
})();
