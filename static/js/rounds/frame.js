// The map of a round inside its frame: a check where it was visited, a hollow circle where not yet.

import { settings } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { ClusterIcon, ShapeMarker } from '../maps/markers.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const clusters = window.gridClusters;
const borders = new Borders(() => ({ color: '#94a3b8', weight: 1.2, fill: false }));
let points = [];
// Points of one market or street lie close together: only what would cover each other is put together.
clusters.options.maxClusterRadius = 40;

clusters.options.iconCreateFunction = (cluster) => {
  const markers = cluster.getAllChildMarkers();
  const left = markers.filter((marker) => !marker.stop.visited).length;
  return new ClusterIcon({ count: markers.length, label: fill(texts.cluster, { n: markers.length, left }) });
};

function popupOf(stop) {
  const box = element('div', 'task-popup');
  const state = stop.visited ? fill(texts.visited, { when: stop.visited }) : texts.not_visited;
  box.append(element('p', 'popup-number', `${stop.position} · ${state}`), element('h2', 'popup-title', stop.name), element('p', 'popup-facts', stop.address));
  if (stop.url) {
    const link = element('a', 'popup-link', texts.open_point);
    link.href = stop.url;
    link.target = '_top';
    box.append(link);
  }
  return box;
}

function draw() {
  clusters.clearLayers();
  clusters.addLayers(points.map((stop) => {
    const marker = new ShapeMarker(place([stop.lon, stop.lat]), { look: stop.visited ? 'closed' : 'reported' });
    marker.stop = stop;
    return marker.bindPopup(() => popupOf(stop), { maxWidth: 260 });
  }));
  clusters.addTo(map);
  document.documentElement.dataset.drawn = String(points.length);
}

onShift(() => { borders.draw(borders.features || []); draw(); });

try {
  const [found, around] = await Promise.all([fetchJson(data.points), fetchJson(data.borders)]);
  points = found.points;
  borders.draw(around.features);
  borders.show(true);
  draw();
  if (points.length) fit(L.latLngBounds(points.map((stop) => place([stop.lon, stop.lat]))).pad(0.1));
  if (found.unplaced) notice(fill(texts.unplaced, { n: found.unplaced }), { seconds: 8 });
  else if (!points.length) notice(texts.nothing);
} catch {
  notice(texts.failed);
}
