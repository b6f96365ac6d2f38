// The snippet page: shows each choice at once, copies the snippet, and lets the preview be as high as its text.
const form = document.getElementById("choices");
const frame = () => document.getElementById("preview");
const find = (selector) => document.querySelector(selector);
let width = "";

function ready() {
  for (const name of ["[data-copy]", ".widths"]) if (find(name)) find(name).hidden = false;
  for (const [name, shown] of [["part", form.kind.value === "section"], ["origin", form.mode.value === "iframe"], ["level", form.mode.value !== "iframe"]]) {
    find(`[data-choice=${name}]`).hidden = !shown;
  }
  if (!frame()) return;
  find(".stage").dataset.theme = form.theme.value;
  wide(width);
  frame().src = `${frame().getAttribute("src")}&origin=${encodeURIComponent(location.origin)}`;
}

function wide(to) {
  width = to;
  frame().style.setProperty("--width", to || "none");
  for (const each of document.querySelectorAll("[data-width]")) each.setAttribute("aria-pressed", String(each.dataset.width === to));
}

async function chosen() {
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  try {
    const reply = await fetch(address, { credentials: "omit" });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (!reply.ok) return;
    for (const id of ["text", "locale", "part"]) document.getElementById(id).replaceChildren(...page.getElementById(id).children);
    document.getElementById("result").replaceChildren(...page.getElementById("result").children);
    history.replaceState(null, "", address);
    ready();
  } catch {
    form.requestSubmit(); // The browser's own page says that the service is away.
  }
}

// What a partner reserves: the height at this width, in the hint and in a frame's own snippet.
function measured(height) {
  frame().style.height = `${height}px`;
  find("[data-measured]").textContent = `${height} px high`;
  if (find("[data-height]")) find("[data-height]").textContent = height;
  if (form.mode.value !== "iframe") return;
  const snippet = find("#snippet");
  snippet.textContent = snippet.textContent.replace(/ height="\d+"/, ` height="${height}"`);
}

form?.addEventListener("change", chosen);
addEventListener("message", (event) => {
  const told = event.data;
  if (event.source === frame()?.contentWindow && told?.type === "clinic-content:height") measured(Number(told.height) || 640);
});
document.addEventListener("click", async (event) => {
  if (event.target.matches("[data-width]")) wide(event.target.dataset.width);
  if (!event.target.matches("[data-copy]")) return;
  const told = find("#result [role=status]");
  try {
    await navigator.clipboard.writeText(find("#snippet").textContent);
    told.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(find("#snippet"));
    told.textContent = "Selected: copy it with your keyboard.";
  }
});
if (form) {
  form.querySelector(".actions").hidden = true; // Each choice shows at once.
  ready();
}
