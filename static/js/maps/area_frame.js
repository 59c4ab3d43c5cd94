// The map of one area inside its frame: draws borders and tasks, tells the page around it what is in view.

import { listen, settings, tell } from './channel.js';
import { Borders, fit, onShift, place } from './ground.js';
import { GridTiles } from './grid_tiles.js';
import { addLocate } from './locate.js';
import { ClusterIcon, ShapeMarker } from './markers.js';
import { fetchJson, notice } from './notice.js';
import { openPopup } from './popup.js';
import { lookOf } from './shapes.js';
import { TaskStore } from './store.js';
import { openable } from './tile_layer.js';
import { fill } from './words.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts } = options;
const labels = Object.fromEntries(options.states.map(({ key, label }) => [key, label]));
const page = () => window.parent;
const store = new TaskStore(data.tasks, options.states);
const clusters = window.gridClusters;
const single = L.layerGroup();
/** Draws what does not fit into one answer. */
const tiles = new GridTiles(data.tiles, { open: openInTiles });
const halo = L.circleMarker([0, 0], { radius: 17, color: '#1d4ed8', weight: 4, fill: false, interactive: false });
const layers = { borders: true, tasks: true, clusters: true };
/** Rows sent to the list at a time. */
const PORTION = 100;
let limit = PORTION;
let shown = [];
let byNumber = new Map();
/** Markers by task number: a task itself stays a plain value that can be sent to the page. */
let markerAt = new Map();

const STYLES = {
  area: { color: '#1e40af', weight: 3, fillColor: '#eef3fb', fillOpacity: 0.45 },
  part: { color: '#64748b', weight: 1.2, dashArray: '5 4', fill: false },
  context: { color: '#94a3b8', weight: 2, fill: false },
};
const borders = new Borders((feature) => STYLES[feature.properties.role], {
  named: ({ role }) => role !== 'area' || borders.features.length === 1,
});

clusters.options.iconCreateFunction = (cluster) => {
  const markers = cluster.getAllChildMarkers();
  const late = markers.filter((marker) => marker.task.flag === 'overdue').length;
  return new ClusterIcon({ count: markers.length, late, label: fill(texts.cluster, { n: markers.length, late }) });
};

function markerOf(task) {
  const marker = new ShapeMarker(place([task.lon, task.lat]), { look: lookOf(task), isSoon: task.flag === 'due_soon' });
  marker.task = task;
  marker.on('click', () => openTask(task));
  marker.on('mouseover', () => tell(page, 'hover', { number: task.number }));
  marker.on('mouseout', () => tell(page, 'hover', { number: null }));
  return marker;
}

function drawTasks() {
  clusters.clearLayers();
  single.clearLayers();
  markerAt = new Map();
  if (store.cut && layers.tasks) {
    tiles.setSearch(store.search(options.area));
    tiles.addTo(map);
    return;
  }
  tiles.remove();
  markerAt = new Map(shown.filter((task) => task.lon !== null).map((task) => [task.number, markerOf(task)]));
  const markers = [...markerAt.values()];
  map.removeLayer(layers.clusters ? single : clusters);
  const target = layers.clusters ? clusters : single;
  if (layers.tasks) target.addTo(map);
  else map.removeLayer(target);
  if (layers.clusters) clusters.addLayers(markers);
  else markers.forEach((marker) => single.addLayer(marker));
}

function report() {
  const bounds = map.getBounds();
  const here = shown.filter((task) => task.lon === null || bounds.contains(place([task.lon, task.lat])));
  const unplaced = here.filter((task) => task.lon === null).length;
  tell(page, 'view', {
    now: store.now,
    rows: here.slice(0, limit),
    inView: here.length - unplaced,
    listed: here.length,
    unplaced,
    matching: shown.length,
    byState: store.byState,
    flags: store.flags(),
    cut: store.cut ? { total: store.total, n: store.tasks.length } : null,
  });
}

async function apply(search) {
  try {
    const slow = window.setTimeout(() => notice(texts.loading), 250);
    try {
      await store.apply(search);
    } finally {
      window.clearTimeout(slow);
    }
  } catch (problem) {
    if (problem.name === 'AbortError') return;
    notice(texts.failed);
    tell(page, 'failed');
    return;
  }
  notice(store.tasks.length ? '' : texts.nothing_at_all, { seconds: 6 });
  map.closePopup();
  halo.remove();
  limit = PORTION;
  redraw();
}

function redraw() {
  shown = store.shown();
  byNumber = new Map(shown.map((task) => [task.number, task]));
  drawTasks();
  report();
  document.documentElement.dataset.drawn = String(shown.length);
}

/** What stands on the map for a task: its marker, or the cluster that holds it. */
function standIn(marker) {
  return (layers.clusters && clusters.getVisibleParent(marker)) || marker;
}

function highlight(number) {
  const marker = markerAt.get(number) || markerInTiles(number);
  if (!marker || !layers.tasks) {
    halo.remove();
    return;
  }
  const target = standIn(marker);
  halo.setRadius(target === marker ? 17 : 25).setLatLng(target.getLatLng()).addTo(map).bringToFront();
}

/** Of a task that is drawn on a tile, what else would be its marker. */
function markerInTiles(number) {
  const task = store.cut && byNumber.get(number);
  return task && task.lon !== null ? markerOf(task) : null;
}

function openTask(task) {
  tell(page, 'picked', { number: task.number });
  if (task.lon === null) return;
  showPopup(task, place([task.lon, task.lat]));
}

const showPopup = (task, latlng) => openPopup(task, latlng, { now: store.now, texts, labels, urls: data });

function openInTiles(task, latlng, others) {
  tell(page, 'picked', { number: task.number });
  showPopup(task, latlng);
  notice(others ? fill(texts.stacked, { n: others + 1 }) : '', { seconds: 6 });
}
openable([tiles], texts);
tiles.on('tileerror', () => notice(texts.failed));
tiles.on('load', () => { document.documentElement.dataset.tiles = String(tiles.marks().length); });

function goTo(number) {
  const task = byNumber.get(number);
  if (!task || task.lon === null) return;
  const marker = markerAt.get(number) || markerInTiles(number);
  // As near as it takes for the task to stand by itself; several at one spot stay a cluster.
  for (let zoom = Math.max(map.getZoom(), 17); zoom <= map.getMaxZoom(); zoom += 1) {
    map.setView(marker.getLatLng(), zoom, { animate: false });
    if (standIn(marker) === marker) break;
  }
  openTask(task);
}

function setLayers(wanted) {
  const before = { ...layers };
  Object.assign(layers, wanted);
  if (before.borders !== layers.borders) borders.show(layers.borders);
  if (before.tasks !== layers.tasks || before.clusters !== layers.clusters) drawTasks();
}

async function drawBorders() {
  try {
    const { features } = await fetchJson(data.borders);
    borders.draw(features);
    borders.show(layers.borders);
    const own = borders.group.getLayers().find((layer) => layer.feature.properties.role === 'area');
    if (features.length) fit((own || borders.group).getBounds());
    return features.length > 0;
  } catch {
    notice(texts.failed);
    return true;
  }
}

listen(page, {
  hello: () => store.wanted && store.now && report(),
  filter: ({ search }) => apply(search),
  highlight: ({ number }) => highlight(number),
  open: ({ number }) => goTo(number),
  layers: ({ wanted }) => setLayers(wanted),
  more: () => { limit += PORTION; report(); },
  resize: () => map.invalidateSize({ animate: false }),
});
map.on('moveend', () => { if (store.now) { limit = PORTION; report(); } });
onShift(() => { borders.draw(borders.features || []); redraw(); if (map.hasLayer(tiles)) tiles.redraw(); });
addLocate(map, texts, () => (borders.group.getLayers().length ? borders.group.getBounds() : null));

const [hasBorders] = await Promise.all([drawBorders(), apply(options.search)]);
if (!hasBorders) {
  const places = shown.filter((task) => task.lon !== null).map((task) => place([task.lon, task.lat]));
  if (places.length) map.fitBounds(L.latLngBounds(places), { maxZoom: 16, animate: false });
  else notice(texts.no_border);
}
