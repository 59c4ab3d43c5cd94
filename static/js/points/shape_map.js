// Knows the map on which a point is a pin, a line or a polygon: drawn vertex by vertex, WGS-84 outside.

import { PinMap } from '../tasks/pin.js';

const STYLE = { color: '#1d4ed8', weight: 4, opacity: 0.85, fillOpacity: 0.15, interactive: false };
const LEAST = { LineString: 2, Polygon: 3 };

/** `onChange({kind, geometry, lon, lat, missing})` is called after every touch; kind is Point, LineString or Polygon. */
export class ShapeMap extends PinMap {
  constructor(element, onChange) {
    super(element, ({ lon, lat }) => onChange({ kind: 'Point', geometry: null, lon, lat, missing: 0 }));
    this.onChange = onChange;
    this.kind = 'Point';
    this.vertices = [];
    /** parts of a shape that the pen does not draw (holes, several lines): kept as they came */
    this.foreign = null;
    this.drawing = L.layerGroup().addTo(this.map);
    this.handles = L.layerGroup().addTo(this.map);
  }

  get isReadOnly() { return this.element.dataset.readonly === '1'; }

  pick(latlng) {
    if (this.isReadOnly) return;
    if (this.kind === 'Point') {
      super.pick(latlng);
      return;
    }
    if (this.foreign) this.foreign = null;
    this.vertices.push(this.fromMap(latlng.wrap()));
    this.redraw();
    this.tell();
  }

  centreButton() { if (!this.isReadOnly) super.centreButton(); }

  /** Begin with another kind; what was drawn of the one before is gone. */
  draw(kind) {
    this.kind = kind;
    this.wipe();
    this.tell();
  }

  wipe() {
    this.vertices = [];
    this.foreign = null;
    this.clear();
    this.redraw();
  }

  undo() {
    this.vertices.pop();
    this.redraw();
    this.tell();
  }

  /** GeoJSON of what is drawn, null while vertices are missing. */
  geometry() {
    if (this.foreign) return this.foreign;
    if (this.kind === 'Point' || this.vertices.length < LEAST[this.kind]) return null;
    return this.kind === 'LineString'
      ? { type: 'LineString', coordinates: this.vertices }
      : { type: 'Polygon', coordinates: [[...this.vertices, this.vertices[0]]] };
  }

  tell() {
    const missing = this.kind === 'Point' ? 0 : Math.max(0, LEAST[this.kind] - this.vertices.length);
    this.onChange({ kind: this.kind, geometry: this.geometry(), lon: null, lat: null, missing });
  }

  redraw() {
    this.drawing.clearLayers();
    this.handles.clearLayers();
    const geometry = this.geometry();
    const path = geometry || (this.vertices.length > 1 ? { type: 'LineString', coordinates: this.vertices } : null);
    if (path) L.geoJSON(path, { style: STYLE, coordsToLatLng: (lonLat) => this.at(lonLat) }).addTo(this.drawing);
    if (this.isReadOnly || this.foreign) return;
    const icon = L.divIcon({ className: 'shape-vertex', iconSize: [16, 16] });
    this.vertices.forEach((lonLat, index) => {
      const handle = L.marker(this.at(lonLat), { icon, draggable: true, keyboard: false }).addTo(this.handles);
      handle.on('dragend', () => {
        this.vertices[index] = this.fromMap(handle.getLatLng().wrap());
        this.redraw();
        this.tell();
      });
      if (index === 0 && this.kind === 'Polygon') handle.on('click', () => this.tell());
    });
  }

  at(lonLat) {
    const [x, y] = this.toMap(lonLat);
    return L.latLng(y, x);
  }

  /** Show a stored shape without telling anybody. */
  load(geometry) {
    this.kind = geometry.type.includes('Line') ? 'LineString' : 'Polygon';
    const simple = geometry.type === 'LineString' || (geometry.type === 'Polygon' && geometry.coordinates.length === 1);
    this.foreign = simple ? null : geometry;
    if (geometry.type === 'LineString') this.vertices = geometry.coordinates.slice();
    else if (simple) this.vertices = geometry.coordinates[0].slice(0, -1);
    this.redraw();
    this.element.dataset.pinned = '1';
    const bounds = L.geoJSON(geometry, { coordsToLatLng: (lonLat) => this.at(lonLat) }).getBounds();
    this.map.fitBounds(bounds, { padding: [24, 24], maxZoom: 17, animate: false });
  }

  /** Length of what is drawn along its vertices, metres; a polygon's ring is closed. */
  metres() {
    const ring = this.kind === 'Polygon' && this.vertices.length ? [...this.vertices, this.vertices[0]] : this.vertices;
    return ring.slice(1).reduce((sum, [lon, lat], index) => sum + this.map.distance([lat, lon], [ring[index][1], ring[index][0]]), 0);
  }

  drawBorders(features) {
    const view = this.element.dataset.pinned ? [this.map.getCenter(), this.map.getZoom()] : null;
    super.drawBorders(features);
    if (view) this.map.setView(...view, { animate: false });
  }
}
