// The map of coverage debt inside its frame: the more cycles a point has gone without a visit, the darker and larger.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { Legend, legendRow } from '../maps/legend.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const page = () => window.parent;
/** Size repeats what colour says; a point that was never visited is a dark ring. Worst first. */
const CLASSES = [
  { key: 'never', color: '#111827', fill: '#ffffff', radius: 8, weight: 3.5 },
  { key: 'twice', color: '#ffffff', fill: '#3730a3', radius: 9, weight: 1.5 },
  { key: 'due', color: '#ffffff', fill: '#7c86e8', radius: 7, weight: 1.5 },
  { key: 'paid', color: '#ffffff', fill: '#c7d2fe', radius: 5, weight: 1 },
];
const borders = new Borders(() => ({ color: '#94a3b8', weight: 1.2, fill: false }));
const legend = new Legend();
const group = L.featureGroup();
const byCode = new Map();
let points = [];

function classOf([, , , , days, cycle]) {
  if (days === null) return CLASSES[0];
  const owed = days / cycle;
  return CLASSES[owed >= 2 ? 1 : owed >= 1 ? 2 : 3];
}

function wordsOf([code, , , name, days, cycle]) {
  const box = element('div', 'task-popup');
  const said = days === null ? fill(texts.owed_never, { cycle }) : fill(texts.owed, { days, cycle, ratio: (days / cycle).toFixed(1) });
  const link = element('a', 'popup-link', texts.open_point);
  link.href = options.point.replace('CODE', encodeURIComponent(code));
  link.target = '_top';
  box.append(element('h2', 'popup-title', name), element('p', 'popup-facts', said), link);
  return box;
}

function draw() {
  group.clearLayers();
  byCode.clear();
  // the worst lie on top
  for (const point of [...points].reverse()) {
    const look = classOf(point);
    const marker = L.circleMarker(place([point[1], point[2]]), { radius: look.radius, color: look.color, weight: look.weight, fillColor: look.fill, fillOpacity: 0.95 });
    marker.bindPopup(() => wordsOf(point), { maxWidth: 260 });
    marker.on('click', () => tell(page, 'picked', { code: point[0] }));
    byCode.set(point[0], marker);
    group.addLayer(marker);
  }
  document.documentElement.dataset.drawn = String(points.length);
}

function drawLegend() {
  const rows = element('ul');
  for (const look of CLASSES) {
    const count = points.filter((point) => classOf(point) === look).length;
    if (count) rows.append(legendRow(look.key === 'never' ? look.color : look.fill, texts[look.key], count, { communities: texts.points }));
  }
  map.addControl(legend);
  legend.box.replaceChildren(element('h2', '', texts.legend), rows);
}

listen(page, {
  open: ({ code }) => {
    const marker = byCode.get(code);
    if (!marker) return;
    map.setView(marker.getLatLng(), Math.max(map.getZoom(), 15), { animate: false });
    marker.openPopup();
  },
});
onShift(() => { borders.draw(borders.features || []); draw(); });

try {
  const [found, around] = await Promise.all([fetchJson(data.points), fetchJson(data.borders)]);
  points = found.points;
  borders.draw(around.features);
  borders.show(true);
  group.addTo(map);
  draw();
  if (points.length) {
    drawLegend();
    fit(L.latLngBounds(points.map((point) => place([point[1], point[2]]))).pad(0.1));
  }
  if (found.cut) notice(fill(texts.cut, { n: points.length }), { seconds: 8 });
  else if (!points.length) notice(texts.nothing);
} catch {
  notice(texts.failed);
}
