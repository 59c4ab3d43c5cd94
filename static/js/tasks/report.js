// Knows how the report form works as one piece: place, hints, category, phrases, draft, sending.

import { locate } from "../locate.js";
import { CategoryPicker } from "./category.js";
import { Draft } from "./draft.js";
import { pickersIn } from "./photos.js";
import { PinMap } from "./pin.js";

const PHRASES_SHOWN = 6;
const ROUGH_M = 100;

const form = document.getElementById("report-form");
const fields = form.elements;
const at = (id) => document.getElementById(id);
const status = at("place-status");
const words = status.dataset;
let photoPlace = null;

const later = (task, wait) => {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(task, wait);
  };
};

// place
const map = new PinMap(at("report-map"), ({ lon, lat }) => setPlace({ lon, lat, method: "pin" }));

function setPlace({ lon, lat, accuracy = null, method }, { keepCoords = false } = {}) {
  fields.lon.value = lon.toFixed(7);
  fields.lat.value = lat.toFixed(7);
  fields.accuracy_m.value = accuracy === null ? "" : accuracy.toFixed(1);
  fields.pos_method.value = method;
  if (!keepCoords) fields.coords.value = "";
  at("coords-problem").hidden = true;
  if (method === "pin") map.forgetAccuracy();
  tellPlace();
  askSoon();
  saveSoon();
}

function tellPlace() {
  if (!fields.lon.value) {
    status.textContent = words.none;
    return;
  }
  const told = { pin: words.pin, gps: words.gps, photo: words.photo, typed: words.typed }[fields.pos_method.value] ?? words.pin;
  const parts = [`${told} ${Number(fields.lon.value).toFixed(5)}, ${Number(fields.lat.value).toFixed(5)}`];
  const accuracy = Number(fields.accuracy_m.value);
  if (accuracy) parts.push(words.accuracy.replace("{n}", Math.round(accuracy)));
  if (accuracy > ROUGH_M) parts.push(words.rough);
  status.textContent = parts.join(" · ");
}

const locateButton = at("locate");
locateButton.hidden = false;
locateButton.addEventListener("click", async () => {
  locateButton.disabled = true;
  status.textContent = locateButton.dataset.busy;
  try {
    const found = await locate();
    map.show(found);
    setPlace({ ...found, method: "gps" });
  } catch (reason) {
    status.textContent = locateButton.dataset[reason] ?? locateButton.dataset.unavailable;
  } finally {
    locateButton.disabled = false;
  }
});

function offerPhotoPlace(photo, name) {
  if (photo.lon === null || name !== "before_photos") return;
  photoPlace = { lon: photo.lon, lat: photo.lat };
  at("use-photo").hidden = false;
}
form.addEventListener("photos:added", ({ detail, target }) => offerPhotoPlace(detail, target.dataset.name));
// a photo may have arrived before this script did
for (const element of form.querySelectorAll("[data-photo-picker]")) {
  for (const { answer } of element.picker?.items ?? []) if (answer) offerPhotoPlace(answer, element.dataset.name);
}
at("use-photo").addEventListener("click", () => {
  map.show(photoPlace);
  setPlace({ ...photoPlace, method: "photo" });
});

const readCoords = later(async () => {
  const problem = at("coords-problem");
  problem.hidden = true;
  if (!fields.coords.value.trim()) return;
  const found = await ask("coords", { coords: fields.coords.value, coord_sys: fields.coord_sys.value });
  if (found?.message) {
    problem.textContent = found.message;
    problem.hidden = false;
  } else if (found && found.lon !== null) {
    map.show(found);
    setPlace({ lon: found.lon, lat: found.lat, method: "typed" }, { keepCoords: true });
  }
}, 500);
fields.coords.addEventListener("input", readCoords);
fields.coord_sys.addEventListener("change", readCoords);

// hints
const asking = {};

/** The answer for the newest question of a `kind`; questions of another kind are left to finish. */
async function ask(kind, query) {
  asking[kind]?.abort();
  asking[kind] = new AbortController();
  const wanted = { category: fields.category_id.value, community: fields.community_code.value, point: form.elements.point_code?.value, ...query };
  const search = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value));
  try {
    const answer = await fetch(`${form.dataset.hintsUrl}?${search}`, { headers: { "X-Requested-With": "fetch" }, signal: asking[kind].signal });
    return await answer.json();
  } catch {
    return null; // offline or overtaken: the report can be sent without hints
  }
}

const askSoon = later(async () => {
  const query = fields.lon.value ? { lon: fields.lon.value, lat: fields.lat.value } : {};
  const found = await ask("hints", query);
  if (found?.html !== undefined) at("report-hints").innerHTML = found.html;
}, 300);

at("report-hints").addEventListener("click", (event) => {
  const chip = event.target.closest("[data-point]");
  if (!chip) return;
  let kept = form.elements.point_code;
  if (!kept) {
    kept = Object.assign(document.createElement("input"), { type: "hidden", name: "point_code" });
    form.append(kept);
  }
  const isChosen = kept.value === chip.dataset.point;
  kept.value = isChosen ? "" : chip.dataset.point;
  for (const other of at("report-hints").querySelectorAll("[data-point]")) other.setAttribute("aria-pressed", String(other === chip && !isChosen));
});

// category and phrases
const category = new CategoryPicker(at("category-picker"));
const phrases = JSON.parse(at("report-phrases").textContent);

function drawPhrases() {
  const code = fields.category_id.selectedOptions[0]?.dataset.code;
  const fitting = phrases.filter(([key]) => !code || key === code);
  at("phrases").replaceChildren(...fitting.slice(0, PHRASES_SHOWN).map(([key, text]) => {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.className = "pick-chip";
    chip.textContent = text;
    chip.addEventListener("click", () => usePhrase(key, text));
    return chip;
  }));
}

function usePhrase(code, text) {
  const typed = fields.description.value.trimEnd();
  if (!typed.includes(text)) fields.description.value = typed ? `${typed}；${text}` : text;
  if (!fields.category_id.value) {
    const option = Array.from(fields.category_id.options).find((other) => other.dataset.code === code);
    if (option) category.choose(option.value, { focus: false });
  }
  fields.description.focus();
  saveSoon();
}

fields.category_id.addEventListener("change", () => {
  drawPhrases();
  askSoon();
});
fields.community_code.addEventListener("change", askSoon);
drawPhrases();

// settled on the spot
const send = at("send");

function showMode() {
  const settled = fields.mode?.value === "self_handle";
  if (at("self-handle")) at("self-handle").hidden = !settled;
  send.textContent = settled ? send.dataset.handle : send.dataset.report;
}
for (const radio of form.querySelectorAll("input[name=mode]")) radio.addEventListener("change", showMode);

// draft
const photos = Object.fromEntries(pickersIn(form).map((picker) => [picker.element.dataset.name, picker]));
const draft = new Draft(form, { owner: form.dataset.owner, photos, onRestore: showAll });

// what is typed now must not overwrite a draft that is on offer and not yet answered
let offering = false;

function saveSoon() {
  if (offering) return;
  draft.saveSoon(() => { at("draft-state").textContent = at("draft-state").dataset.saved; });
}

function showAll() {
  category.showChosen();
  drawPhrases();
  showMode();
  tellPlace();
  if (fields.lon.value) map.show({ lon: Number(fields.lon.value), lat: Number(fields.lat.value), accuracy: Number(fields.accuracy_m.value) });
  if (fields.lon.value || fields.category_id.value) askSoon();
}

function offerDraft() {
  const kept = form.dataset.fresh === "1" ? draft.read() : null;
  if (!kept) return;
  const offer = at("draft-offer");
  const answered = (act) => () => {
    offering = false;
    offer.hidden = true;
    act();
  };
  offering = true;
  offer.hidden = false;
  offer.querySelector("[data-draft-when]").textContent = new Date(kept.at).toLocaleString(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  offer.querySelector("[data-draft-restore]").addEventListener("click", answered(() => draft.restore()));
  offer.querySelector("[data-draft-drop]").addEventListener("click", answered(() => draft.forget()));
}

form.addEventListener("input", saveSoon);
form.addEventListener("photos:changed", saveSoon);
form.addEventListener("change", saveSoon);
window.addEventListener("pagehide", () => draft.saveWaiting());
document.addEventListener("visibilitychange", () => document.hidden && draft.saveWaiting());

// sending; that a form is sent only once is seen to on every page
form.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (!offering) draft.save();
  send.textContent = send.dataset.busy;
});
window.addEventListener("pageshow", (event) => event.persisted && showMode()); // back from the task

showMode();
offerDraft();
map.ready.then(() => { if (fields.lon.value || fields.coords.value) showAll(); });
if (fields.coords.value) readCoords();
at("errors")?.focus();
