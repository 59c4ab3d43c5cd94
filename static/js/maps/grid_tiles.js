// Draws the tasks of a map out of vector tiles: counted circles from far, the tasks themselves from near.

import { PbfReader } from '../../vendor/pbf/pbf.js';
import { VectorTile } from '../../vendor/vector-tile/vector-tile.js';
import { lonLatOf } from './ground.js';
import { drawCount, drawShape } from './markers.js';
import { lookOf } from './shapes.js';

const map = window.gridMap;
/** A circle counts a square this wide, pixels: as many as do not hide the map. */
const SQUARE = map.getSize().x < 600 ? 64 : 128;
/** What stands at the edge of a tile is drawn whole: its canvas is so much wider on each side. */
const MARGIN = 16;
const RADIUS = 11;

/** From this zoom on a tile holds single tasks; see tracker/maps/tile_queries.py. */
export const TASKS_FROM = 15;

const pane = map.createPane('tasks');
pane.classList.add('task-pane');

/** Tens are three pixels: a circle of a thousand is not a hundred times one of ten. */
const radiusOf = (count) => Math.min(12 + 4 * Math.log10(count), 26);

/** The cells of a tile as circles; of each square one, in the middle of what it counts. */
function circlesOf(layer, scale, measure) {
  const squares = new Map();
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    const count = feature.properties[measure];
    const [[{ x, y }]] = feature.loadGeometry();
    const [across, down] = [Math.floor((x * scale) / SQUARE), Math.floor((y * scale) / SQUARE)];
    const key = `${across}:${down}`;
    const sums = squares.get(key) || { across, down, count: 0, x: 0, y: 0 };
    sums.count += count;
    sums.x += x * scale * count;
    sums.y += y * scale * count;
    squares.set(key, sums);
  }
  return [...squares.values()].filter(({ count }) => count).map(({ across, down, count, x, y }) => {
    const r = radiusOf(count);
    // Within its square, so that no two circles lie on each other.
    const inside = (value, square) => Math.min(Math.max(value, square * SQUARE + r + 1), (square + 1) * SQUARE - r - 1);
    return { x: inside(x / count, across), y: inside(y / count, down), r, count };
  });
}

/** The tasks of a tile, those that are overdue on top. */
function tasksOf(layer, scale) {
  const marks = [];
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    const { number, state, band, due } = feature.properties;
    const [[{ x, y }]] = feature.loadGeometry();
    const flag = band === 'overdue' || band === 'due_soon' ? band : '';
    marks.push({ x: x * scale, y: y * scale, r: RADIUS, task: { number, state, due: due || null, runs: band !== '', flag } });
  }
  return marks.sort((one, other) => (one.task.flag === 'overdue') - (other.task.flag === 'overdue'));
}

function marksOf(buffer, size, measure) {
  const { cells, tasks } = new VectorTile(new PbfReader(buffer)).layers;
  if (cells) return circlesOf(cells, size / cells.extent, measure);
  return tasks ? tasksOf(tasks, size / tasks.extent) : [];
}

function paint(box, size, marks) {
  const canvas = document.createElement('canvas');
  const ratio = window.devicePixelRatio || 1;
  const side = size + 2 * MARGIN;
  Object.assign(canvas, { width: side * ratio, height: side * ratio });
  Object.assign(canvas.style, { position: 'absolute', left: `${-MARGIN}px`, top: `${-MARGIN}px`, width: `${side}px`, height: `${side}px` });
  const context = canvas.getContext('2d');
  context.scale(ratio, ratio);
  context.translate(MARGIN, MARGIN);
  for (const mark of marks) {
    if (mark.task) drawShape(context, mark, lookOf(mark.task), mark.task.flag === 'due_soon');
    else drawCount(context, mark);
  }
  box.append(canvas);
}

/** A layer of tiles; it asks for `url` with Z, X, Y in it, and `search` narrows it like a list. */
export const GridTiles = L.GridLayer.extend({
  options: { pane: 'tasks', updateWhenZooming: false, keepBuffer: 1, noWrap: true, maxNativeZoom: 20 },

  initialize(url, options) {
    this._url = url;
    L.setOptions(this, options);
    this._search = new URLSearchParams();
    // Which of several on one spot was opened last.
    this._last = null;
  },

  /** Narrows the layer by the query string of a list. */
  setSearch(search) {
    const wanted = new URLSearchParams(search);
    if (wanted.toString() === this._search.toString()) return;
    this._search = wanted;
    this.redraw();
  },

  createTile({ x, y, z }, done) {
    const box = document.createElement('div');
    box.setAttribute('aria-hidden', 'true');
    const url = this._url.replace('/Z/X/Y.', `/${z}/${x}/${y}.`);
    const size = this.getTileSize().x;
    const measure = this._search.has('state') ? 'valid' : 'open';
    const query = this._search.toString();
    fetch(query ? `${url}?${query}` : url)
      .then((answer) => {
        if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
        return answer.arrayBuffer();
      })
      .then((buffer) => {
        box.marks = marksOf(buffer, size, measure);
        paint(box, size, box.marks);
        done(null, box);
      })
      .catch((problem) => done(problem, box));
    return box;
  },

  /** Leaflet's own would ask for tiles of a zoom between two whole ones. */
  redraw() {
    if (this._map) {
      this._removeAllTiles();
      this._update();
    }
    return this;
  },

  /** Everything drawn on the tiles in view. */
  marks() {
    return Object.values(this._tiles).flatMap(({ el, current }) => (current && el.marks) || []);
  },

  /** What is drawn at a place of the map or within `reach` pixels of it, nearest first. */
  at(latlng, reach = 3) {
    if (!this._map || this._tileZoom === undefined) return [];
    const point = map.project(latlng, this._tileZoom).subtract(this._shift());
    const size = this.getTileSize();
    const found = [];
    for (const { el, coords, current } of Object.values(this._tiles)) {
      if (!current || !el.marks || coords.z !== this._tileZoom) continue;
      const corner = coords.scaleBy(size);
      for (const mark of el.marks) {
        const distance = Math.hypot(corner.x + mark.x - point.x, corner.y + mark.y - point.y);
        if (distance > mark.r + reach) continue;
        const where = corner.add([mark.x, mark.y]).add(this._shift());
        found.push({ ...mark, distance, latlng: map.unproject(where, this._tileZoom) });
      }
    }
    return found.sort((one, other) => one.distance - other.distance);
  },

  /** Enters a circle, or gives a task to `show(task, latlng, others)`; false when nothing is there. */
  open(latlng, show, reach) {
    const found = this.at(latlng, reach);
    if (!found.length) return false;
    if (!found[0].task) {
      map.setView(found[0].latlng, Math.min(Math.round(map.getZoom()) + 2, map.getMaxZoom()));
      return true;
    }
    // Several on one spot: each time the next one.
    const here = found.filter(({ task, distance }) => task && distance - found[0].distance < 1).sort((one, other) => (one.task.number < other.task.number ? -1 : 1));
    const next = here[(here.findIndex(({ task }) => task.number === this._last) + 1) % here.length];
    this._last = next.task.number;
    show(next.task, next.latlng, here.length - 1);
    return true;
  },

  /** How far the background in use lies from the ground, pixels: tiles are cut on the ground. */
  _shift() {
    const centre = map.getCenter();
    const [lon, lat] = lonLatOf(centre);
    const shift = map.project(centre, this._tileZoom).subtract(map.project([lat, lon], this._tileZoom));
    return shift.round();
  },

  _getTiledPixelBounds(centre) {
    const { min, max } = L.GridLayer.prototype._getTiledPixelBounds.call(this, centre);
    const shift = this._shift();
    return L.bounds(min.subtract(shift), max.subtract(shift));
  },

  _getTilePos(coords) {
    return L.GridLayer.prototype._getTilePos.call(this, coords).add(this._shift());
  },
});

/** Lets a pointer and the keyboard open what the layer draws, see `open`; `texts.middle` says how by keyboard. */
export function openable(layer, show, texts) {
  const box = map.getContainer();
  const say = (name, value) => (value ? box.setAttribute(name, value) : box.removeAttribute(name));
  const announce = (isShown) => { say('role', isShown && 'region'); say('aria-label', isShown && texts.middle); };
  layer.on('add', () => announce(true));
  layer.on('remove', () => announce(false));
  map.on('mousemove', ({ latlng }) => box.classList.toggle('is-over-task', layer.at(latlng).length > 0));
  map.on('click', ({ latlng }) => layer.open(latlng, show));
  // Leaflet moves the map by the arrow keys: Enter opens what lies in its middle.
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target === box) layer.open(map.getCenter(), show, 40);
  });
}
