// Draws what lies under the tasks of a map out of vector tiles: inspection points, and the ground of posts.

import { drawLook, lookAt, shapeOf } from '../points/looks.js';
import { swatch } from './legend.js';
import { drawCount } from './markers.js';
import { TileLayer, circlesOf, featuresOf } from './tile_layer.js';

const map = window.gridMap;
/** From this zoom on a tile holds single points; see tracker/maps/tile_queries.py. */
export const POINTS_FROM = 14;
/** From farther away the ground of posts is a blot. */
export const POSTS_FROM = 12;
/** Red and amber belong to deadlines. */
const POST_COLOURS = { polygon: '#7c3aed', segment: '#0e7490' };
const POINT_COUNT = '#0e7490';
const BESIDE = 34;

for (const [name, height] of [['posts', 440], ['points', 455]]) {
  const pane = map.createPane(name);
  pane.classList.add('task-pane');
  pane.style.zIndex = height;
}

/** Points lie where tasks lie: what counts them stands above the circle of the tasks, or below at the edge of a tile. */
const beside = (circle) => ({ ...circle, r: 15, y: circle.y + (circle.y > BESIDE ? -BESIDE : BESIDE) });

/** Points; `options.groups` are the groups of site types in their order, `options.open(code)` opens one. */
export const PointTiles = TileLayer.extend({
  options: { pane: 'points' },

  marksOf({ cells, points }, size) {
    if (cells) return circlesOf(cells, size / cells.extent, 'open').map(beside);
    const marks = points ? [...featuresOf(points, size / points.extent)] : [];
    return marks.map(({ properties: { code, group, overdue }, rings: [[{ x, y }]] }) => ({
      x, y, r: 10, code, look: lookAt(this.options.groups.indexOf(group)), overdue: Boolean(overdue),
    }));
  },

  paint(context, mark) {
    if (mark.count) drawCount(context, mark, { color: POINT_COUNT, isSquare: true });
    else drawLook(context, mark, mark.look, mark);
  },

  show({ code }) { this.options.open(code); },

  /** [mark, words] of the legend; `labels` are the words of the groups. */
  looks: (labels, texts) => [...labels.map((label, index) => [shapeOf(lookAt(index)), label]), [shapeOf(lookAt(0), { overdue: true }), texts.visit_due]],
});

/** A path of the rings of a feature, closed or not. */
function pathOf(rings, isClosed) {
  const path = new Path2D();
  for (const ring of rings) {
    ring.forEach(({ x, y }, index) => (index ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (isClosed) path.closePath();
  }
  return path;
}

/** The ground that posts answer for; `options.open(code)` opens one. */
export const PostTiles = TileLayer.extend({
  options: { pane: 'posts', minZoom: POSTS_FROM },

  marksOf({ responsibility: layer }, size) {
    const marks = layer ? [...featuresOf(layer, size / layer.extent)] : [];
    return marks.map(({ properties: { code, kind }, rings }) => ({ ...rings[0][0], code, kind, path: pathOf(rings, kind === 'polygon') }))
      // A segment goes before the ground it lies on.
      .sort((one, other) => (one.kind === 'segment') - (other.kind === 'segment'));
  },

  paint(context, { path, kind }) {
    const isGround = kind === 'polygon';
    const { x, y } = this.getTileSize();
    context.save();
    // What goes on in the next tile is drawn there: twice over each other it would be darker.
    context.beginPath();
    context.rect(0, 0, x, y);
    context.clip();
    context.strokeStyle = context.fillStyle = POST_COLOURS[kind];
    context.lineWidth = isGround ? 2 : 4.5;
    context.lineJoin = context.lineCap = 'round';
    context.globalAlpha = 0.16;
    if (isGround) context.fill(path);
    context.globalAlpha = 0.85;
    context.stroke(path);
    context.restore();
  },

  distance({ path, kind }, x, y, reach) {
    this._scratch ??= document.createElement('canvas').getContext('2d');
    if (kind === 'polygon') return this._scratch.isPointInPath(path, x, y) ? 1 : null;
    this._scratch.lineWidth = 6 + 2 * reach;
    return this._scratch.isPointInStroke(path, x, y) ? 0 : null;
  },

  show({ code }) { this.options.open(code); },

  /** [mark, words] of the legend. */
  looks: (texts) => Object.entries(POST_COLOURS).map(([kind, color]) => [swatch(color), texts[kind]]),
});
