// Knows how an action is sent from a page: asked once more where it cannot be undone, its deadline and unit shown at once.

const dialog = document.getElementById("confirm-dialog");
let asked = null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.dataset.confirm || form.dataset.confirmed || !dialog?.showModal) return;
  event.preventDefault();
  asked = { form, submitter: event.submitter };
  dialog.querySelector("[data-confirm-words]").textContent = form.dataset.confirm;
  dialog.querySelector("[data-confirm-yes]").textContent = form.dataset.confirmLabel;
  dialog.showModal();
});
dialog?.querySelector("[data-confirm-no]").addEventListener("click", () => dialog.close());
dialog?.querySelector("[data-confirm-yes]").addEventListener("click", () => {
  dialog.close();
  if (!asked) return;
  const { form, submitter } = asked;
  asked = null;
  form.dataset.confirmed = "1";
  form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  delete form.dataset.confirmed;
});

async function ask(url, values) {
  const address = new URL(url, location.origin);
  for (const [name, value] of Object.entries(values)) address.searchParams.set(name, value);
  const answer = await fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "fetch" } });
  return answer.ok ? answer.json() : null;
}

/** The field `name` of a form, by the name it is sent under. */
const input = (form, name) => form.elements.namedItem(name);

function previewOf(box) {
  const form = box.closest("form");
  const words = box.querySelector("[data-due-preview]");
  let newest = 0;
  return async () => {
    const mine = ++newest;
    if (!input(form, "limit_value").value || !input(form, "limit_value").checkValidity()) {
      words.textContent = "";
      return;
    }
    const found = await ask(box.dataset.limit, {
      value: input(form, "limit_value").value,
      unit: input(form, "limit_unit").value,
      reading: input(form, "limit_reading").value,
    }).catch(() => null);
    if (mine === newest) words.textContent = found ? found.words : "";
  };
}

for (const box of document.querySelectorAll("[data-limit]")) {
  const show = previewOf(box);
  box.addEventListener("change", (event) => event.target.name?.startsWith("limit_") && show());
  box.addEventListener("input", (event) => event.target.name === "limit_value" && show());
  box.showDeadline = show;
}

for (const box of document.querySelectorAll("[data-proposal]")) {
  const form = box.closest("form");
  box.addEventListener("change", async (event) => {
    const found = await ask(box.dataset.proposal, { category: event.target.value }).catch(() => null);
    if (!found) return;
    for (const name of ["limit_value", "limit_unit", "limit_reading"]) input(form, name).value = found[name];
    if (found.unit_id) input(form, "unit_id").value = String(found.unit_id);
    const hint = document.getElementById(`${input(form, "unit_id").id}-help`);
    if (hint && found.suggestion) hint.textContent = found.suggestion;
    form.querySelector("[data-limit]").showDeadline();
  });
}

document.addEventListener("change", (event) => {
  const target = event.target.dataset?.fill && document.getElementById(event.target.dataset.fill);
  if (target) target.value = event.target.value;
});

// A session may end while the words are on their way: after signing in again they stand in the form as before.
const owner = document.getElementById("actions")?.dataset.owner;
const keptUnder = (form) => `action-words:${owner}:${form.getAttribute("action")}`;
const isTyped = (field) => field.name && !["hidden", "file", "radio", "checkbox", "submit"].includes(field.type) && field.tagName !== "BUTTON";

function keepWords(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("[data-action-form]")) return;
  const fields = [...form.elements].filter(isTyped).map((field) => [field.name, field.value]);
  const photos = [...form.querySelectorAll("[data-photo-picker]")].map((element) => [element.dataset.name, element.picker?.uuids ?? []]);
  try { sessionStorage.setItem(keptUnder(form), JSON.stringify({ fields, photos })); } catch { /* nothing is kept */ }
}
window.addEventListener("submit", keepWords);

function bringBack(form) {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(keptUnder(form)));
    sessionStorage.removeItem(keptUnder(form));
  } catch { /* nothing was kept */ }
  if (!kept || !document.referrer || new URL(document.referrer).pathname !== "/login") return;
  for (const [name, value] of kept.fields) if (input(form, name)) input(form, name).value = value;
  for (const [name, uuids] of kept.photos) {
    for (const uuid of uuids) form.querySelector(`[data-photo-picker][data-name="${name}"]`)?.picker?.restore(uuid);
  }
  if (form.closest("details")) form.closest("details").open = true;
}
for (const form of document.querySelectorAll("[data-action-form]")) bringBack(form);

/** An address such as #do-submit opens its panel and goes there. */
function openNamed() {
  const panel = location.hash.startsWith("#do-") && document.getElementById(location.hash.slice(1));
  if (!panel) return;
  if ("open" in panel) panel.open = true;
  panel.scrollIntoView({ block: "start" });
  panel.querySelector("input:not([type=hidden]):not(.photo-input), select, textarea, button")?.focus({ preventScroll: true });
}
addEventListener("hashchange", openNamed);
document.querySelector(".action-bar a")?.addEventListener("click", () => setTimeout(openNamed));
openNamed();

// A form that came back is where the person goes on.
document.querySelector(".action-form [role=alert]")?.scrollIntoView({ block: "center" });
