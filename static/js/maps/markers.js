// Knows the marks on the map's canvases and the icons of clusters.

import { SVG, partsOf } from './shapes.js';

const drawn = new Map();
const path2d = (d) => drawn.get(d) || (drawn.set(d, new Path2D(d)), drawn.get(d));

/** Draws a task on a canvas. */
export function drawShape(context, { x, y }, look, isSoon) {
  context.save();
  context.translate(x, y);
  context.lineJoin = 'round';
  context.lineCap = 'round';
  for (const part of partsOf(look, isSoon)) {
    if (part.stroke) {
      context.strokeStyle = part.stroke;
      context.lineWidth = part.width;
      context.stroke(path2d(part.d));
    }
    if (part.fill) {
      context.fillStyle = part.fill;
      context.fill(path2d(part.d));
    }
  }
  context.restore();
}

const short = new Intl.NumberFormat(document.documentElement.lang || 'zh-CN', { notation: 'compact', maximumFractionDigits: 1 });

/** Draws a circle with a number, as a cluster is drawn; squares count something else. */
export function drawCount(context, { x, y, r, count }, { color = '#64748b', isSquare = false } = {}) {
  context.beginPath();
  if (isSquare) context.rect(x - r, y - 9, 2 * r, 18);
  else context.arc(x, y, r - 2, 0, 2 * Math.PI);
  context.fillStyle = '#fff';
  context.fill();
  context.strokeStyle = color;
  context.lineWidth = 3.5;
  context.stroke();
  context.fillStyle = '#1f2937';
  context.font = `600 ${count > 999 ? 11 : 13}px system-ui, sans-serif`;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(short.format(count), x, y + 0.5);
}

/** A Leaflet marker on the map's canvas: ten thousand of them are ten thousand drawings and no element. */
export const ShapeMarker = L.CircleMarker.extend({
  options: { radius: 11, weight: 3, look: 'reported', isSoon: false },
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    drawShape(renderer._ctx, this._point, this.options.look, this.options.isSoon);
  },
});

/** The icon of a cluster: how many, and as a red part of the ring how many of them are overdue. */
export const ClusterIcon = L.Icon.extend({
  options: { iconSize: [42, 42], className: 'task-cluster', count: 0, late: 0, label: '' },
  createIcon() {
    const box = document.createElement('div');
    this._setIconStyles(box, 'icon');
    box.setAttribute('aria-label', this.options.label);
    box.append(clusterShape(this.options.count, this.options.late));
    return box;
  },
  createShadow: () => null,
});

function clusterShape(count, late) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '-21 -21 42 42');
  svg.setAttribute('aria-hidden', 'true');
  const around = 2 * Math.PI * 17;
  const ring = (color, length, fill) => {
    const circle = document.createElementNS(SVG, 'circle');
    const values = { r: 17, fill, stroke: color, 'stroke-width': 4.5, 'stroke-dasharray': `${length} ${around}`, transform: 'rotate(-90)' };
    Object.entries(values).forEach(([name, value]) => circle.setAttribute(name, value));
    svg.append(circle);
  };
  ring('#94a3b8', around, '#fff');
  if (late) ring('#dc2626', Math.max((late / count) * around, 3), 'none');
  const text = document.createElementNS(SVG, 'text');
  const values = { 'text-anchor': 'middle', y: 5, 'font-size': count > 999 ? 12 : 14, 'font-weight': 600, fill: '#1f2937' };
  Object.entries(values).forEach(([name, value]) => text.setAttribute(name, value));
  text.textContent = count;
  svg.append(text);
  return svg;
}
