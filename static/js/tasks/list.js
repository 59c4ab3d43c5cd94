// Knows how the list is worked: a row opens on click, j and k move, the filters act in place.

const results = () => document.getElementById("task-results");

document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row || event.target.closest("a, button, input, label") || String(getSelection())) return;
  const link = row.querySelector("a");
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

document.addEventListener("auxclick", (event) => {
  const row = event.target.closest("[data-row]");
  if (event.button === 1 && row && !event.target.closest("a")) window.open(row.querySelector("a").href, "_blank", "noopener");
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const links = [...results().querySelectorAll("[data-row] a")];
  const here = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus();
});

// The address bar holds only what is filtered.
function onlyGiven(parameters) {
  for (const [name, value] of Object.entries(parameters)) if (value === "") delete parameters[name];
  if (parameters.sort === "reported_at") delete parameters.sort;
}
document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  const { parameters } = event.detail;
  if (parameters instanceof FormData || typeof parameters.delete === "function") {
    for (const [name, value] of [...parameters.entries()]) {
      if (value === "" || (name === "sort" && value === "reported_at")) parameters.delete(name);
    }
  } else onlyGiven(parameters);
});

// The signed-out answer is a whole page: go there instead of putting it into the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || !xhr.responseText.includes('id="task-results"')) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL || location.href);
  }
});
document.addEventListener("htmx:beforeRequest", () => results()?.setAttribute("aria-busy", "true"));

// After going back the controls must say what the address says.
addEventListener("popstate", () => location.reload());

// On the phone the panel starts folded.
const panel = document.querySelector("[data-panel]");
if (panel && matchMedia("(max-width: 767.98px)").matches) panel.open = false;
document.documentElement.classList.add("has-scripts");
