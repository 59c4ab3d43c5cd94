// Knows how somebody marks on a photo or the map what is missing, and shows what was marked on a map.

import { drawMarks, marksOnMap } from "./marks.js";
import { showPlace } from "./place.js";

const MOST = 30;
const MOST_POINTS = 80;
/** A shorter stroke is a slip of the finger, not a mark (pixels). */
const SLIP = 6;

// --- what was drawn on a map -----------------------------------------------------------------
function overlay(box) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.classList.add("map-marks");
  svg.setAttribute("aria-hidden", "true");
  box.append(svg);
  return svg;
}

async function showDrawn(box) {
  const shapes = JSON.parse(box.dataset.drawnMap);
  const around = shapes.flatMap((shape) => shape.points.map(([lon, lat]) => [lat, lon]));
  const map = await showPlace(box, around);
  if (map) marksOnMap(map, overlay(box), () => shapes);
}
for (const box of document.querySelectorAll("[data-drawn-map]")) {
  const folded = box.closest("details:not([open])");
  if (folded) folded.addEventListener("toggle", () => showDrawn(box), { once: true });
  else showDrawn(box);
}

// --- the board -------------------------------------------------------------------------------
/** Of a long stroke as many points as say its form. */
function thinned(points) {
  if (points.length <= MOST_POINTS) return points;
  const step = (points.length - 1) / (MOST_POINTS - 1);
  return Array.from({ length: MOST_POINTS }, (_, place) => points[Math.round(place * step)]);
}

class Board {
  constructor(root) {
    this.root = root;
    this.text = root.dataset;
    this.input = document.getElementById(root.dataset.board);
    this.words = root.querySelector("[data-board-text]");
    this.status = root.querySelector("[data-board-status]");
    this.stages = Object.fromEntries([...root.querySelectorAll("[data-board-stage]")].map((stage) => [stage.dataset.boardStage, stage]));
    this.shapes = [];
    this.stroke = null;
    this.on = this.stages.photo ? "photo" : "map";
    if (!this.stages[this.on]) return;
    this.restore();
    root.hidden = false;
    this.listen();
    this.take("line");
    this.switchTo(this.on);
  }

  restore() {
    let kept = null;
    try { kept = JSON.parse(this.input.value); } catch { /* nothing was drawn before */ }
    if (!Array.isArray(kept?.shapes)) return;
    const known = kept.on === "map" ? "map" : kept.on === this.text.photo ? "photo" : null;
    if (!known || !this.stages[known]) return;
    this.on = known;
    this.shapes = kept.shapes;
  }

  listen() {
    for (const button of this.root.querySelectorAll("[data-board-tool]")) button.addEventListener("click", () => this.take(button.dataset.boardTool));
    for (const button of this.root.querySelectorAll("[data-board-on]")) button.addEventListener("click", () => this.ask(button.dataset.boardOn));
    this.root.querySelector("[data-board-undo]").addEventListener("click", () => { this.shapes.pop(); this.changed(); });
    this.root.querySelector("[data-board-clear]").addEventListener("click", () => { this.shapes = []; this.changed(); });
    this.words.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
    for (const stage of Object.values(this.stages)) {
      const svg = stage.querySelector(":scope > svg");
      svg.addEventListener("pointerdown", (event) => this.begin(event, svg));
      svg.addEventListener("pointermove", (event) => this.follow(event, svg));
      svg.addEventListener("pointerup", (event) => this.finish(event, svg));
      svg.addEventListener("pointercancel", () => { this.stroke = null; this.draw(); });
    }
    // a board in a folded panel has no size before it is opened
    this.root.closest("details")?.addEventListener("toggle", () => this.open());
  }

  take(tool) {
    this.tool = tool;
    for (const button of this.root.querySelectorAll("[data-board-tool]")) button.setAttribute("aria-pressed", String(button.dataset.boardTool === tool));
    this.root.querySelector("[data-board-words]").hidden = tool !== "text";
    this.root.classList.toggle("is-moving", tool === "move");
    if (tool === "text") this.words.focus({ preventScroll: true });
  }

  ask(on) {
    if (on === this.on) return;
    if (this.shapes.length && this.warned !== on) {
      this.warned = on;
      this.status.textContent = this.text.textOther;
      return;
    }
    this.shapes = [];
    this.switchTo(on);
  }

  switchTo(on) {
    this.on = on;
    this.warned = null;
    for (const [name, stage] of Object.entries(this.stages)) stage.hidden = name !== on;
    for (const button of this.root.querySelectorAll("[data-board-on]")) button.setAttribute("aria-pressed", String(button.dataset.boardOn === on));
    this.root.querySelector("[data-board-tool=move]").hidden = on !== "map";
    if (on !== "map" && this.tool === "move") this.take("line");
    this.open();
    this.changed();
  }

  async open() {
    if (this.on !== "map" || this.map || !this.root.offsetParent) return;
    const box = this.root.querySelector("[data-board-map]");
    const point = [Number(box.dataset.lat), Number(box.dataset.lon)];
    const near = 0.0006; // about 60 m: what one person sees from the spot
    this.map = showPlace(box, [[point[0] - near, point[1] - near], [point[0] + near, point[1] + near]]);
    this.map = await this.map;
    if (this.map) this.redraw = marksOnMap(this.map, this.stages.map.querySelector(":scope > svg"), () => this.shown());
  }

  /** Where the finger is, in the unit in which a drawing is stored. */
  place(event, svg) {
    const box = svg.getBoundingClientRect();
    const x = Math.min(Math.max(event.clientX - box.left, 0), box.width);
    const y = Math.min(Math.max(event.clientY - box.top, 0), box.height);
    if (this.on === "photo") return [Number((x / box.width).toFixed(4)), Number((y / box.height).toFixed(4))];
    const { lng, lat } = this.map.containerPointToLatLng([x, y]);
    return [Number(lng.toFixed(6)), Number(lat.toFixed(6))];
  }

  begin(event, svg) {
    if (event.button || !event.isPrimary || (this.on === "map" && !this.map?.getSize)) return;
    event.preventDefault();
    if (this.shapes.length >= MOST) { this.status.textContent = this.text.textFull; return; }
    const at = this.place(event, svg);
    if (this.tool === "text") { this.write(at); return; }
    svg.setPointerCapture(event.pointerId);
    this.stroke = { kind: this.tool, points: [at], from: [event.clientX, event.clientY], far: 0 };
  }

  write(at) {
    const text = this.words.value.trim();
    if (!text) {
      this.status.textContent = this.text.textFirst;
      this.words.focus({ preventScroll: true });
      return;
    }
    this.shapes.push({ kind: "text", points: [at], text });
    this.words.value = "";
    this.changed();
  }

  follow(event, svg) {
    if (!this.stroke) return;
    const { stroke } = this;
    stroke.far = Math.max(stroke.far, Math.hypot(event.clientX - stroke.from[0], event.clientY - stroke.from[1]));
    const at = this.place(event, svg);
    if (stroke.kind === "line") stroke.points.push(at);
    else stroke.points = [stroke.points[0], at];
    this.draw();
  }

  finish(event, svg) {
    if (!this.stroke) return;
    this.follow(event, svg);
    const { kind, points, far } = this.stroke;
    this.stroke = null;
    if (far >= SLIP) this.shapes.push({ kind, points: thinned(points) });
    this.changed();
  }

  shown() { return this.stroke ? [...this.shapes, this.stroke] : this.shapes; }

  draw() {
    if (this.on === "map") { this.redraw?.(); return; }
    const svg = this.stages.photo.querySelector(":scope > svg");
    const { width, height } = svg.viewBox.baseVal;
    drawMarks(svg, this.shown(), { project: ([x, y]) => [x * width, y * height], unit: 1, width, height });
  }

  changed() {
    this.draw();
    const count = this.shapes.length;
    const on = this.on === "map" ? "map" : this.text.photo;
    this.input.value = count ? JSON.stringify({ on, shapes: this.shapes }) : "";
    this.status.textContent = count ? this.text.textCount.replace("{n}", count) : this.text.textNone;
    for (const name of ["undo", "clear"]) this.root.querySelector(`[data-board-${name}]`).disabled = !count;
  }
}

for (const root of document.querySelectorAll("[data-board]")) root.board = new Board(root);
