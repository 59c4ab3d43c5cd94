// The map of hot spots inside its frame: hexagons by class, numbered places, hand in hand with the list.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { Legend, legendRow } from '../maps/legend.js';
import { addLocate } from '../maps/locate.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill, number } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
/** Hot is magenta and cold is blue: red belongs to what is overdue. */
const GI = { 3: '#7a0177', 2: '#c51b8a', 1: '#f49ac1', 0: '#e2e5ea', '-1': '#b9d7ea', '-2': '#5fa2ce', '-3': '#1c5f9e' };
const SURE = { 3: '99%', 2: '95%', 1: '90%' };
/** One hue, light to dark. */
const DENSITY = { 1: '#cdebe6', 2: '#8bccc3', 3: '#4aa69b', 4: '#1f7d74', 5: '#0b524c' };
/** Metres across that are seen at least: a street corner alone says nothing of where it is. */
const LEAST_M = 3000;
const renderer = L.canvas();
const cells = L.featureGroup();
const shapes = L.featureGroup();
const marks = L.featureGroup();
const borders = new Borders(() => ({ color: '#94a3b8', weight: 1, fillOpacity: 0 }));
const legend = new Legend();
let found = { cells: null, spots: [] };
let picked = -1;

/** Across a numbered mark, and how far it is moved aside where another stands (pixels). */
const MARK = 26;
const ASIDE = 30;

/** Where each mark stands, from its place (pixels): the first stay, the others move around until they are free. */
function asides(points) {
  const taken = [];
  const isFree = (one) => taken.every((other) => other.distanceTo(one) >= MARK);
  return points.map((point) => {
    const around = [L.point(0, 0)];
    for (let ring = 1; ring <= 3; ring += 1) {
      for (let turn = 0; turn < 8; turn += 1) around.push(L.point(Math.sin((turn * Math.PI) / 4), -Math.cos((turn * Math.PI) / 4)).multiplyBy(ring * ASIDE));
    }
    const aside = around.find((one) => isFree(point.add(one))) || around[0];
    taken.push(point.add(aside));
    return aside;
  });
}

const isGi = () => found.method === 'gi';
const colourOf = (level) => (isGi() ? GI : DENSITY)[level];

const MarkIcon = L.Icon.extend({
  options: { iconSize: [26, 26], iconAnchor: [13, 13], className: 'spot-mark', text: '' },
  createIcon() {
    const box = element('div', '', this.options.text);
    this._setIconStyles(box, 'icon');
    return box;
  },
  createShadow: () => null,
});

function tip({ title, facts, said }) {
  const box = element('div', 'spot-tip');
  box.append(element('strong', '', title), element('span', '', facts));
  if (said) box.append(element('span', '', said));
  return box;
}

function valueWords(value) {
  if (!isGi()) return `${number(Math.round(value))} ${texts.density}`;
  return fill(found.per_visit ? texts.rate : texts.value, { n: value });
}

function drawCells() {
  cells.clearLayers();
  if (!found.cells) return;
  const { rows, corners } = found.cells;
  for (const [lon, lat, value, level] of rows) {
    const ring = corners.map(([x, y]) => place([lon + x, lat + y]));
    const style = { renderer, stroke: true, color: '#fff', weight: 0.5, fillColor: colourOf(level), fillOpacity: level === 0 ? 0.55 : 0.8 };
    cells.addLayer(L.polygon(ring, style).bindTooltip(valueWords(value), { sticky: true }));
  }
}

function drawSpots() {
  shapes.clearLayers();
  marks.clearLayers();
  const moved = asides(found.spots.map((spot) => map.latLngToLayerPoint(place([spot.lon, spot.lat]))));
  found.spots.forEach((spot, index) => {
    const aside = moved[index];
    const isPicked = index === picked;
    const look = { renderer, color: '#111827', weight: isPicked ? 3 : 1.5, dashArray: isPicked ? null : '4 4', fillColor: '#c51b8a', fillOpacity: spot.hull.length ? 0.25 : 0.04, interactive: false };
    const isOutlined = spot.hull.length && !isPicked;
    shapes.addLayer(isOutlined ? L.polygon(spot.hull.map((corner) => place(corner)), look) : L.circle(place([spot.lon, spot.lat]), { ...look, radius: spot.metres, fillOpacity: 0.04 }));
    const at = place([spot.lon, spot.lat]);
    const stands = map.layerPointToLatLng(map.latLngToLayerPoint(at).add(aside));
    if (aside.x || aside.y) shapes.addLayer(L.polyline([at, stands], { renderer, color: '#111827', weight: 1.5, interactive: false }));
    const mark = L.marker(stands, { icon: new MarkIcon({ text: String(index + 1), className: `spot-mark${isPicked ? ' is-picked' : ''}` }), keyboard: true, title: '', alt: spot.title, riseOnHover: true, zIndexOffset: isPicked ? 1000 : -index });
    mark.bindTooltip(tip(spot), { direction: 'top', offset: [0, -12] });
    mark.on('click keypress', (event) => {
      if (event.type === 'keypress' && event.originalEvent.key !== 'Enter') return;
      pick(index);
      tell(page, 'picked', { index });
    });
    mark.on('mouseover', () => tell(page, 'hover', { index }));
    mark.on('mouseout', () => tell(page, 'hover', { index: -1 }));
    marks.addLayer(mark);
  });
  document.documentElement.dataset.drawn = String(found.spots.length);
}
map.on('zoomend', () => drawSpots());

function pick(index) {
  picked = index;
  drawSpots();
}

function drawLegend() {
  if (!found.cells) return;
  const count = (level) => found.cells.rows.filter((row) => row[3] === level).length;
  const rows = element('ul');
  const words = { communities: texts.cells };
  if (isGi()) {
    for (const level of [3, 2, 1, 0, -1, -2, -3]) {
      const said = level === 0 ? texts.none : fill(level > 0 ? texts.hot : texts.cold, { sure: SURE[Math.abs(level)] });
      if (level === 0 || count(level)) rows.append(legendRow(GI[level], said, count(level), words));
    }
  } else {
    for (const level of [5, 4, 3, 2, 1]) {
      if (count(level)) rows.append(legendRow(DENSITY[level], fill(texts.from, { n: number(Math.round(found.cells.breaks[level - 1])) }), count(level), words));
    }
  }
  map.addControl(legend);
  legend.box.replaceChildren(element('h2', '', isGi() ? texts.gi : texts.density), rows);
}

function show(index, isFirst = false) {
  pick(index);
  const spot = found.spots[index];
  if (!spot) return;
  const around = place([spot.lon, spot.lat]).toBounds(spot.metres * 4);
  if (isFirst || !map.getBounds().contains(around) || map.getZoom() < 14) map.fitBounds(around, { maxZoom: 17, animate: false });
}

/** Where the findings lie; not where their marks stand, which are moved aside by pixels of the view before. */
const whole = () => (found.spots.length
  ? L.latLngBounds(found.spots.map(({ lon, lat, metres }) => place([lon, lat]).toBounds(2 * metres)).flatMap((around) => [around.getSouthWest(), around.getNorthEast()]))
  : cells.getBounds());

listen(page, {
  show: ({ index }) => show(index),
  resize: () => map.invalidateSize({ animate: false }),
});
onShift(() => {
  if (borders.features) borders.draw(borders.features);
  drawCells();
  drawSpots();
});

try {
  const [areas, answer] = await Promise.all([data.borders ? fetchJson(data.borders) : { features: [] }, fetchJson(data.spots)]);
  found = answer;
  [cells, shapes, marks].forEach((layer) => layer.addTo(map));
  borders.draw(areas.features);
  borders.show(true);
  drawCells();
  drawLegend();
  drawSpots();
  const seen = whole();
  if (seen.isValid()) fit(seen.extend(seen.getCenter().toBounds(LEAST_M)).pad(0.1), 40);
  else notice(texts.nothing, { seconds: 6 });
  addLocate(map, texts, () => (borders.group.getLayers().length ? borders.group.getBounds() : null));
  tell(page, 'drawn', { n: found.spots.length });
} catch {
  notice(texts.failed);
}
