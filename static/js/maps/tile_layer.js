// Draws vector tiles on a canvas each: what is counted as circles, the rest as the layer itself says.

import { PbfReader } from '../../vendor/pbf/pbf.js';
import { VectorTile } from '../../vendor/vector-tile/vector-tile.js';
import { lonLatOf } from './ground.js';

const map = window.gridMap;
/** A circle counts a square this wide, pixels: as many as do not hide the map. */
const SQUARE = map.getSize().x < 600 ? 64 : 128;
/** What stands at the edge of a tile is drawn whole: its canvas is so much wider on each side. */
const MARGIN = 16;

/** Tens are three pixels: a circle of a thousand is not a hundred times one of ten. */
const radiusOf = (count) => Math.min(12 + 4 * Math.log10(count), 26);

/** The features of a layer of a tile with their places in pixels. */
export function* featuresOf(layer, scale) {
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    yield { properties: feature.properties, rings: feature.loadGeometry().map((ring) => ring.map(({ x, y }) => ({ x: x * scale, y: y * scale }))) };
  }
}

/** The cells of a tile as circles; of each square one, in the middle of what it counts. */
export function circlesOf(layer, scale, measure) {
  const squares = new Map();
  for (const { properties, rings: [[{ x, y }]] } of featuresOf(layer, scale)) {
    const count = properties[measure];
    const [across, down] = [Math.floor(x / SQUARE), Math.floor(y / SQUARE)];
    const key = `${across}:${down}`;
    const sums = squares.get(key) || { across, down, count: 0, x: 0, y: 0 };
    sums.count += count;
    sums.x += x * count;
    sums.y += y * count;
    squares.set(key, sums);
  }
  return [...squares.values()].filter(({ count }) => count).map(({ across, down, count, x, y }) => {
    const r = radiusOf(count);
    // Within its square, so that no two circles lie on each other.
    const inside = (value, square) => Math.min(Math.max(value, square * SQUARE + r + 1), (square + 1) * SQUARE - r - 1);
    return { x: inside(x / count, across), y: inside(y / count, down), r, count };
  });
}

/**
 * A layer of tiles; it asks for `url` with Z, X, Y in it, and `search` narrows it like a list. What
 * extends it says `marksOf(layers, size)`, `paint(context, mark)` and `show(mark, latlng, found)`;
 * a mark has x, y, r in pixels and, when it counts several, `count`.
 */
export const TileLayer = L.GridLayer.extend({
  options: { pane: 'tasks', updateWhenZooming: false, keepBuffer: 1, noWrap: true, maxNativeZoom: 20 },

  initialize(url, options) {
    this._url = url;
    L.setOptions(this, options);
    this._search = new URLSearchParams();
  },

  /** Narrows the layer by the query string of a list. */
  setSearch(search) {
    const wanted = new URLSearchParams(search);
    if (wanted.toString() === this._search.toString()) return;
    this._search = wanted;
    this.redraw();
  },

  /** Which tile of the server fills one of the layer. */
  addressOf: (coords) => coords,

  createTile(coords, done) {
    const { x, y, z } = this.addressOf(coords);
    const box = document.createElement('div');
    box.setAttribute('aria-hidden', 'true');
    const url = this._url.replace('/Z/X/Y.', `/${z}/${x}/${y}.`);
    const size = this.getTileSize().x;
    const query = this._search.toString();
    fetch(query ? `${url}?${query}` : url)
      .then((answer) => {
        if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
        return answer.arrayBuffer();
      })
      .then((buffer) => {
        box.marks = this.marksOf(new VectorTile(new PbfReader(buffer)).layers, size);
        if (box.marks.length) this._draw(box, size);
        done(null, box);
      })
      .catch((problem) => done(problem, box));
    return box;
  },

  _draw(box, size) {
    const canvas = document.createElement('canvas');
    const ratio = window.devicePixelRatio || 1;
    const side = size + 2 * MARGIN;
    Object.assign(canvas, { width: side * ratio, height: side * ratio });
    Object.assign(canvas.style, { position: 'absolute', left: `${-MARGIN}px`, top: `${-MARGIN}px`, width: `${side}px`, height: `${side}px` });
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.translate(MARGIN, MARGIN);
    for (const mark of box.marks) this.paint(context, mark);
    box.append(canvas);
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

  /** How far a mark lies from a place of its tile, pixels; null when it is not within reach. */
  distance(mark, x, y, reach) {
    const distance = Math.hypot(mark.x - x, mark.y - y);
    return distance > mark.r + reach ? null : distance;
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
        const distance = this.distance(mark, point.x - corner.x, point.y - corner.y, reach);
        if (distance === null) continue;
        const where = corner.add([mark.x, mark.y]).add(this._shift());
        found.push({ ...mark, distance, latlng: map.unproject(where, this._tileZoom) });
      }
    }
    return found.sort((one, other) => one.distance - other.distance);
  },

  /** Enters a circle, or shows what lies there; false when nothing does. */
  open(latlng, reach) {
    const found = this.at(latlng, reach);
    if (!found.length) return false;
    if (found[0].count) map.setView(found[0].latlng, Math.min(Math.round(map.getZoom()) + 2, map.getMaxZoom()));
    else this.show(found[0], found);
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

/** Lets a pointer and the keyboard open what layers draw, the first ones first; more may be put into `layers`. */
export function openable(layers, texts) {
  const box = map.getContainer();
  const say = (name, value) => (value ? box.setAttribute(name, value) : box.removeAttribute(name));
  const isOn = () => layers.some((layer) => map.hasLayer(layer));
  map.on('layeradd layerremove', ({ layer }) => {
    if (!layers.includes(layer)) return;
    say('role', isOn() && 'region');
    say('aria-label', isOn() && texts.middle);
  });
  map.on('mousemove', ({ latlng }) => box.classList.toggle('is-over-task', layers.some((layer) => layer.at(latlng).length)));
  map.on('click', ({ latlng }) => layers.some((layer) => layer.open(latlng)));
  // Leaflet moves the map by the arrow keys: Enter opens what lies in its middle.
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target === box) layers.some((layer) => layer.open(map.getCenter(), 40));
  });
}
