// The sample cards: copies a curl line; fetches a call and shows the first lines of the reply, its status and time.
const LINES = 16;

for (const card of document.querySelectorAll("[data-curl]")) {
  const find = (selector) => card.querySelector(selector);
  const told = find(".told");
  const reply = find(".reply");

  find(".actions").hidden = false;
  find("[data-try]").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    tell("Asking…");
    try {
      await show(find(".call").href);
    } catch {
      reply.hidden = true;
      tell("The service did not answer. Is it still running?", "bad");
    }
    button.removeAttribute("aria-disabled");
  });
  find("[data-copy]").addEventListener("click", async () => {
    const line = card.dataset.curl;
    tell((await copy(line)) ? `Copied: ${line}` : `Copy this line: ${line}`);
  });

  async function show(address) {
    const start = performance.now();
    const response = await fetch(address, { cache: "no-store", credentials: "omit" });
    const text = await response.text();
    const took = Math.round(performance.now() - start);
    const lines = JSON.stringify(JSON.parse(text), null, 2).split("\n");
    const rest = lines.length - LINES;
    reply.textContent = lines.slice(0, LINES).join("\n") + (rest > 0 ? `\n… and ${rest} more lines` : "");
    reply.hidden = false;
    const size = new Blob([text]).size;
    const weight = size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(1)} kB`;
    tell(`${response.status} in ${took} ms, ${weight}`, response.ok ? "good" : "bad");
  }

  function tell(words, mood = "") {
    told.textContent = words;
    told.className = `told ${mood}`.trim();
  }
}

// Browsers allow the clipboard on https and on this machine only; elsewhere the line is shown to be copied by hand.
async function copy(line) {
  try {
    await navigator.clipboard.writeText(line);
    return true;
  } catch {
    return false;
  }
}
