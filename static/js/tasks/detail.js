// Knows what a task page shows large: where it is, its photos, a long description.

import { showPlace } from "./place.js";

const place = document.querySelector("[data-task-place]");
if (place) showPlace(place);

// --- the photos ------------------------------------------------------------------------------
const gallery = document.getElementById("gallery-dialog");
const image = gallery?.querySelector("[data-gallery-image]");
let shown = [];
let current = 0;

function show(index) {
  current = (index + shown.length) % shown.length;
  const picture = shown[current].querySelector("img");
  const when = shown[current].querySelector(".photo-when")?.textContent.trim() ?? "";
  image.src = shown[current].href;
  image.alt = picture.alt;
  gallery.querySelector("[data-gallery-words]").textContent = [picture.alt, when, `${current + 1} / ${shown.length}`].filter(Boolean).join(" · ");
  for (const button of gallery.querySelectorAll("[data-gallery-step]")) button.hidden = shown.length < 2;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-gallery] a");
  if (!link || !gallery?.showModal || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  shown = [...link.closest("[data-gallery]").querySelectorAll("a")];
  show(shown.indexOf(link));
  gallery.showModal();
});
gallery?.addEventListener("click", (event) => {
  const step = event.target.closest("[data-gallery-step]");
  if (step) show(current + Number(step.dataset.galleryStep));
  else if (event.target === gallery || event.target.closest("[data-gallery-close]")) gallery.close();
});
gallery?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(current + step);
});
gallery?.addEventListener("close", () => image.removeAttribute("src"));

// --- a long description ----------------------------------------------------------------------
/** Folds a text of more lines than the style sheet shows; without scripts it stands whole. */
function startFold(button) {
  const text = document.getElementById(button.dataset.fold);
  const more = button.textContent;
  text.classList.add("is-folded");
  // one line more than fits is no reason to fold
  const line = parseFloat(getComputedStyle(text).lineHeight);
  if (text.scrollHeight <= text.clientHeight + line) {
    text.classList.remove("is-folded");
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    const isFolded = text.classList.toggle("is-folded");
    button.setAttribute("aria-expanded", String(!isFolded));
    button.textContent = isFolded ? more : button.dataset.less;
  });
}
for (const button of document.querySelectorAll("[data-fold]")) startFold(button);
