// A review map inside its frame: areas shaded by the chosen figure; classes and words come with the figures.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift } from '../maps/ground.js';
import { Legend, hatch, legendRow } from '../maps/legend.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
/** Narrower maps name fewer areas, and have the legend below them (pixels). */
const SMALL = 600;
let { measure } = options;
let found = null;
let chosen = null;
/** The view that the other map asked for: it is not told back. */
let asked = null;

const figureOf = (code) => (found && found.areas[code] ? found.areas[code][measure] : null);
const shadeOf = (code) => {
  const figure = figureOf(code);
  return figure && figure.shade !== null ? found.measures[measure].shades[figure.shade] : null;
};

function styleOf({ properties }) {
  const shade = shadeOf(properties.code);
  const isChosen = properties.code === chosen;
  return {
    color: isChosen ? '#111827' : '#64748b',
    weight: isChosen ? 4 : 1,
    fillColor: shade ? shade.colour : hatch,
    fillOpacity: 1,
  };
}

/** The areas that are looked for first: their names show however small they are. */
function worst() {
  if (!found) return [];
  const sign = found.measures[measure].worse === 'high' ? -1 : 1;
  const known = Object.keys(found.areas).filter((code) => figureOf(code) && figureOf(code).value !== null);
  const bad = known.filter((code) => sign > 0 || figureOf(code).value > 0);
  bad.sort((a, b) => sign * (figureOf(a).value - figureOf(b).value) || (a < b ? -1 : 1));
  return bad.slice(0, map.getSize().x < SMALL ? 3 : 5);
}

const borders = new Borders(styleOf, { interactive: true, first: worst, isDark: ({ code }) => Boolean(shadeOf(code) && shadeOf(code).dark) });
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });

const viewOf = () => { const { lat, lng } = map.getCenter(); return { lat, lng, zoom: map.getZoom() }; };
const isSame = (a, b) => Boolean(a && b) && a.zoom === b.zoom && Math.abs(a.lat - b.lat) < 1e-4 && Math.abs(a.lng - b.lng) < 1e-4;

function restyle() {
  borders.group.eachLayer((layer) => {
    layer.setStyle(styleOf(layer.feature));
    if (layer.feature.properties.code === chosen) layer.bringToFront();
  });
}

function choose(code) {
  chosen = code;
  restyle();
}

function wordsOf({ code, name }) {
  const box = element('div', 'area-tip');
  const figure = figureOf(code);
  box.append(element('strong', '', name), element('div', '', `${found.measures[measure].label} ${figure && figure.value !== null ? figure.words : texts.no_data}`));
  if (code === chosen) box.append(element('div', '', texts.open));
  return box;
}

function wire() {
  borders.group.eachLayer((layer) => {
    const { properties } = layer.feature;
    layer.on('mouseover', (event) => tip.setLatLng(event.latlng).setContent(wordsOf(properties)).addTo(map));
    layer.on('mousemove', (event) => tip.setLatLng(event.latlng));
    layer.on('mouseout', () => tip.remove());
    layer.on('click', () => {
      const isSecond = chosen === properties.code;
      choose(properties.code);
      tip.setContent(wordsOf(properties));
      tell(page, isSecond ? 'open' : 'pick', { code: properties.code });
    });
  });
}

const legend = new Legend();

function shade() {
  const { label, shades, none, worse } = found.measures[measure];
  const rows = element('ul');
  const ordered = worse === 'high' ? [...shades].reverse() : shades;
  for (const { from, to, colour, n } of ordered) {
    rows.append(legendRow(colour, from === to ? from : `${from} – ${to}`, n, texts));
  }
  if (none) rows.append(legendRow('', texts.no_data, none, texts, true));
  legend.box.replaceChildren(element('h2', '', label), rows);
  restyle();
  borders.chooseNames();
  document.documentElement.dataset.measure = measure;
}

/** The legend lies below the areas on a phone, beside them on a wide and low map, not on them. */
function fitAll() {
  const { x, y } = map.getSize();
  const isWide = x > 1.5 * y;
  const below = x < SMALL && !isWide ? legend.box.offsetHeight + 24 : 16;
  const beside = isWide ? legend.box.offsetWidth + 24 : 16;
  if (borders.features.length) fit(borders.group.getBounds(), below, beside);
}

let before = null;

listen(page, {
  view: ({ view }) => { asked = view; map.setView([view.lat, view.lng], view.zoom, { animate: false }); },
  measure: ({ measure: wanted }) => { if (found && wanted in found.measures) { measure = wanted; shade(); } },
  highlight: ({ code }) => choose(code),
  print: () => { before = [map.getCenter(), map.getZoom()]; map.invalidateSize({ animate: false }); fitAll(); },
  printed: () => { map.invalidateSize({ animate: false }); if (before) map.setView(...before, { animate: false }); },
});
onShift(() => { borders.draw(borders.features); wire(); shade(); });

try {
  const [areas, figures] = await Promise.all([fetchJson(data.borders), fetchJson(data.figures)]);
  found = figures;
  map.addControl(legend);
  borders.draw(areas.features);
  borders.show(true);
  wire();
  shade();
  fitAll();
  if (!areas.features.length) notice(texts.no_border);
  document.documentElement.dataset.drawn = String(areas.features.length);
  if (options.side) map.on('moveend', () => { if (!isSame(viewOf(), asked)) tell(page, 'moved', { view: viewOf() }); });
  tell(page, 'drawn');
} catch {
  notice(texts.failed);
}
