// Knows how the photo before the work lies over the one after it, with an edge that is moved by hand, key or finger.

const box = document.querySelector("[data-compare]");
const beside = document.querySelector("[data-compare-beside]");
const stage = box.querySelector("[data-compare-stage]");
const range = box.querySelector("[data-compare-range]");
const layers = { before: box.querySelector("[data-compare-before]"), after: box.querySelector("[data-compare-after]") };
/** Tall and wide photos keep their shape between these; the rest of the stage stays dark. */
const SLIMMEST = 3 / 4;
const WIDEST = 16 / 9;

function moveEdge() {
  stage.style.setProperty("--edge", `${range.value}%`);
  range.setAttribute("aria-valuetext", range.dataset.words.replace("{n}", range.value));
}

/** Put one photo on the stage; its own shape is kept, and the stage takes that of the photo before. */
function lay(button) {
  const phase = button.dataset.comparePick;
  for (const other of box.querySelectorAll(`[data-compare-pick="${phase}"]`)) other.setAttribute("aria-pressed", String(other === button));
  layers[phase].src = button.dataset.src;
  if (phase === "before") {
    const shape = Number(button.dataset.width) / Number(button.dataset.height) || 4 / 3;
    stage.style.aspectRatio = String(Math.min(WIDEST, Math.max(SLIMMEST, shape)));
  }
}

function show(mode) {
  for (const button of box.querySelectorAll("[data-compare-mode]")) button.setAttribute("aria-pressed", String(button.dataset.compareMode === mode));
  box.classList.toggle("is-beside", mode === "beside");
  beside.hidden = mode !== "beside";
}

box.addEventListener("click", (event) => {
  const mode = event.target.closest("[data-compare-mode]");
  const pick = event.target.closest("[data-compare-pick]");
  if (mode) show(mode.dataset.compareMode);
  else if (pick) lay(pick);
  else if (event.target.closest("[data-compare-large]")) beside.querySelector("a").click();
});
range.addEventListener("input", moveEdge);

for (const phase of ["before", "after"]) lay(box.querySelector(`[data-compare-pick="${phase}"][aria-pressed="true"]`));
range.value = "50"; // a browser that comes back would keep another
moveEdge();
box.hidden = false;
show("slide");
