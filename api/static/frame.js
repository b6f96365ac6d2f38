// An embed in a frame: tells the page around it its height, counts a view, and notices when its text has changed.
(() => {
  "use strict";
  const SECONDS = 45, TALLEST = 50000, SECRET = /^[A-Za-z0-9]{1,64}$/;
  const article = document.querySelector(".clinic-embed"), first = article.outerHTML;
  const listeners = new Map(); // origin -> WordPress's secret, "" where none was given
  const heard = document.body.dataset.origin, allowed = (document.body.dataset.ancestors || "").split(" ").filter(Boolean);
  const admits = (origin) => /^https?:/.test(origin) && (!allowed.length || allowed.includes(origin));
  if (heard) listeners.set(heard, "");

  // WordPress puts a secret behind the address, and may say that it is ready before this script runs.
  const hidden = new URLSearchParams(location.hash.replace(/^#\?/, "")).get("secret") || "";
  const around = (location.ancestorOrigins && location.ancestorOrigins[0]) || document.referrer.split("/", 3).join("/");
  if (SECRET.test(hidden) && admits(around)) listeners.set(around, hidden);

  const height = () => Math.min(TALLEST, Math.ceil(document.documentElement.getBoundingClientRect().height));
  const tell = () => {
    const value = height();
    for (const [origin, secret] of listeners) {
      parent.postMessage(secret ? { message: "height", value, secret } : { type: "clinic-content:height", height: value }, origin);
    }
  };
  addEventListener("message", (event) => {
    const said = event.data;
    if (event.source !== parent || !admits(event.origin) || !said || typeof said !== "object") return;
    if (said.message === "ready" && typeof said.secret === "string" && SECRET.test(said.secret)) {
      listeners.set(event.origin, said.secret);
      tell();
    }
  });
  // A browser does not watch sizes in a frame that is scrolled out of sight: the first height is told without that.
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
  addEventListener("load", tell);

  // What is shown, by language: a list of questions shows many texts, and questions may stand in for each other's language.
  const told = new Map(), { id: own, partner, clinic } = article.dataset;
  for (const each of own ? [article] : article.querySelectorAll("[data-id]")) {
    const { type, id, revision } = each.dataset, locale = each.lang || article.lang, first = told.get(locale);
    if (first) (first.also ||= {})[id] = Number(revision);
    else told.set(locale, { partner: partner || null, clinic, type, id, locale, revision: Number(revision), mode: "iframe" });
  }
  const here = location.pathname, beacon = `${here.slice(0, here.lastIndexOf("/embed/"))}/embed/beacon`;
  for (const view of told.values()) navigator.sendBeacon?.(beacon, JSON.stringify(view));

  const check = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const reply = await fetch(location.href, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
      if (reply.status >= 500 || reply.status === 429) return;
      const now = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".clinic-embed");
      if (now && now.outerHTML !== first) location.reload();
    } catch { /* The network is away: what stands here stays, and is looked at again later. */ }
  };
  setInterval(check, SECONDS * 1000);
  document.addEventListener("visibilitychange", check);
})();
