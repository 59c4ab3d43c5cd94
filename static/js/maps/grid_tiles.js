// Draws the tasks of a map out of vector tiles: counted circles from far, the tasks themselves from near.

import { drawCount, drawShape } from './markers.js';
import { lookOf } from './shapes.js';
import { TileLayer, circlesOf, featuresOf } from './tile_layer.js';

const RADIUS = 11;

/** From this zoom on a tile holds single tasks; see tracker/maps/tile_queries.py. */
export const TASKS_FROM = 15;

const pane = window.gridMap.createPane('tasks');
pane.classList.add('task-pane');

/** The tasks of a tile, those that are overdue on top. */
function tasksOf(layer, scale) {
  const marks = [];
  for (const { properties: { number, state, band, due }, rings: [[{ x, y }]] } of featuresOf(layer, scale)) {
    const flag = band === 'overdue' || band === 'due_soon' ? band : '';
    marks.push({ x, y, r: RADIUS, task: { number, state, due: due || null, runs: band !== '', flag } });
  }
  return marks.sort((one, other) => (one.task.flag === 'overdue') - (other.task.flag === 'overdue'));
}

/** A layer of tasks; `options.open(task, latlng, others)` opens one, and says how many more lie there. */
export const GridTiles = TileLayer.extend({
  // Which of several on one spot was opened last.
  _last: null,

  // From far one tile is as wide as two are elsewhere: a quarter of the requests, and of the canvases.
  getTileSize() { return L.point(this._isWide() ? [512, 512] : [256, 256]); },

  addressOf({ x, y, z }) { return this._isWide(z) ? { x, y, z: z - 1 } : { x, y, z }; },

  _isWide(zoom = this._tileZoom) { return zoom > 0 && zoom < TASKS_FROM; },

  marksOf({ cells, tasks }, size) {
    if (cells) return circlesOf(cells, size / cells.extent, this._search.has('state') ? 'valid' : 'open');
    return tasks ? tasksOf(tasks, size / tasks.extent) : [];
  },

  paint(context, mark) {
    if (mark.task) drawShape(context, mark, lookOf(mark.task), mark.task.flag === 'due_soon');
    else drawCount(context, mark);
  },

  show(first, found) {
    // Several on one spot: each time the next one.
    const here = found.filter(({ task, distance }) => task && distance - first.distance < 1).sort((one, other) => (one.task.number < other.task.number ? -1 : 1));
    const next = here[(here.findIndex(({ task }) => task.number === this._last) + 1) % here.length];
    this._last = next.task.number;
    this.options.open(next.task, next.latlng, here.length - 1);
  },
});
