// An embed in a frame: tells the page around it its height, counts a view, and notices when its text has changed.
(() => {
  "use strict";
  const SECONDS = 45, SECRET = /^[A-Za-z0-9]{1,64}$/;
  const article = document.querySelector(".clinic-embed");
  const listeners = new Map(); // origin -> WordPress's secret, "" where none was given
  const own = document.body.dataset.origin, allowed = (document.body.dataset.ancestors || "").split(" ").filter(Boolean);
  if (own) listeners.set(own, "");

  const height = () => Math.min(50000, Math.ceil(document.documentElement.getBoundingClientRect().height));
  const tell = () => {
    const value = height();
    for (const [origin, secret] of listeners) {
      parent.postMessage(secret ? { message: "height", value, secret } : { type: "clinic-content:height", height: value }, origin);
    }
  };
  addEventListener("message", (event) => {
    const said = event.data;
    if (event.source !== parent || event.origin === "null" || !said || typeof said !== "object") return;
    if (allowed.length && !allowed.includes(event.origin)) return;
    if (said.message === "ready" && typeof said.secret === "string" && SECRET.test(said.secret)) {
      listeners.set(event.origin, said.secret);
      tell();
    }
  });
  new ResizeObserver(tell).observe(document.documentElement);
  addEventListener("toggle", tell, true);

  const about = article && article.dataset;
  if (about && about.id && navigator.sendBeacon) {
    navigator.sendBeacon("/embed/beacon", JSON.stringify({
      partner: about.partner || null, clinic: about.clinic, type: about.type, id: about.id,
      locale: article.lang, revision: Number(about.revision), mode: "iframe",
    }));
  }
  let known = null;
  const check = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const reply = await fetch(location.href, { cache: "no-cache", credentials: "omit", referrerPolicy: "no-referrer" });
      const tag = reply.status + " " + reply.headers.get("ETag");
      if (known !== null && tag !== known && reply.status < 500) location.reload();
      if (reply.status < 500) known = tag;
    } catch { /* The network is away: what stands here stays, and is looked at again later. */ }
  };
  check();
  setInterval(check, SECONDS * 1000);
})();
