// The district's map inside its frame: communities shaded by a figure, hand in hand with the table beside it.

import { listen, settings, tell } from './channel.js';
import { GridTiles, TASKS_FROM, openable } from './grid_tiles.js';
import { classOf, counted as countedIn, rangeOf } from './classes.js';
import { Borders, fit, onShift } from './ground.js';
import { Legend, hatch, legendRow } from './legend.js';
import { fetchJson, notice } from './notice.js';
import { openPopup } from './popup.js';
import { svgShape } from './shapes.js';
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
const tasks = new GridTiles(data.tiles);
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
  isDark: ({ code }) => !isNear() && figure(code) !== null && classOf(figure(code), classes[measure]).dark,
});
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });

function choose(code) {
  chosen = code;
  borders.group.eachLayer((layer) => {
    layer.setStyle(styleOf(layer.feature));
    if (layer.feature.properties.code === code) layer.bringToFront();
  });
}

function wordsOf({ code, name }) {
  const box = element('div', 'area-tip');
  const [open, overdue, soon] = (counts && counts[code]) || [];
  box.append(element('strong', '', name), element('div', '', counts && counts[code] ? fill(texts.hover, { open, overdue, due_soon: soon }) : texts.no_data));
  return box;
}

function wire() {
  borders.group.eachLayer((layer) => {
    const { properties } = layer.feature;
    if (properties.level !== 'community') return;
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
      if (!tasks.at(latlng).length) window.top.location.assign(properties.url);
    });
  });
}

const legend = new Legend();

/** What the marks of single tasks mean. */
function looks() {
  const rows = element('ul', 'shade-looks');
  for (const look of [...options.open_states, 'overdue', 'due_soon']) {
    const row = element('li');
    row.append(svgShape(look), element('span', '', labels[look] || texts[look]));
    rows.append(row);
  }
  return rows;
}

function drawLegend(codes) {
  const values = codes.map(figure);
  const rows = element('ul');
  const known = values.filter((value) => value !== null);
  for (const [one, n] of [...countedIn(known, classes[measure])].reverse()) rows.append(legendRow(one.colour, rangeOf(one), n, texts));
  if (known.length < values.length) rows.append(legendRow('', texts.no_data, values.length - known.length, texts, true));
  const shades = [element('h2', '', texts[`legend_${measure}`]), rows];
  // On a phone there is room for one of the two.
  legend.box.replaceChildren(...(isNear() && map.getSize().x < 600 ? [] : shades));
  if (map.hasLayer(tasks)) legend.box.append(isNear() ? looks() : element('p', 'shade-note', texts.legend_tasks));
}

const codesDrawn = () => borders.features.filter(({ properties }) => properties.level === 'community').map(({ properties }) => properties.code);

function shade() {
  const codes = codesDrawn();
  choose(null);
  borders.chooseNames();
  drawLegend(codes);
  document.documentElement.dataset.drawn = String(codes.length);
}

listen(page, {
  measure: ({ measure: wanted }) => { measure = wanted in FIGURES ? wanted : 'open'; tasks.setSearch(counted()); if (counts) shade(); },
  counts: ({ communities, shades, search: wanted }) => {
    counts = communities;
    classes = shades;
    search = wanted;
    tasks.setSearch(counted());
    if (borders.features) shade();
  },
  tasks: ({ isShown }) => showTasks(isShown),
  highlight: ({ code }) => choose(code),
  resize: () => map.invalidateSize({ animate: false }),
});
onShift(() => { borders.draw(borders.features); wire(); shade(); if (map.hasLayer(tasks)) tasks.redraw(); });
let wasNear = false;
map.on('zoomend', () => {
  if (isNear() === wasNear || !counts || !borders.features) return;
  wasNear = isNear();
  shade();
});
openable(tasks, openTask, texts);
tasks.on('tileerror', () => notice(texts.failed));
tasks.on('load', () => { document.documentElement.dataset.tiles = String(tasks.marks().length); });

try {
  const [areas, figures] = await Promise.all([fetchJson(data.areas), fetchJson(data.counts)]);
  if (!counts) ({ communities: counts, shades: classes } = figures);
  map.addControl(legend);
  borders.draw(areas.features);
  borders.show(true);
  wire();
  shade();
  // On a phone the legend lies below the district, not on it.
  const below = map.getSize().x < 600 ? legend.box.offsetHeight + 24 : 16;
  if (areas.features.length) fit(borders.group.getBounds(), below);
  showTasks(new URLSearchParams(page().location.search).get('tasks') !== 'hidden');
} catch {
  notice(texts.failed);
}
