// Knows how the office works its queue: one key a step, the next case at once, nothing reloads in between.

import { liven } from "../tasks/actions.js";
import { pickersIn } from "../tasks/photos.js";
import { filterable } from "./choosing.js";

const desk = document.querySelector("[data-desk]");
const pane = desk.querySelector("[data-case]");
const list = desk.querySelector("[data-rows]");
const told = document.querySelector("[data-told]");
const help = document.getElementById("desk-keys");
/** On a phone the links lead on; list and case do not fit beside each other. */
const isNarrow = matchMedia("(max-width: 767.98px)");
const removed = new Map();
let busy = false;
let asking = 0;

const rows = () => (list ? [...list.querySelectorAll("[data-row]")] : []);
const article = () => pane.querySelector("[data-number]");
const rowOf = (number) => rows().find((row) => row.dataset.row === number);

function say(text, isBad = false) {
  told.textContent = text;
  told.classList.toggle("is-bad", isBad);
}

/** Puts a case into the pane; `html` comes escaped from the server. */
function lay(html) {
  pane.innerHTML = html;
  liven(pane);
  pickersIn(pane);
  for (const select of pane.querySelectorAll("select[name=category_id], select[name=unit_id]")) filterable(select, { find: desk.dataset.find, missing: desk.dataset.missing });
  const number = article()?.dataset.number;
  for (const row of rows()) {
    const isHere = row.dataset.row === number;
    row.classList.toggle("is-here", isHere);
    const link = row.querySelector("a");
    if (isHere) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isHere) row.scrollIntoView({ block: "nearest" });
  }
  pane.scrollTop = 0;
  const wrong = pane.querySelector(".action-form [role=alert], .desk-stale");
  (wrong?.closest("form")?.querySelector("[aria-invalid]") ?? pane.querySelector("[data-title]"))?.focus({ preventScroll: !wrong });
  if (rows().length < 8) more();
}

async function get(url) {
  const answer = await fetch(url, { headers: { "X-Requested-With": "fetch", Accept: "text/html" } });
  if (answer.redirected || !answer.ok) throw new Error(answer.redirected ? desk.dataset.signedOut : desk.dataset.failed);
  return answer.text();
}

async function open(number) {
  const mine = ++asking;
  try {
    const html = await get(desk.dataset.cases.replace("NUMBER", encodeURIComponent(number)));
    if (mine !== asking) return;
    lay(html);
    history.replaceState(null, "", rowOf(number)?.querySelector("a").href ?? location.href);
  } catch (error) {
    if (mine === asking) say(error.message, true);
  }
}

/** The next page of the queue is put behind the last row before the list runs out. */
async function more() {
  const foot = list?.querySelector("[data-more]");
  if (!foot || foot.dataset.busy) return;
  foot.dataset.busy = "1";
  try {
    const html = await get(foot.dataset.more);
    foot.insertAdjacentHTML("afterend", html);
    foot.remove();
  } catch {
    delete foot.dataset.busy; // the link is still there
  }
}

function after(number) {
  const all = rows();
  const here = all.findIndex((row) => row.dataset.row === number);
  return (all[here + 1] ?? all[here - 1])?.dataset.row ?? "";
}

async function send(form, submitter) {
  if (busy) return;
  busy = true;
  form.setAttribute("aria-busy", "true");
  const number = article()?.dataset.number ?? "";
  try {
    await form.proposing;
    const body = new FormData(form, submitter);
    body.set("next", after(number));
    const answer = await fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch", Accept: "application/json" } });
    if (answer.redirected) throw new Error(desk.dataset.signedOut);
    const said = await answer.json();
    if (said.case === undefined) throw new Error(said.message || desk.dataset.failed);
    take(said, form, number);
  } catch (error) {
    form.removeAttribute("aria-busy");
    say(error instanceof TypeError || error instanceof SyntaxError ? desk.dataset.failed : error.message, true);
  } finally {
    busy = false;
  }
}

function take(said, form, number) {
  for (const [key, words] of Object.entries(said.counts)) {
    const mark = document.querySelector(`[data-count="${key}"]`);
    if (mark) mark.textContent = words;
  }
  if (said.told) {
    told.innerHTML = said.told;
    told.classList.remove("is-bad");
  } else say("");
  const row = rowOf(number);
  if (said.left && row) {
    removed.set(number, { row, before: row.nextElementSibling });
    row.remove();
  }
  if ("undo" in form.dataset) bringBack(said.number);
  asking += 1;
  lay(said.case);
  const link = said.number && rowOf(said.number)?.querySelector("a");
  if (link) history.replaceState(null, "", link.href);
}

/** A case whose step was taken back stands in the list where it stood. */
function bringBack(number) {
  const kept = removed.get(number);
  if (!kept || !list) return;
  removed.delete(number);
  if (kept.before?.isConnected) kept.before.before(kept.row);
  else list.prepend(kept.row);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !(form.closest("[data-case]") || "undo" in form.dataset)) return;
  event.preventDefault();
  send(form, event.submitter);
});

list?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-row] > a");
  if (!link || isNarrow.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open(link.closest("[data-row]").dataset.row);
});
list?.addEventListener("click", (event) => {
  if (!event.target.closest("[data-more] a")) return;
  event.preventDefault();
  more();
});
document.addEventListener("click", (event) => event.target.closest("[data-keys]") && help.showModal());

// --- choosing many ------------------------------------------------------------------------------

const ticks = () => rows().map((row) => row.querySelector("[name=chosen]"));
desk.querySelector("[data-all]")?.addEventListener("change", (event) => {
  for (const tick of ticks()) tick.checked = event.target.checked;
});
let lastTick = null;
list?.addEventListener("click", (event) => {
  if (!event.target.matches("[name=chosen]")) return;
  const all = ticks();
  if (event.shiftKey && lastTick && all.includes(lastTick)) {
    const [from, to] = [all.indexOf(lastTick), all.indexOf(event.target)].sort((a, b) => a - b);
    for (const tick of all.slice(from, to + 1)) tick.checked = event.target.checked;
  }
  lastTick = event.target;
});

// --- keys ---------------------------------------------------------------------------------------

const primary = () => pane.querySelector("[data-primary]");

function focusIn(box, selector) {
  if (box?.tagName === "DETAILS") box.open = true;
  const field = box?.querySelector(selector);
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

/** Opens the panel of a key and stands at its first field. */
const unfold = (key) => focusIn(pane.querySelector(`[data-key="${key}"]`), "input:not([type=hidden]):not([type=file]), select, textarea, button");

function step(by) {
  const all = rows();
  const here = all.findIndex((row) => row.dataset.row === article()?.dataset.number);
  const wanted = all[Math.max(0, Math.min(all.length - 1, here + by))];
  if (wanted && wanted !== all[here]) open(wanted.dataset.row);
  return true;
}

function carryOut() {
  const form = primary()?.querySelector("form");
  if (!form) return false;
  const unit = form.elements.namedItem("unit_id");
  if (unit && !unit.value) {
    say(desk.dataset.noUnit, true);
    return focusIn(primary(), "[data-filter-of=unit_id]");
  }
  if (form.checkValidity()) form.requestSubmit(form.querySelector("button[name=then]") ?? form.querySelector(".action-buttons button"));
  else form.reportValidity();
  return true;
}

function tick() {
  const box = rowOf(article()?.dataset.number)?.querySelector("[name=chosen]");
  if (box) box.checked = !box.checked;
  return Boolean(box);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  1: carryOut,
  c: () => focusIn(primary(), "[data-filter-of=category_id]"),
  u: () => focusIn(primary(), "[data-filter-of=unit_id]"),
  l: () => focusIn(primary(), "[name=limit_value]"),
  x: () => unfold("x"),
  m: () => unfold("m"),
  z: () => { const form = told.querySelector("form"); form?.requestSubmit(); return Boolean(form); },
  s: tick,
  "?": () => { help.showModal(); return true; },
  Enter: () => { const link = pane.querySelector("[data-open]"); link?.click(); return Boolean(link); },
};

document.addEventListener("keydown", (event) => {
  // 229 is what browsers say for a key that an input method takes
  if (event.isComposing || event.keyCode === 229 || event.altKey) return;
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");
  const form = event.target.closest("[data-case] form");
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    if (!form) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("button[name=then]") ?? form.querySelector(".action-buttons button"));
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape" && form) {
    pane.querySelector("[data-title]")?.focus();
    return;
  }
  if (typing || event.target.closest("dialog")) {
    if (event.key === "?" && help.open) help.close();
    return;
  }
  // on a link or a button Enter presses it; on a choice the arrows and the space belong to it
  if (event.key === "Enter" && event.target.closest("a, button, summary, input")) return;
  if (!event.repeat || event.key === "j" || event.key === "k") {
    if (KEYS[event.key]?.()) event.preventDefault();
  }
});

lay(pane.innerHTML);
