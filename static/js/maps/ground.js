// Knows where a WGS-84 position stands on the background in use, and draws borders with their names.

import { gcj02ToWgs84, wgs84ToGcj02 } from '../gcj02.js';
import { element } from './words.js';

const map = window.gridMap;
let shifted = window.gridBasemaps.length > 0 && window.gridBasemaps[0].coordSys === 'gcj02';

/** [lon, lat] in WGS-84 → where Leaflet draws it. */
export function place(lonLat) {
  const [lon, lat] = shifted ? wgs84ToGcj02(lonLat) : lonLat;
  return L.latLng(lat, lon);
}

/** Where on the ground a place of the map is: [lon, lat] in WGS-84. */
export function lonLatOf({ lng, lat }) {
  return shifted ? gcj02ToWgs84([lng, lat]) : [lng, lat];
}

/** Calls `redraw` after the person chose a background with other coordinates; the view stays over the same ground. */
export function onShift(redraw) {
  map.on('baselayerchange', (event) => {
    const chosen = window.gridBasemaps.find((entry) => entry.layer === event.layer);
    const next = Boolean(chosen) && chosen.coordSys === 'gcj02';
    if (next === shifted) return;
    const { lng, lat } = map.getCenter();
    const ground = shifted ? gcj02ToWgs84([lng, lat]) : [lng, lat];
    shifted = next;
    map.setView(place(ground), map.getZoom(), { animate: false });
    redraw();
  });
}

/** Fills the view with an area; between whole zoom levels only where no picture would be blurred by it. */
export function fit(bounds, below = 16, beside = 16) {
  if (!window.gridBasemaps.some((entry) => entry.layer.getLayers().length)) map.options.zoomSnap = 0.25;
  map.fitBounds(bounds, { paddingTopLeft: [16, 16], paddingBottomRight: [beside, below], animate: false });
  map.options.zoomSnap = 1;
}

const labels = map.createPane('labels');
labels.classList.add('label-pane');

const NameIcon = L.Icon.extend({
  options: { iconSize: [0, 0], className: 'area-name', name: '', isOnDark: false },
  createIcon() {
    const box = element('div');
    this._setIconStyles(box, 'icon');
    box.append(element('span', this.options.isOnDark ? 'on-dark' : '', this.options.name));
    return box;
  },
  createShadow: () => null,
});

/** Width and height of a letter, and what is kept free around a name (pixels). */
const [LETTER, LINE, AROUND] = [13, 18, 6];
/** Where a name goes that must be read, when another stands in the middle of its area: up or down by so many lines. */
const LINES_AWAY = [0, -1, 1, -2, 2];

/** Letters of a name at most; the whole one stands in the list and in the words at the pointer. */
const NAME_MOST = 12;
const shortened = (name) => ([...name].length > NAME_MOST ? `${[...name].slice(0, NAME_MOST - 1).join('')}…` : name);

/** The rectangle of a name around a point, [left, top, right, bottom]. */
function roomOf(name, { x, y }) {
  const half = ([...name].length * LETTER + AROUND) / 2;
  return [x - half, y - LINE / 2, x + half, y + LINE / 2];
}
const isFree = ([left, top, right, bottom], taken) => !taken.some(([l, t, r, b]) => left < r && right > l && top < b && bottom > t);

/** Borders with names: those of `first()` always, the others while their area is wide enough and no name stands there. */
export class Borders {
  constructor(styleOf, { interactive = false, named = () => true, isDark = () => false, first = () => [] } = {}) {
    this.styleOf = styleOf;
    this.interactive = interactive;
    this.named = named;
    this.isDark = isDark;
    this.first = first;
    this.group = L.featureGroup();
    this.names = L.layerGroup();
    map.on('zoomend', () => this.chooseNames());
  }

  /** Draws GeoJSON features, the first ones lowest. */
  draw(features) {
    this.features = features;
    this.group.clearLayers();
    this.names.clearLayers();
    L.geoJSON(features, {
      coordsToLatLng: (lonLat) => place(lonLat),
      interactive: this.interactive,
      style: this.styleOf,
    }).eachLayer((layer) => this.group.addLayer(layer));
    this.chooseNames();
  }

  chooseNames() {
    this.names.clearLayers();
    if (!map.hasLayer(this.group)) return;
    const taken = [];
    const first = this.first();
    const rank = ({ feature }) => { const at = first.indexOf(feature.properties.code); return at < 0 ? first.length : at; };
    const layers = this.group.getLayers().filter(({ feature }) => this.named(feature.properties));
    for (const layer of layers.sort((a, b) => rank(a) - rank(b))) {
      const bounds = layer.getBounds();
      const width = map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
      if (rank(layer) < first.length) this.write(layer, taken, LINES_AWAY);
      else if (width >= [...shortened(layer.feature.properties.name)].length * LETTER + AROUND) this.write(layer, taken, [0]);
    }
  }

  /** Writes a name into the first of these lines that is free; into none when all are taken. */
  write(layer, taken, lines) {
    const name = shortened(layer.feature.properties.name);
    const middle = map.latLngToLayerPoint(layer.getCenter());
    const spots = lines.map((away) => middle.add([0, away * LINE]));
    const spot = spots.find((one) => isFree(roomOf(name, one), taken));
    if (!spot) return;
    taken.push(roomOf(name, spot));
    const isOnDark = spot === spots[0] && this.isDark(layer.feature.properties);
    this.names.addLayer(L.marker(map.layerPointToLatLng(spot), {
      pane: 'labels', interactive: false, keyboard: false, icon: new NameIcon({ name, isOnDark }),
    }));
  }

  show(isShown) {
    if (isShown) this.group.addTo(map).bringToBack();
    else this.group.remove();
    if (isShown) this.names.addTo(map);
    else this.names.remove();
    this.chooseNames();
  }
}
