// The district's map inside its frame: communities shaded by a figure, hand in hand with the table beside it.

import { listen, settings, tell } from './channel.js';
import { GridTiles, TASKS_FROM } from './grid_tiles.js';
import { classOf, counted as countedIn, largest, rangeOf } from './classes.js';
import { Borders, fit, onShift, place } from './ground.js';
import { Legend, hatch, legendRow, marked } from './legend.js';
import { fetchJson, notice } from './notice.js';
import { openPopup } from './popup.js';
import { svgShape } from './shapes.js';
import { openable } from './tile_layer.js';
import { element, fill } from './words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
const FIGURES = { open: 0, overdue: 1 };
let measure = new URLSearchParams(page().location.search).get('measure') === 'overdue' ? 'overdue' : 'open';
let counts = null;
let classes = { open: [], overdue: [] };
let chosen = null;
const labels = Object.fromEntries(options.states.map(({ key, label }) => [key, label]));
const tasks = new GridTiles(data.tiles, { open: openTask });
/** What can be opened, the uppermost first. */
const openables = [tasks];
/** What the page can lay under the tasks, by its name in the address; fetched when first wanted. */
const places = {};
let search = options.search;
tasks.setSearch(counted());

/** The circles count what the colours show. */
function counted() {
  const wanted = new URLSearchParams(search);
  if (measure === 'overdue') wanted.set('due', 'overdue');
  return wanted.toString();
}

function openTask(task, latlng, others) {
  openPopup(task, latlng, { now: Date.now() / 1000, texts, labels, urls: data });
  notice(others ? fill(texts.stacked, { n: others + 1 }) : '', { seconds: 6 });
}

function showTasks(isShown) {
  if (isShown) tasks.addTo(map);
  else tasks.remove();
  if (counts && borders.features) shade();
}

/** What the page around knows already; null when there is none. */
function toldByPage() {
  const block = page() === window ? null : page().document.getElementById('map-page');
  return block ? JSON.parse(block.textContent).figures : null;
}

const goTo = (url) => (code) => window.top.location.assign(url.replace('CODE', encodeURIComponent(code)));

/** The layers of `shown` alone, those not offered left out. */
async function showPlaces(shown) {
  const wanted = shown.filter((name) => data[`${name}_tiles`]);
  if (!wanted.length && !places.module) return;
  places.module ??= await import('./place_tiles.js');
  places.points ??= new places.module.PointTiles(data.points_tiles, { groups: options.groups, open: goTo(data.point) });
  places.responsibility ??= new places.module.PostTiles(data.responsibility_tiles, { open: goTo(data.post) });
  for (const name of ['points', 'responsibility']) {
    if (!openables.includes(places[name])) {
      openables.push(places[name]);
      places[name].on('tileerror', () => notice(texts.failed));
      places[name].on('load', () => { document.documentElement.dataset[name] = String(places[name].marks().length); });
    }
    if (wanted.includes(name)) places[name].addTo(map);
    else places[name].remove();
  }
  narrowPlaces();
  if (wanted.includes('responsibility') && map.getZoom() < places.module.POSTS_FROM) notice(texts.posts_nearer, { seconds: 6 });
  if (counts && legend.box) drawLegend();
}

/** Of the filter what a point or a post can be asked too. */
function narrowPlaces() {
  if (!places.module) return;
  const asked = new URLSearchParams(search);
  const only = (...names) => new URLSearchParams([...asked].filter(([name]) => names.includes(name)));
  places.points.setSearch(only('unit', 'action'));
  places.responsibility.setSearch(only('unit'));
}

const isNear = () => map.hasLayer(tasks) && Math.round(map.getZoom()) >= TASKS_FROM;
const figure = (code) => (counts && counts[code] ? counts[code][FIGURES[measure]] : null);

function styleOf({ properties }) {
  if (properties.level === 'town') return { color: '#334155', weight: 2.2, fill: false, interactive: false };
  const value = figure(properties.code);
  const isChosen = properties.code === chosen;
  return {
    color: isChosen ? '#111827' : '#94a3b8',
    weight: isChosen ? 3.5 : 1,
    fillColor: value === null ? hatch : classOf(value, classes[measure]).colour,
    // From near the tasks count, and the ground around them.
    fillOpacity: isNear() ? 0.25 : 1,
  };
}

const borders = new Borders(styleOf, {
  interactive: true,
  named: ({ level }) => level === 'community',
  first: () => (counts ? largest(codesDrawn(), figure, map.getSize().x < 600 ? 3 : 5) : []),
  isDark: ({ code }) => !isNear() && figure(code) !== null && classOf(figure(code), classes[measure]).dark,
});
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });

/** The layer of each community by its code. */
const layerOf = new Map();

/** Draws one community with a thick border, and the one before as it was. */
function choose(code) {
  if (code === chosen) return;
  const changed = [chosen, code];
  chosen = code;
  changed.forEach((one) => { const layer = layerOf.get(one); layer?.setStyle(styleOf(layer.feature)); });
  layerOf.get(code)?.bringToFront();
}

function wordsOf({ code, name }) {
  const box = element('div', 'area-tip');
  const [open, overdue, soon] = (counts && counts[code]) || [];
  box.append(element('strong', '', name), element('div', '', counts && counts[code] ? fill(texts.hover, { open, overdue, due_soon: soon }) : texts.no_data));
  return box;
}

function wire() {
  layerOf.clear();
  borders.group.eachLayer((layer) => {
    const { properties } = layer.feature;
    if (properties.level !== 'community') return;
    layerOf.set(properties.code, layer);
    layer.on('mouseover', (event) => {
      tip.setLatLng(event.latlng).setContent(wordsOf(properties)).addTo(map);
      choose(properties.code);
      tell(page, 'hover', { code: properties.code });
    });
    layer.on('mousemove', (event) => tip.setLatLng(event.latlng));
    layer.on('mouseout', () => {
      tip.remove();
      choose(null);
      tell(page, 'hover', { code: null });
    });
    layer.on('click', ({ latlng }) => {
      if (!openables.some((layer) => layer.at(latlng).length)) goTo(data.area)(properties.code);
    });
  });
}

const legend = new Legend();

/** What the marks of single tasks mean. */
const looks = () => marked([...options.open_states, 'overdue', 'due_soon'].map((look) => [svgShape(look), labels[look] || texts[look]]));

/** The legend of what lies under the tasks; folded on a phone, where it would hide the map. */
function placesLegend() {
  const { points, responsibility, module } = places;
  const shown = [points, responsibility].filter((layer) => layer && map.hasLayer(layer));
  if (!shown.length) return [];
  const rows = [];
  if (shown.includes(points)) rows.push(map.getZoom() < module.POINTS_FROM ? element('p', 'shade-note', texts.legend_points) : marked(points.looks(options.group_labels, texts)));
  if (shown.includes(responsibility)) rows.push(marked(responsibility.looks(texts)));
  if (map.getSize().x >= 600) return rows;
  const fold = element('details', 'shade-fold');
  fold.append(element('summary', '', texts.legend_places), ...rows);
  return [fold];
}

function drawLegend() {
  const values = codesDrawn().map(figure);
  const rows = element('ul');
  const known = values.filter((value) => value !== null);
  for (const [one, n] of [...countedIn(known, classes[measure])].reverse()) rows.append(legendRow(one.colour, rangeOf(one), n, texts));
  if (known.length < values.length) rows.append(legendRow('', texts.no_data, values.length - known.length, texts, true));
  const shades = [element('h2', '', texts[`legend_${measure}`]), rows];
  // On a phone there is room for one of the two.
  legend.box.replaceChildren(...(isNear() && map.getSize().x < 600 ? [] : shades));
  if (map.hasLayer(tasks)) legend.box.append(isNear() ? looks() : element('p', 'shade-note', texts.legend_tasks));
  legend.box.append(...placesLegend());
}

/** Before the borders come: all that have figures. */
const codesDrawn = () => (borders.features ? borders.features.filter(({ properties }) => properties.level === 'community').map(({ properties }) => properties.code) : Object.keys(counts));

function shade() {
  choose(null);
  borders.group.eachLayer((layer) => layer.setStyle(styleOf(layer.feature)));
  borders.chooseNames();
  drawLegend();
}

/** The borders as they are drawn first or on another background. */
function drawBorders(features) {
  borders.draw(features);
  wire();
  document.documentElement.dataset.drawn = String(codesDrawn().length);
}

listen(page, {
  measure: ({ measure: wanted }) => { measure = wanted in FIGURES ? wanted : 'open'; tasks.setSearch(counted()); if (counts) shade(); },
  counts: ({ communities, shades, search: wanted }) => {
    counts = communities;
    classes = shades;
    search = wanted;
    tasks.setSearch(counted());
    narrowPlaces();
    if (borders.features) shade();
  },
  tasks: ({ isShown }) => showTasks(isShown),
  layers: ({ shown }) => showPlaces(shown).catch(() => notice(texts.failed)),
  highlight: ({ code }) => choose(code),
  resize: () => map.invalidateSize({ animate: false }),
});
onShift(() => { drawBorders(borders.features); openables.forEach((layer) => layer.redraw()); });
/** Where the legend and the ground are drawn otherwise. */
const band = () => `${isNear()} ${Boolean(places.module) && map.getZoom() >= places.module.POINTS_FROM}`;
let drawnIn = band();
map.on('zoomend', () => {
  if (band() === drawnIn || !counts || !borders.features) return;
  drawnIn = band();
  shade();
});
openable(openables, texts);
tasks.on('tileerror', () => notice(texts.failed));
tasks.on('load', () => { document.documentElement.dataset.tiles = String(tasks.marks().length); });

try {
  // Asked first, used last: meanwhile the map takes its place, and its tiles are on their way.
  const asked = fetchJson(data.areas);
  const figures = toldByPage() ?? await fetchJson(data.counts);
  if (!counts) ({ communities: counts, shades: classes } = figures);
  map.addControl(legend);
  drawLegend();
  // On a phone the legend lies below the district, not on it.
  const below = map.getSize().x < 600 ? legend.box.offsetHeight + 24 : 16;
  const { bounds } = options;
  if (bounds) fit(L.latLngBounds(place(bounds.slice(0, 2)), place(bounds.slice(2))), below);
  const address = new URLSearchParams(page().location.search);
  showTasks(address.get('tasks') !== 'hidden');
  showPlaces((address.get('layers') || '').split('.'));
  borders.show(true);
  drawBorders((await asked).features);
  drawLegend();
} catch {
  notice(texts.failed);
}
