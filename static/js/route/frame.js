// The map of a day's route inside its frame: numbered stops joined in their order; the page says which route.

import { listen, settings } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const borders = new Borders(() => ({ color: '#94a3b8', weight: 1.2, fill: false }));
const drawn = L.featureGroup().addTo(map);
let route = { stops: [], start: null, closed: false };

const NumberIcon = L.Icon.extend({
  options: { iconSize: [28, 28], className: 'route-stop', text: '' },
  createIcon() {
    const box = element('div', '', this.options.text);
    this._setIconStyles(box, 'icon');
    return box;
  },
  createShadow: () => null,
});

function popupOf(stop, number) {
  const box = element('div', 'task-popup');
  box.append(element('p', 'popup-number', String(number)), element('h2', 'popup-title', stop.name), element('p', 'popup-facts', stop.address));
  const link = element('a', 'popup-link', texts.open_point);
  link.href = stop.url;
  link.target = '_top';
  box.append(link);
  return box;
}

function draw() {
  drawn.clearLayers();
  const at = route.stops.map((stop) => place([stop.lon, stop.lat]));
  const start = route.start && place(route.start);
  const line = start ? [start, ...at] : [...at];
  if (route.closed && line.length) line.push(line[0]);
  L.polyline(line, { color: '#1d4ed8', weight: 3, dashArray: '6 6', interactive: false }).addTo(drawn);
  if (start) L.circleMarker(start, { radius: 9, color: '#15803d', weight: 3, fillOpacity: 0.25 }).bindTooltip(element('span', '', texts.start)).addTo(drawn);
  route.stops.forEach((stop, index) => {
    const title = fill(texts.stop, { n: index + 1, name: stop.name });
    L.marker(at[index], { icon: new NumberIcon({ text: String(index + 1) }), title, alt: title, zIndexOffset: -index })
      .bindPopup(() => popupOf(stop, index + 1), { maxWidth: 260 }).addTo(drawn);
  });
  document.documentElement.dataset.drawn = String(route.stops.length);
}

async function show(url) {
  try {
    route = await fetchJson(url);
    draw();
    if (route.stops.length) fit(drawn.getBounds().pad(0.1));
  } catch {
    notice(texts.failed);
  }
}

listen(() => window.parent, {
  route: ({ search }) => show(`${new URL(data.stops, window.location.href).pathname}${search}`),
});
onShift(() => { borders.draw(borders.features || []); draw(); });

await show(data.stops);
if (data.borders) {
  fetchJson(data.borders).then(({ features }) => { borders.draw(features); borders.show(true); }, () => notice(texts.failed));
}
