// <clinic-content>: a clinic's reviewed text in another site's page, in a shadow tree. No cookie, no storage, one name.
(() => {
  "use strict";
  const API = "{{API}}", CSS = "{{CSS}}", NAME = "clinic-content", SECONDS = 45;
  const { customElements, fetch, Document, DOMParser, CSSStyleSheet, URLSearchParams, CustomEvent, navigator, trustedTypes } = window;
  if (customElements.get(NAME)) return;

  // An <img name="createElement"> on the page would stand before the document's own: they are asked for at its prototype.
  const make = Document.prototype.createElement.bind(document);
  const visibility = Object.getOwnPropertyDescriptor(Document.prototype, "visibilityState").get.bind(document);

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(":host{display:block}:host([type=term]){display:inline-block;position:relative}:host([hidden]){display:none}" +
    "button{all:unset;cursor:help;text-decoration:underline dotted;text-underline-offset:.2em}button:focus-visible{outline:3px solid #0a58a6;outline-offset:2px}" +
    "#meaning{position:absolute;inset-block-start:100%;inset-inline-start:0;z-index:9;inline-size:min(20em,80vw)}[hidden]{display:none!important}" + CSS);
  let policy = null;
  try { policy = trustedTypes && trustedTypes.createPolicy(NAME, { createHTML: (text) => text }); } catch { policy = null; }

  const PLACES = {
    topic: (of) => of("slug") && `topics/${of("slug")}` + (of("module") ? `/modules/${of("module")}` : ""),
    faq: () => "faqs",
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
    return `${API}/embed/${path.startsWith("faqs") ? `${of("clinic")}/faqs.html` : `${of("clinic")}/${path}.html`}${asked ? `?${asked}` : ""}`;
  };
  const parsed = (text) => {
    const page = new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
    return page.querySelector("article.clinic-embed");
  };

  class ClinicContent extends HTMLElement {
    static observedAttributes = ["clinic", "type", "slug", "module", "topic", "category", "locale", "heading-level", "partner", "theme"];
    #shadow = null; #timer = 0; #tag = null; #asked = 0; #counted = "";

    connectedCallback() {
      if (!this.#shadow) {
        this.#shadow = this.attachShadow({ mode: "open" });
        this.#shadow.adoptedStyleSheets = [sheet];
        this.#shadow.append(make("slot"));
      }
      const height = Number(this.getAttribute("height"));
      if (height > 0) this.style.minBlockSize = `${Math.min(height, 20000)}px`;
      this.#load(true);
      this.#timer = setInterval(() => visibility() === "visible" && this.#load(false), SECONDS * 1000);
    }
    disconnectedCallback() { clearInterval(this.#timer); }
    attributeChangedCallback(name, before, after) {
      if (this.#shadow && this.isConnected && before !== after) { this.#tag = null; this.#load(true); }
    }
    async #load(anew) {
      const turn = ++this.#asked, url = address(this);
      if (!url) return this.#tell("error", { status: 0, reason: "clinic, type or slug is missing" });
      try {
        const reply = await fetch(url, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
        const tag = `${reply.status} ${reply.headers.get("ETag")}`;
        if (turn !== this.#asked || tag === this.#tag) return;
        if (!reply.ok && reply.status !== 410) {
          if (reply.status < 500 && reply.status !== 429) { this.#tag = null; this.#shadow.replaceChildren(make("slot")); }
          return this.#tell("error", { status: reply.status });
        }
        const article = parsed(await reply.text());
        if (turn !== this.#asked) return;
        this.#tag = tag;
        const theme = this.getAttribute("theme");
        if (theme === "light" || theme === "dark") article.dataset.theme = theme;
        if (this.getAttribute("type") === "term" && reply.ok) this.#word(article); else this.#shadow.replaceChildren(article);
        if (reply.status === 410) return this.#tell("withdrawn", {});
        this.#count(article);
        this.#tell("load", { revision: Number(article.dataset.revision) || null });
      } catch (error) {
        if (anew) this.#tell("error", { status: 0, reason: String(error) });
      }
    }
    #word(article) {
      const button = make("button"), meaning = make("div");
      button.type = "button"; meaning.id = "meaning"; meaning.hidden = true; meaning.append(article);
      button.textContent = this.textContent.trim() || article.querySelector("h1,h2,h3,h4,h5,h6").textContent;
      button.setAttribute("aria-controls", "meaning"); button.setAttribute("aria-expanded", "false");
      const show = (shown) => { meaning.hidden = !shown; button.setAttribute("aria-expanded", String(shown)); };
      button.addEventListener("click", (event) => { event.preventDefault(); show(meaning.hidden); });
      this.#shadow.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
      this.addEventListener("focusout", (event) => !this.contains(event.relatedTarget) && !this.#shadow.contains(event.relatedTarget) && show(false));
      this.#shadow.replaceChildren(button, meaning);
    }
    #count(article) {
      const about = article.dataset, said = `${about.id} ${about.revision}`;
      if (this.getAttribute("beacon") === "off" || !about.id || this.#counted === said) return;
      this.#counted = said;
      navigator.sendBeacon(`${API}/embed/beacon`, JSON.stringify({
        partner: this.getAttribute("partner"), clinic: about.clinic, type: about.type, id: about.id,
        locale: article.lang, revision: Number(about.revision), mode: "component",
      }));
    }
    #tell(name, detail) { this.dispatchEvent(new CustomEvent(`${NAME}:${name}`, { bubbles: true, composed: true, detail })); }
  }
  customElements.define(NAME, ClinicContent);
})();
