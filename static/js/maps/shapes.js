// Knows how a task looks: one colour and one shape a state, the same on the map's canvas, in the legend and the list.

export const SVG = 'http://www.w3.org/2000/svg';
const CIRCLE = 'M-7 0a7 7 0 1 0 14 0a7 7 0 1 0 -14 0Z';
const DOT = 'M-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0 -5 0Z';
const SQUARE = 'M-6 -6H6V6H-6Z';
const TRIANGLE = 'M0 -8L8 6.5H-8Z';
const DIAMOND = 'M0 -8L8 0L0 8L-8 0Z';
const CHECK = 'M-6.5 0.5L-2 5.5L7 -5.5';
const BARS = 'M-6 -6.5H-1.5V6.5H-6ZM1.5 -6.5H6V6.5H1.5Z';
const CROSS = 'M-5.5 -5.5L5.5 5.5M-5.5 5.5L5.5 -5.5';
const RING = 'M-11 0a11 11 0 1 0 22 0a11 11 0 1 0 -22 0Z';
const AMBER = '#b45309';

const filled = (d, color) => [{ d, stroke: '#fff', width: 3 }, { d, fill: color }];
const lined = (d, color) => [{ d, stroke: '#fff', width: 6.5 }, { d, stroke: color, width: 3.5 }];
const hollow = (color) => [{ d: CIRCLE, stroke: '#fff', width: 5 }, { d: CIRCLE, fill: '#fff', stroke: color, width: 2.5 }];

/** What is drawn for each look, from the bottom up, around 0,0 in pixels. */
const LOOKS = {
  reported: hollow('#6b7280'),
  filed: filled(CIRCLE, '#475569'),
  dispatched: [...hollow('#0ea5e9'), { d: DOT, fill: '#0ea5e9' }],
  handling: filled(SQUARE, '#2563eb'),
  overdue: filled(TRIANGLE, '#dc2626'),
  submitted: filled(DIAMOND, '#7c3aed'),
  closed: lined(CHECK, '#15803d'),
  suspended: filled(BARS, '#92400e'),
  rejected: lined(CROSS, '#9ca3af'),
  merged: lined(CROSS, '#9ca3af'),
  cancelled: lined(CROSS, '#9ca3af'),
};
const SOON = [{ d: RING, stroke: '#fff', width: 4 }, { d: RING, stroke: AMBER, width: 2.5 }];

/** The name of a task's look: its state, or overdue. */
export const lookOf = (task) => (task.flag === 'overdue' ? 'overdue' : task.state);

/** What is drawn, from the bottom up. */
export function partsOf(look, isSoon) {
  const parts = LOOKS[look] || LOOKS.reported;
  return isSoon ? [...SOON, ...parts] : parts;
}

/** The look as an SVG element for legends and lists; `due_soon` alone is the ring. */
export function svgShape(look, isSoon = false) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '-13 -13 26 26');
  svg.setAttribute('width', '22');
  svg.setAttribute('height', '22');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  for (const part of look === 'due_soon' ? SOON : partsOf(look, isSoon)) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', part.d);
    path.setAttribute('fill', part.fill || 'none');
    if (part.stroke) path.setAttribute('stroke', part.stroke);
    if (part.width) path.setAttribute('stroke-width', part.width);
    svg.append(path);
  }
  return svg;
}
