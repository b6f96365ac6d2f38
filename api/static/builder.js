// The snippet page: shows each choice at once, copies the snippet, and lets the preview be as high as its text.
const form = document.getElementById("choices");
const frame = () => document.getElementById("preview");

function ready() {
  const button = document.querySelector("[data-copy]");
  if (button) button.hidden = false;
  if (frame()) frame().src = `${frame().getAttribute("src")}&origin=${encodeURIComponent(location.origin)}`;
}

async function chosen() {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const reply = await fetch(address, { credentials: "omit" });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!reply.ok) return;
    for (const id of ["text", "locale"]) document.getElementById(id).replaceChildren(...page.getElementById(id).children);
    document.getElementById("result").replaceChildren(...page.getElementById("result").children);
    history.replaceState(null, "", address);
    ready();
  } catch {
    form.requestSubmit(); // The browser's own page says that the service is away.
  }
}

form?.addEventListener("change", chosen);
addEventListener("message", (event) => {
  const told = event.data;
  if (event.source === frame()?.contentWindow && told?.type === "clinic-content:height") frame().style.height = `${Number(told.height) || 640}px`;
});
document.addEventListener("click", async (event) => {
  if (!event.target.matches("[data-copy]")) return;
  const told = document.querySelector("#result .told");
  try {
    await navigator.clipboard.writeText(document.getElementById("snippet").textContent);
    told.textContent = "Copied.";
  } catch {
    told.textContent = "Select the snippet and copy it.";
  }
});
ready();
