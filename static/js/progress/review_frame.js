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
let { measure } = options;
let found = null;
let chosen = null;

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

const borders = new Borders(styleOf, { interactive: true, isDark: ({ code }) => Boolean(shadeOf(code) && shadeOf(code).dark) });
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });

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

/** On a phone the legend lies below the areas, not on them. */
function fitAll() {
  const below = map.getSize().x < 600 ? legend.box.offsetHeight + 24 : 16;
  if (borders.features.length) fit(borders.group.getBounds(), below);
}

let before = null;

listen(page, {
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
  tell(page, 'drawn');
} catch {
  notice(texts.failed);
}
