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

function showDeadlines(root) {
  for (const box of root.querySelectorAll("[data-limit]")) {
    const show = previewOf(box);
    box.addEventListener("change", (event) => event.target.name?.startsWith("limit_") && show());
    box.addEventListener("input", (event) => event.target.name === "limit_value" && show());
    box.showDeadline = show;
  }
}

function proposeFor(box) {
  const form = box.closest("form");
  let newest = 0;
  const propose = async (event) => {
    const mine = ++newest;
    const found = await ask(box.dataset.proposal, { category: event.target.value }).catch(() => null);
    if (!found || mine !== newest) return;
    for (const name of ["limit_value", "limit_unit", "limit_reading"]) input(form, name).value = found[name];
    if (found.unit_id) input(form, "unit_id").value = String(found.unit_id);
    const hint = document.getElementById(`${input(form, "unit_id").id}-help`);
    if (hint && found.suggestion) hint.textContent = found.suggestion;
    form.querySelector("[data-limit]").showDeadline();
  };
  // whoever sends the form at once waits for what is proposed
  box.addEventListener("change", (event) => {
    if (event.target.name === "category_id") form.proposing = propose(event);
  });
}

/** Makes the forms inside `root` answer: deadlines, proposals for a category. */
export function liven(root) {
  showDeadlines(root);
  for (const box of root.querySelectorAll("[data-proposal]")) proposeFor(box);
}
liven(document);

document.addEventListener("change", (event) => {
  const target = event.target.dataset?.fill && document.getElementById(event.target.dataset.fill);
  if (target) target.value = event.target.value;
});

// One's own last step can be taken back for a while: the seconds run, then the button goes away.
const undo = document.querySelector("[data-undo]");
if (undo) {
  const end = performance.now() + Number(undo.dataset.undo) * 1000;
  const left = undo.querySelector("[data-undo-left]");
  const run = () => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    if (seconds <= 0) {
      undo.hidden = true;
      for (const button of document.querySelectorAll("[data-undo-with]")) button.hidden = true;
      clearInterval(timer);
      return;
    }
    const span = undo.dataset.undoMinutes.replace("{m}", Math.floor(seconds / 60)).replace("{s}", String(seconds % 60).padStart(2, "0"));
    left.textContent = undo.dataset.undoWords.replace("{n}", span);
  };
  const timer = setInterval(run, 1000);
  run();
}

// A session may end while the words are on their way: after signing in again they stand in the form as before.
const owner = document.getElementById("actions")?.dataset.owner;
const keptUnder = (form) => `action-words:${owner}:${form.getAttribute("action")}`;
const isTyped = (field) => field.name && !["hidden", "file", "checkbox", "submit"].includes(field.type) && field.tagName !== "BUTTON" && (field.type !== "radio" || field.checked);

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
