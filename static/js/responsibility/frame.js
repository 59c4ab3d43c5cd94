// The responsibility map inside its frame: draws who answers where on a day, tells the page which place is asked about.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, lonLatOf, onShift, place } from '../maps/ground.js';
import { addLocate } from '../maps/locate.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
/** By unit, in the order of their names; red and amber belong to deadlines. */
const COLOURS = ['#1d4ed8', '#15803d', '#7c3aed', '#0e7490', '#92400e', '#475569', '#a21caf', '#0284c7', '#4d7c0f', '#6b21a8'];
const LACKS = { gap: { color: '#be185d', dashArray: '5 4', weight: 2, fillOpacity: 0.22 }, overlap: { color: '#111827', dashArray: '2 4', weight: 2, fillOpacity: 0.3 } };
const SHOWN_UNITS = 8;
const shapes = L.featureGroup().addTo(map);
const lacks = L.featureGroup().addTo(map);
const pin = L.circleMarker([0, 0], { radius: 9, color: '#111827', weight: 3, fillColor: '#fff', fillOpacity: 0.9, interactive: false });
const borders = new Borders(() => ({ color: '#64748b', weight: 1.5, fillColor: '#eef3fb', fillOpacity: 0.45 }));
let features = [];
let missing = [];
let units = [];
let asked = null;
let newest = 0;

const colourOf = (unit) => COLOURS[Math.max(0, units.indexOf(unit)) % COLOURS.length];

/** What a pointer over a shape is told; words of people are set as text. */
function tip(properties) {
  const box = element('div', 'resp-tip');
  const who = [properties.post, properties.person].filter(Boolean).join(' · ');
  box.append(element('strong', '', properties.name), element('span', '', `${texts[properties.kind]} · ${properties.unit}`));
  if (who) box.append(element('span', '', who));
  return box;
}

function lackTip({ role, name, area_m2: size }) {
  const box = element('div', 'resp-tip');
  box.append(element('strong', '', texts[role]), element('span', '', [name, fill(texts.hectares, { n: (size / 10000).toFixed(2) })].filter(Boolean).join(' · ')));
  return box;
}

function draw() {
  shapes.clearLayers();
  lacks.clearLayers();
  // polygons lie under the segments that go before them
  for (const kind of ['polygon', 'segment']) {
    L.geoJSON(features.filter(({ properties }) => properties.kind === kind), {
      coordsToLatLng: (lonLat) => place(lonLat),
      style: ({ properties }) => ({ color: colourOf(properties.unit), weight: kind === 'segment' ? 5 : 2, opacity: 0.85, fillOpacity: 0.18 }),
    }).eachLayer((layer) => shapes.addLayer(layer.bindTooltip(tip(layer.feature.properties), { sticky: true })));
  }
  L.geoJSON(missing, {
    coordsToLatLng: (lonLat) => place(lonLat),
    style: ({ properties }) => LACKS[properties.role],
  }).eachLayer((layer) => lacks.addLayer(layer.bindTooltip(lackTip(layer.feature.properties), { sticky: true })));
  if (asked) pin.setLatLng(place(asked)).addTo(map).bringToFront();
  else pin.remove();
  document.documentElement.dataset.drawn = String(features.length);
}

const legend = L.control({ position: 'bottomleft' });
const list = element('ul');
legend.onAdd = () => {
  const box = element('div', 'resp-legend');
  L.DomEvent.disableClickPropagation(box);
  box.append(list);
  return box;
};
legend.addTo(map);

function showLegend() {
  const line = (colour, words) => {
    const item = element('li');
    const key = element('i', 'resp-key');
    key.style.background = colour;
    item.append(key, element('span', '', words));
    return item;
  };
  const lines = units.slice(0, SHOWN_UNITS).map((unit) => line(colourOf(unit), unit));
  if (units.length > SHOWN_UNITS) lines.push(element('li', '', '…'));
  for (const role of ['gap', 'overlap']) if (missing.some(({ properties }) => properties.role === role)) lines.push(line(LACKS[role].color, texts[role]));
  list.replaceChildren(...lines);
  list.parentElement.hidden = !lines.length;
}

/** Puts the posts of a day on the map; an answer that was overtaken is dropped. */
async function apply(search) {
  newest += 1;
  const mine = newest;
  try {
    const found = await Promise.all([fetchJson(`${data.shapes}?${search}`), data.gaps ? fetchJson(`${data.gaps}?${search}`) : { features: [] }]);
    if (mine !== newest) return;
    [features, missing] = found.map((one) => one.features);
    units = [...new Set(features.map(({ properties }) => properties.unit))].sort();
    draw();
    showLegend();
    notice([found[0].cut && fill(texts.cut, { n: features.length }), !features.length && !missing.length && texts.nothing].filter(Boolean).join(' · '), { seconds: 6 });
    tell(page, 'drawn', { n: features.length });
  } catch {
    notice(texts.failed);
  }
}

function ask(latlng) {
  asked = lonLatOf(latlng.wrap());
  draw();
  tell(page, 'asked', { lon: asked[0], lat: asked[1] });
}
map.on('click', (event) => ask(event.latlng));

/** The keyboard's way to ask: move the map with the arrows, then press this. */
const middle = L.control({ position: 'topright' });
middle.onAdd = () => {
  const button = element('button', 'map-drop', texts.middle);
  button.type = 'button';
  L.DomEvent.disableClickPropagation(button);
  button.addEventListener('click', () => ask(map.getCenter()));
  return button;
};
if (!options.search.q && !data.gaps) middle.addTo(map);

listen(page, {
  filter: ({ search }) => apply(search),
  show: ({ lon, lat, isFirst }) => {
    asked = lon === null ? null : [lon, lat];
    draw();
    if (asked && (isFirst || !map.getBounds().contains(place(asked)))) map.setView(place(asked), Math.max(map.getZoom(), 15), { animate: false });
  },
});
onShift(() => {
  borders.draw(borders.features || []);
  draw();
});
addLocate(map, texts, () => (borders.group.getLayers().length ? borders.group.getBounds() : null));

fetchJson(data.borders).then((found) => {
  borders.draw(found.features);
  borders.show(true);
}).catch(() => notice(texts.failed));
apply(new URLSearchParams(options.search).toString()).then(() => {
  if (options.search.q && shapes.getLayers().length) fit(shapes.getBounds());
});
