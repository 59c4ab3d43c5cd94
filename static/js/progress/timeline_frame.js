// The map of the time line inside its frame: areas in the shades that the page sends, or a community's tasks of a day.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { Legend, hatch, legendRow } from '../maps/legend.js';
import { addLocate } from '../maps/locate.js';
import { ShapeMarker } from '../maps/markers.js';
import { fetchJson, notice } from '../maps/notice.js';
import { lookOf, svgShape } from '../maps/shapes.js';
import { element } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts, is_community: isCommunity } = options;
const page = () => window.parent;
const ROLES = {
  area: { color: '#1e40af', weight: 3, fillColor: '#eef3fb', fillOpacity: 0.45 },
  part: { color: '#64748b', weight: 1.2, dashArray: '5 4', fill: false },
};
/** Narrower maps name fewer areas (pixels). */
const SMALL = 600;
const points = L.layerGroup().addTo(map);
const legend = new Legend();
let shades = {};
let first = [];
let tasks = [];
let chosen = null;

function styleOf({ properties: { code, role } }) {
  if (isCommunity) return ROLES[role] || ROLES.part;
  const isChosen = code === chosen;
  return { color: isChosen ? '#111827' : '#94a3b8', weight: isChosen ? 3.5 : 1, fillColor: shades[code] ? shades[code].fill : hatch, fillOpacity: 1 };
}

const borders = new Borders(styleOf, {
  interactive: !isCommunity,
  named: ({ role }) => !isCommunity || role !== 'area',
  isDark: ({ code }) => Boolean(shades[code]?.isDark),
  first: () => (map.getSize().x < SMALL ? first.slice(0, 3) : first),
});
const tip = L.tooltip({ sticky: true, direction: 'top', offset: [0, -6] });

function choose(code) {
  chosen = code;
  borders.group.eachLayer((layer) => {
    layer.setStyle(styleOf(layer.feature));
    if (layer.feature.properties.code === code) layer.bringToFront();
  });
}

function wire() {
  if (isCommunity) return;
  borders.group.eachLayer((layer) => {
    const { code, name } = layer.feature.properties;
    layer.on('mouseover', (event) => {
      const box = element('div', 'area-tip');
      box.append(element('strong', '', name), element('div', '', shades[code] ? shades[code].words : texts.no_data));
      tip.setLatLng(event.latlng).setContent(box).addTo(map);
      choose(code);
      tell(page, 'hover', { code });
    });
    layer.on('mousemove', (event) => tip.setLatLng(event.latlng));
    layer.on('mouseout', () => { tip.remove(); choose(null); tell(page, 'hover', { code: null }); });
    layer.on('click', () => tell(page, 'picked', { code }));
  });
}

function shade(sent) {
  ({ shades, first } = sent);
  choose(chosen);
  borders.chooseNames();
  const list = element('ul');
  const isSmall = map.getSize().x < SMALL;
  sent.legend.rows.filter(({ n }) => n || !isSmall).forEach(({ color, words, n }) => list.append(legendRow(color, words, n, texts)));
  legend.box.replaceChildren(element('h2', '', sent.legend.title), list, element('p', 'shade-scale', texts.one_scale));
  document.documentElement.dataset.drawn = String(Object.keys(shades).length);
}

/** What a marker says when it is pressed; words of people are set as text. */
function popupOf(task) {
  const box = element('div', 'task-popup');
  const link = element('a', 'popup-link', texts.open_task);
  link.href = task.url;
  link.target = '_top';
  const words = [texts[`state_${task.state}`], task.flag && texts.overdue].filter(Boolean).join(' · ');
  box.append(element('p', 'popup-title', task.title), element('p', 'popup-facts', words), element('p', 'popup-number', task.number), link);
  return box;
}

function drawTasks() {
  points.clearLayers();
  const placed = tasks.filter(({ lon }) => lon !== null);
  for (const task of placed) {
    new ShapeMarker(place([task.lon, task.lat]), { look: lookOf(task) }).bindPopup(() => popupOf(task), { maxWidth: 290, minWidth: 220 }).addTo(points);
  }
  const looks = new Map();
  placed.forEach((task) => looks.set(lookOf(task), (looks.get(lookOf(task)) || 0) + 1));
  const list = element('ul');
  [...looks].sort().forEach(([look, n]) => {
    const item = element('li');
    item.append(svgShape(look), element('span', '', look === 'overdue' ? texts.overdue : texts[`state_${look}`]), element('span', 'shade-count', String(n)));
    list.append(item);
  });
  legend.box.replaceChildren(list);
  legend.box.hidden = !placed.length;
  document.documentElement.dataset.drawn = String(placed.length);
}

listen(page, {
  hello: () => borders.features && tell(page, 'ready'),
  shade,
  tasks: ({ tasks: sent }) => { tasks = sent; map.closePopup(); drawTasks(); },
  highlight: ({ code }) => choose(code),
});
onShift(() => { borders.draw(borders.features || []); wire(); if (isCommunity) drawTasks(); else choose(null); });
addLocate(map, texts, () => (borders.group.getLayers().length ? borders.group.getBounds() : null));
map.addControl(legend);

try {
  const { features } = await fetchJson(data.areas);
  borders.draw(features);
  borders.show(true);
  wire();
  const below = map.getSize().x < SMALL ? 120 : 16;
  if (features.length) fit(borders.group.getBounds(), below);
  else notice(texts.no_border);
  tell(page, 'ready');
} catch {
  notice(texts.failed);
}
