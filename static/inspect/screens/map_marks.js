// Knows how points and tasks look on the phone's map: tasks as on the desk's map, points by visited or not.

import { lookOf, partsOf } from "../../js/maps/shapes.js";
import { bandOf } from "./dates.js";

const PIN = "M0 11C-6 4 -9 0 -9 -4A9 9 0 1 1 9 -4C9 0 6 4 0 11Z";
const DOT = "M-3 -4a3 3 0 1 0 6 0a3 3 0 1 0 -6 0Z";
const TICK = "M-4 -4L-1 -1L4.5 -7";
const SVG = "http://www.w3.org/2000/svg";

const LOOKS = {
  open: [{ d: PIN, stroke: "#fff", width: 3 }, { d: PIN, fill: "#1d4ed8" }, { d: DOT, fill: "#fff" }],
  visited: [{ d: PIN, stroke: "#fff", width: 3 }, { d: PIN, fill: "#15803d" }, { d: TICK, stroke: "#fff", width: 2.5 }],
};

/** What is drawn for a point or a task, from the bottom up, around 0,0. */
export const partsOfPoint = (isVisited) => LOOKS[isVisited ? "visited" : "open"];
export const partsOfTask = (task) => {
  const band = bandOf(task);
  return partsOf(lookOf({ ...task, flag: band }), band === "due-soon");
};

/** The same drawing for a legend. */
export function legendMark(parts) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-13 -13 26 26");
  svg.setAttribute("class", "mark-key");
  svg.setAttribute("aria-hidden", "true");
  for (const part of parts) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", part.d);
    path.setAttribute("fill", part.fill ?? "none");
    if (part.stroke) path.setAttribute("stroke", part.stroke);
    if (part.width) path.setAttribute("stroke-width", part.width);
    svg.append(path);
  }
  return svg;
}

/** A class of markers drawn on the map's canvas: three thousand points are no elements. */
export function markKind(L) {
  const drawn = new Map();
  const shape = (d) => drawn.get(d) ?? drawn.set(d, new Path2D(d)).get(d);
  return L.CircleMarker.extend({
    options: { radius: 11, weight: 3, parts: [] },
    _updatePath() {
      if (!this._renderer._drawing || this._empty()) return;
      const context = this._renderer._ctx;
      context.save();
      context.translate(this._point.x, this._point.y);
      context.lineJoin = context.lineCap = "round";
      for (const part of this.options.parts) {
        if (part.stroke) {
          context.strokeStyle = part.stroke;
          context.lineWidth = part.width;
          context.stroke(shape(part.d));
        }
        if (part.fill) {
          context.fillStyle = part.fill;
          context.fill(shape(part.d));
        }
      }
      context.restore();
    },
  });
}
