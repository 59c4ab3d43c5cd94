// The map of coverage inside its frame: communities shaded by inspected of all points, hand in hand with the table.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift } from '../maps/ground.js';
import { Legend, hatch, legendRow } from '../maps/legend.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
/** Light to dark, one hue; fixed classes, so that two months can be compared. In percent, inclusive. */
const CLASSES = [
  { from: 0, to: 0, color: '#ffffff' },
  { from: 1, to: 39, color: '#cdebe6' },
  { from: 40, to: 69, color: '#8bccc3' },
  { from: 70, to: 89, color: '#4aa69b' },
  { from: 90, to: 99, color: '#1f7d74' },
  { from: 100, to: 100, color: '#0b524c' },
];
let counts = null;
let chosen = options.chosen || null;
let hovered = null;

/** Whole percent, never rounded to 0 or 100 when it is neither. */
function percentOf(code) {
  const [visited, all] = (counts && counts[code]) || [0, 0];
  if (!all) return null;
  if (visited === 0 || visited === all) return visited ? 100 : 0;
  return Math.min(Math.max(Math.round((100 * visited) / all), 1), 99);
}

const classOf = (percent) => CLASSES.find(({ from, to }) => percent >= from && percent <= to);

function styleOf({ properties: { code } }) {
  const percent = percentOf(code);
  const isMarked = code === chosen || code === hovered;
  return {
    color: isMarked ? '#111827' : '#94a3b8',
    weight: isMarked ? 3.5 : 1,
    fillColor: percent === null ? hatch : classOf(percent).color,
    fillOpacity: 1,
  };
}

const borders = new Borders(styleOf, { interactive: true, isDark: ({ code }) => percentOf(code) >= 70 });
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });
const legend = new Legend();

function restyle() {
  borders.group.eachLayer((layer) => {
    layer.setStyle(styleOf(layer.feature));
    const { code } = layer.feature.properties;
    if (code === hovered || code === chosen) layer.bringToFront();
  });
}

function wordsOf({ code, name }) {
  const box = element('div', 'area-tip');
  const [visited, all] = (counts && counts[code]) || [0, 0];
  const words = all ? fill(texts.hover, { visited, all, percent: `${percentOf(code)}%` }) : texts.no_points;
  box.append(element('strong', '', name), element('div', '', words));
  return box;
}

function wire() {
  borders.group.eachLayer((layer) => {
    const { properties } = layer.feature;
    layer.on('mouseover', (event) => {
      tip.setLatLng(event.latlng).setContent(wordsOf(properties)).addTo(map);
      hovered = properties.code;
      restyle();
      tell(page, 'hover', { code: properties.code });
    });
    layer.on('mousemove', (event) => tip.setLatLng(event.latlng));
    layer.on('mouseout', () => {
      tip.remove();
      hovered = null;
      restyle();
      tell(page, 'hover', { code: null });
    });
    layer.on('click', () => tell(page, 'pick', { code: properties.code }));
  });
}

function drawLegend() {
  const percents = borders.features.map(({ properties }) => percentOf(properties.code));
  const rows = element('ul');
  for (const { from, to, color } of [...CLASSES].reverse()) {
    const count = percents.filter((value) => value !== null && value >= from && value <= to).length;
    rows.append(legendRow(color, from === to ? `${from}%` : `${from}–${to}%`, count, texts));
  }
  const without = percents.filter((value) => value === null).length;
  if (without) rows.append(legendRow('', texts.no_points, without, texts, true));
  legend.box.replaceChildren(element('h2', '', texts.legend), rows);
}

function shade() {
  restyle();
  borders.chooseNames();
  drawLegend();
  document.documentElement.dataset.drawn = String(borders.features.length);
}

async function load(url) {
  counts = (await fetchJson(url)).communities;
  if (borders.features) shade();
}

listen(page, {
  counts: ({ search }) => load(`${options.counts}?${search}`).catch(() => notice(texts.failed)),
  chosen: ({ code }) => { chosen = code; restyle(); },
  highlight: ({ code }) => { hovered = code; restyle(); },
  resize: () => map.invalidateSize({ animate: false }),
});
onShift(() => { borders.draw(borders.features); wire(); shade(); });

try {
  const [areas] = await Promise.all([fetchJson(data.areas), load(data.counts)]);
  map.addControl(legend);
  borders.draw(areas.features);
  borders.show(true);
  wire();
  shade();
  // On a phone the legend lies below the district, not on it.
  const below = map.getSize().x < 600 ? legend.box.offsetHeight + 24 : 16;
  if (areas.features.length) fit(borders.group.getBounds(), below);
} catch {
  notice(texts.failed);
}
