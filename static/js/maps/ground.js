// Knows where a WGS-84 position stands on the background in use, and draws borders with their names.

import { gcj02ToWgs84, wgs84ToGcj02 } from '../gcj02.js';
import { element } from './words.js';

const map = window.gridMap;
let shifted = window.gridBasemaps.length > 0 && window.gridBasemaps[0].coordSys === 'gcj02';

/** [lon, lat] in WGS-84 → where Leaflet draws it. */
export function place(lonLat) {
  const [lon, lat] = shifted ? wgs84ToGcj02(lonLat) : lonLat;
  return L.latLng(lat, lon);
}

/** Where on the ground a place of the map is: [lon, lat] in WGS-84. */
export function lonLatOf({ lng, lat }) {
  return shifted ? gcj02ToWgs84([lng, lat]) : [lng, lat];
}

/** Calls `redraw` after the person chose a background with other coordinates; the view stays over the same ground. */
export function onShift(redraw) {
  map.on('baselayerchange', (event) => {
    const chosen = window.gridBasemaps.find((entry) => entry.layer === event.layer);
    const next = Boolean(chosen) && chosen.coordSys === 'gcj02';
    if (next === shifted) return;
    const { lng, lat } = map.getCenter();
    const ground = shifted ? gcj02ToWgs84([lng, lat]) : [lng, lat];
    shifted = next;
    map.setView(place(ground), map.getZoom(), { animate: false });
    redraw();
  });
}

/** Fills the view with an area; between whole zoom levels only where no picture would be blurred by it. */
export function fit(bounds, below = 16) {
  if (!window.gridBasemaps.some((entry) => entry.layer.getLayers().length)) map.options.zoomSnap = 0.25;
  map.fitBounds(bounds, { paddingTopLeft: [16, 16], paddingBottomRight: [16, below], animate: false });
  map.options.zoomSnap = 1;
}

const labels = map.createPane('labels');
labels.classList.add('label-pane');

const NameIcon = L.Icon.extend({
  options: { iconSize: [0, 0], className: 'area-name', name: '', isOnDark: false },
  createIcon() {
    const box = element('div');
    this._setIconStyles(box, 'icon');
    box.append(element('span', this.options.isOnDark ? 'on-dark' : '', this.options.name));
    return box;
  },
  createShadow: () => null,
});

/** Borders with names; a name shows only while its area is wide enough for it. */
export class Borders {
  constructor(styleOf, { interactive = false, named = () => true, isDark = () => false } = {}) {
    this.styleOf = styleOf;
    this.interactive = interactive;
    this.named = named;
    this.isDark = isDark;
    this.group = L.featureGroup();
    this.names = L.layerGroup();
    map.on('zoomend', () => this.chooseNames());
  }

  /** Draws GeoJSON features, the first ones lowest. */
  draw(features) {
    this.features = features;
    this.group.clearLayers();
    this.names.clearLayers();
    L.geoJSON(features, {
      coordsToLatLng: (lonLat) => place(lonLat),
      interactive: this.interactive,
      style: this.styleOf,
    }).eachLayer((layer) => this.group.addLayer(layer));
    this.chooseNames();
  }

  chooseNames() {
    this.names.clearLayers();
    if (!map.hasLayer(this.group)) return;
    this.group.eachLayer((layer) => {
      const { name } = layer.feature.properties;
      const bounds = layer.getBounds();
      const width = map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
      if (!this.named(layer.feature.properties) || width < [...name].length * 13 + 6) return;
      this.names.addLayer(L.marker(layer.getCenter(), {
        pane: 'labels', interactive: false, keyboard: false, icon: new NameIcon({ name, isOnDark: this.isDark(layer.feature.properties) }),
      }));
    });
  }

  show(isShown) {
    if (isShown) this.group.addTo(map).bringToBack();
    else this.group.remove();
    if (isShown) this.names.addTo(map);
    else this.names.remove();
    this.chooseNames();
  }
}
