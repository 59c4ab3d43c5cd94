// Knows how a group of site types looks on the map: a colour and a shape for each, the same in the legend.

import { SVG } from '../maps/shapes.js';

/** By the place of the group in the handbook; red and triangles belong to overdue tasks. */
const LOOKS = [
  { color: '#1d4ed8', d: 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0Z' },
  { color: '#475569', d: 'M-6 -6H6V6H-6Z' },
  { color: '#7c3aed', d: 'M0 -8L8 0L0 8L-8 0Z' },
  { color: '#15803d', d: 'M0 -7.5L7.2 -2.3L4.5 6.2H-4.5L-7.2 -2.3Z' },
  { color: '#0e7490', d: 'M-4 -7H4L8 0L4 7H-4L-8 0Z' },
  { color: '#be185d', d: 'M-2.6 -7.5H2.6V-2.6H7.5V2.6H2.6V7.5H-2.6V2.6H-7.5V-2.6H-2.6Z' },
  { color: '#92400e', d: 'M-7 -1L0 -8L7 -1V7H-7Z' },
  { color: '#0284c7', d: 'M0 -8.5C4 -3 6 -0.5 6 2.2A6 6 0 0 1 -6 2.2C-6 -0.5 -4 -3 0 -8.5Z' },
];
const DUE = '#b45309';

/** The look of the group at this place; further groups begin again. */
export const lookAt = (place) => LOOKS[(place < 0 ? 1 : place) % LOOKS.length];

/** The shape as an SVG element; an amber ring says that a visit is due, pale that it is not in use. */
export function shapeOf(look, { overdue = false, retired = false } = {}) {
  const svg = document.createElementNS(SVG, 'svg');
  const values = { viewBox: '-12 -12 24 24', width: 24, height: 24, 'aria-hidden': 'true', focusable: 'false', opacity: retired ? 0.45 : 1 };
  Object.entries(values).forEach(([name, value]) => svg.setAttribute(name, value));
  const path = (attributes) => {
    const made = document.createElementNS(SVG, 'path');
    Object.entries({ d: look.d, 'stroke-linejoin': 'round', ...attributes }).forEach(([name, value]) => made.setAttribute(name, value));
    svg.append(made);
  };
  if (overdue) path({ fill: 'none', stroke: DUE, 'stroke-width': 7 });
  path({ fill: look.color, stroke: '#fff', 'stroke-width': 3, 'paint-order': 'stroke' });
  return svg;
}

const drawn = new Map();

/** Draws the shape on a canvas. */
export function drawLook(context, { x, y }, look, { overdue = false } = {}) {
  if (!drawn.has(look)) drawn.set(look, new Path2D(look.d));
  const path = drawn.get(look);
  context.save();
  context.translate(x, y);
  context.lineJoin = 'round';
  const edge = (color, width) => Object.assign(context, { strokeStyle: color, lineWidth: width }) && context.stroke(path);
  if (overdue) edge(DUE, 7);
  edge('#fff', 3);
  context.fillStyle = look.color;
  context.fill(path);
  context.restore();
}
