// Knows the pieces of a legend of shaded areas: its box on the map, a swatch, the hatch of "no data".

import { element, fill } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

/** The canvas pattern of areas without data. */
export const hatch = (() => {
  const canvas = element('canvas');
  canvas.width = canvas.height = 8;
  const context = canvas.getContext('2d');
  context.fillStyle = '#f3f4f6';
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = '#9ca3af';
  context.lineWidth = 1.2;
  for (const offset of [-8, 0, 8]) {
    context.moveTo(offset, 8);
    context.lineTo(offset + 8, 0);
  }
  context.stroke();
  return context.createPattern(canvas, 'repeat');
})();

/** The box of a legend, in the lower right corner of the map. */
export const Legend = L.Control.extend({
  options: { position: 'bottomright' },
  onAdd() {
    this.box = element('section', 'shade-legend');
    L.DomEvent.disableClickPropagation(this.box);
    return this.box;
  },
});

/** A small rectangle in a colour, or hatched. */
export function swatch(color, isHatched = false) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('width', 22);
  svg.setAttribute('height', 14);
  svg.setAttribute('aria-hidden', 'true');
  const box = document.createElementNS(SVG, 'rect');
  const values = { x: 0.5, y: 0.5, width: 21, height: 13, fill: isHatched ? '#f3f4f6' : color, stroke: '#94a3b8' };
  Object.entries(values).forEach(([name, value]) => box.setAttribute(name, value));
  svg.append(box);
  if (isHatched) {
    const lines = document.createElementNS(SVG, 'path');
    lines.setAttribute('d', 'M1 13L13 1M9 13L21 1');
    lines.setAttribute('stroke', '#9ca3af');
    svg.append(lines);
  }
  return svg;
}

/** One line: swatch, range, how many areas; `texts.communities` holds {n}. */
export function legendRow(color, words, count, texts, isHatched = false) {
  const line = element('li');
  line.append(swatch(color, isHatched), element('span', 'shade-range', words), element('span', 'shade-count', fill(texts.communities, { n: count })));
  return line;
}

/** What marks mean: [mark, words] each. */
export function marked(rows) {
  const list = element('ul', 'shade-looks');
  for (const [mark, words] of rows) {
    const row = element('li');
    row.append(mark, element('span', '', words));
    list.append(row);
  }
  return list;
}
