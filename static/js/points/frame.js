// The map of the register inside its frame: draws points by group, lines and polygons, tells the page what is picked.

import { listen, settings, tell } from '../maps/channel.js';
import { Borders, fit, onShift, place } from '../maps/ground.js';
import { addLocate } from '../maps/locate.js';
import { ClusterIcon } from '../maps/markers.js';
import { fetchJson, notice } from '../maps/notice.js';
import { element, fill } from '../maps/words.js';
import { lookAt, shapeOf } from './looks.js';

const map = window.gridMap;
const { data, options } = settings('map-config');
const { texts, groups } = options;
const page = () => window.parent;
const clusters = window.gridClusters;
const drawings = L.layerGroup().addTo(map);
const halo = L.circleMarker([0, 0], { radius: 17, color: '#1d4ed8', weight: 4, fill: false, interactive: false });
const hidden = new Set();
const placeOf = new Map(groups.map(({ name }, index) => [name, index]));
const look = (point) => lookAt(placeOf.get(point.group) ?? -1);
let points = [];
let markerAt = new Map();
let newest = 0;

const PointIcon = L.Icon.extend({
  options: { iconSize: [24, 24], className: 'point-icon' },
  createIcon() {
    const box = document.createElement('div');
    this._setIconStyles(box, 'icon');
    box.append(shapeOf(look(this.options.point), { overdue: this.options.point.overdue, retired: !this.options.point.active }));
    return box;
  },
  createShadow: () => null,
});

clusters.options.iconCreateFunction = (cluster) => new ClusterIcon({ count: cluster.getChildCount(), late: 0, label: fill(texts.cluster, { n: cluster.getChildCount() }) });
const borders = new Borders(() => ({ color: '#64748b', weight: 1.5, fillColor: '#eef3fb', fillOpacity: 0.45 }));

function markerOf(point) {
  const marker = L.marker(place([point.lon, point.lat]), { icon: new PointIcon({ point }), title: point.name, alt: point.name });
  marker.on('click', () => open(point));
  marker.on('mouseover', () => tell(page, 'hover', { code: point.code }));
  marker.on('mouseout', () => tell(page, 'hover', { code: null }));
  return marker;
}

function draw() {
  clusters.clearLayers();
  drawings.clearLayers();
  const shown = points.filter((point) => !hidden.has(point.group));
  for (const point of shown.filter(({ geometry }) => geometry)) {
    L.geoJSON(point.geometry, {
      coordsToLatLng: (lonLat) => place(lonLat),
      style: { color: look(point).color, weight: map.getZoom() < 13 ? 2 : 4, opacity: 0.75, fillOpacity: 0.15 },
    }).on('click', () => open(point)).addTo(drawings);
  }
  markerAt = new Map(shown.map((point) => [point.code, markerOf(point)]));
  clusters.addLayers([...markerAt.values()]);
  clusters.addTo(map);
  document.documentElement.dataset.drawn = String(shown.length);
}

function popupOf(point) {
  const box = element('div', 'point-popup');
  const link = element('a', 'popup-link', texts.open);
  link.href = data.detail.replace('CODE', encodeURIComponent(point.code));
  link.target = '_top';
  const score = point.score === null ? '' : ` · ${fill(texts.score, { n: Math.round(point.score * 10) / 10 })}`;
  const visited = point.visited === '—' ? texts.never : `${texts.visited} ${point.visited}${score}`;
  box.append(element('h2', '', point.name), element('p', '', [point.kind, point.place].filter(Boolean).join(' · ')), element('p', 'muted', point.code), element('p', point.overdue ? 'text-due-soon' : '', visited));
  if (point.model) box.append(element('p', '', texts.model));
  if (!point.active) box.append(element('p', 'muted', texts.retired));
  box.append(link);
  return box;
}

function open(point) {
  tell(page, 'picked', { code: point.code });
  L.popup({ maxWidth: 260, minWidth: 200, offset: [0, -6] }).setLatLng(place([point.lon, point.lat])).setContent(popupOf(point)).openOn(map);
}

function highlight(code) {
  const marker = markerAt.get(code);
  if (!marker) {
    halo.remove();
    return;
  }
  const target = clusters.getVisibleParent(marker) || marker;
  halo.setRadius(target === marker ? 16 : 25).setLatLng(target.getLatLng()).addTo(map).bringToFront();
}

function goTo(code) {
  const point = points.find((one) => one.code === code);
  if (!point || hidden.has(point.group)) return;
  clusters.zoomToShowLayer(markerAt.get(code), () => open(point));
}

const counts = new Map();
function addLegend() {
  const control = L.control({ position: 'bottomleft' });
  control.onAdd = () => {
    const box = element('div', 'point-legend');
    L.DomEvent.disableClickPropagation(box);
    groups.forEach(({ name, label }, index) => {
      const button = element('button');
      button.type = 'button';
      button.setAttribute('aria-pressed', 'true');
      const count = element('b', '', '0');
      counts.set(name, { button, count });
      button.append(shapeOf(lookAt(index)), element('span', '', label), count);
      button.addEventListener('click', () => {
        if (!hidden.delete(name)) hidden.add(name);
        button.setAttribute('aria-pressed', String(!hidden.has(name)));
        draw();
      });
      box.append(button);
    });
    return box;
  };
  control.addTo(map);
}

function showCounts() {
  for (const [name, { button, count }] of counts) {
    const many = points.filter(({ group }) => group === name).length;
    count.textContent = many;
    button.hidden = !many;
  }
}

/** Puts the points of a filter on the map; an answer that was overtaken is dropped. */
async function apply(search) {
  newest += 1;
  const mine = newest;
  try {
    const found = await fetchJson(`${data.points}?${search}`);
    if (mine !== newest) return;
    points = found.points;
    map.closePopup();
    halo.remove();
    draw();
    showCounts();
    const words = [found.cut && fill(texts.cut, { n: points.length }), found.unplaced && fill(texts.unplaced, { n: found.unplaced }), !points.length && !found.unplaced && texts.nothing];
    notice(words.filter(Boolean).join(' · '), { seconds: 8 });
    tell(page, 'drawn', { n: points.length });
  } catch {
    notice(texts.failed);
  }
}

/** Shows every point, none of them under the buttons or the legend. */
function lookAround() {
  const places = points.map((point) => place([point.lon, point.lat]));
  const { width, height } = document.querySelector('.point-legend').getBoundingClientRect();
  const { x, y } = map.getSize();
  const room = y > x
    ? { paddingTopLeft: [64, 24], paddingBottomRight: [24, height + 48] }
    : { paddingTopLeft: [width + 32, 24], paddingBottomRight: [24, 40] };
  if (places.length > 1) map.fitBounds(L.latLngBounds(places), { ...room, maxZoom: 16, animate: false });
  else if (places.length) map.setView(places[0], 16, { animate: false });
}

listen(page, {
  filter: ({ search }) => apply(search).then(lookAround),
  highlight: ({ code }) => highlight(code),
  open: ({ code }) => goTo(code),
  resize: () => map.invalidateSize({ animate: false }),
});
map.on('zoomend', () => drawings.eachLayer((drawn) => drawn.setStyle({ weight: map.getZoom() < 13 ? 2 : 4 })));
onShift(() => { borders.draw(borders.features || []); draw(); });
addLocate(map, { ...texts }, () => (borders.group.getLayers().length ? borders.group.getBounds() : null));
addLegend();

const search = new URLSearchParams(options.search).toString();
const drawn = fetchJson(data.borders).then(({ features }) => {
  borders.draw(features);
  borders.show(true);
  if (features.length) fit(borders.group.getBounds());
}).catch(() => notice(texts.failed));
await Promise.all([drawn, apply(search)]);
lookAround();
