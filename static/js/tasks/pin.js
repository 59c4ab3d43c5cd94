// Knows the little map on which a report's place is pinned: borders, names, one pin; WGS-84 outside, whatever is inside.

import { gcj02ToWgs84, wgs84ToGcj02 } from "../gcj02.js";

const CLOSE = 17;
/** Without a background there is nothing to see closer than this. */
const CLOSE_ON_BLANK = 15;
const NAMES_FROM_ZOOM = 13;
const FEW = 16;
const ROOM_FOR_NAMES = 500;
const PIN = '<svg viewBox="0 0 24 24" width="36" height="36" aria-hidden="true"><path d="M12 1.5a8 8 0 0 0-8 8c0 5.6 6.6 11.9 7.4 12.6a.9.9 0 0 0 1.2 0c.8-.7 7.4-7 7.4-12.6a8 8 0 0 0-8-8z"/><circle cx="12" cy="9.5" r="3"/></svg>';
/** Where a map without any border looks: the middle of Jinwan. */
const SOMEWHERE = [22.1, 113.35];

/** Make the map in `element`; `onPick({lon, lat})` is called when a person sets or moves the pin. */
export class PinMap {
  constructor(element, onPick) {
    this.element = element;
    this.onPick = onPick;
    element.hidden = false;
    const basemaps = JSON.parse(element.dataset.basemaps);
    this.closeUp = basemaps.length ? CLOSE : CLOSE_ON_BLANK;
    this.shifted = basemaps[0]?.coord_sys === "gcj02";
    this.map = L.map(element, { zoomControl: false, attributionControl: false }).setView(SOMEWHERE, 12);
    L.control.zoom({ zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    const note = document.createElement("span");
    note.textContent = element.dataset.note;
    L.control.attribution({ prefix: false }).addAttribution(note.innerHTML).addTo(this.map);
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", element.dataset.title);
    for (const basemap of basemaps.slice(0, 1)) {
      for (const url of basemap.urls) L.tileLayer(url, { subdomains: basemap.subdomains, maxZoom: 20, maxNativeZoom: 18 }).addTo(this.map);
    }
    this.map.on("click", (event) => this.pick(event.latlng));
    this.map.on("zoomend", () => this.showNames());
    this.centreButton();
    this.ready = this.loadBorders(element.dataset.borders);
  }

  toMap([lon, lat]) { return this.shifted ? wgs84ToGcj02([lon, lat]) : [lon, lat]; }

  fromMap({ lng, lat }) { return this.shifted ? gcj02ToWgs84([lng, lat]) : [lng, lat]; }

  async loadBorders(url) {
    try {
      const answer = await fetch(url, { headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok) return;
      this.drawBorders(await answer.json());
    } catch { /* the map works without borders */ }
  }

  drawBorders(features) {
    const layer = L.geoJSON(features, {
      interactive: false,
      style: { color: "#475569", weight: 1.5, fillColor: "#1d4ed8", fillOpacity: 0.05 },
      coordsToLatLng: ([lon, lat]) => {
        const [x, y] = this.toMap([lon, lat]);
        return L.latLng(y, x);
      },
      onEachFeature: (feature, border) => {
        const name = document.createElement("span");
        name.textContent = feature.properties.name;
        border.bindTooltip(name, { permanent: true, direction: "center", className: "area-name", interactive: false });
      },
    }).addTo(this.map);
    if (features.features.length && !this.pin) this.map.fitBounds(layer.getBounds(), { padding: [12, 12], animate: false });
    this.few = features.features.length <= FEW;
    this.showNames();
  }

  showNames() {
    this.element.classList.toggle("with-names", (this.few && this.element.clientWidth > ROOM_FOR_NAMES) || this.map.getZoom() >= NAMES_FROM_ZOOM);
  }

  pick(latlng) {
    const wrapped = latlng.wrap();
    this.place(wrapped);
    const [lon, lat] = this.fromMap(wrapped);
    this.onPick({ lon, lat });
  }

  place(latlng) {
    if (!this.pin) {
      const icon = L.divIcon({ className: "report-pin", html: PIN, iconSize: [36, 36], iconAnchor: [18, 33] });
      this.pin = L.marker(latlng, { icon, draggable: true, keyboard: false, title: this.element.dataset.pinTitle }).addTo(this.map);
      this.pin.on("dragend", () => this.pick(this.pin.getLatLng()));
    }
    this.pin.setLatLng(latlng);
    this.element.dataset.pinned = "1";
  }

  /** Show a WGS-84 position without telling `onPick`; a circle shows `accuracy` in metres. */
  show({ lon, lat, accuracy }) {
    const [x, y] = this.toMap([lon, lat]);
    this.place(L.latLng(y, x));
    this.circle?.remove();
    this.circle = accuracy > 0 ? L.circle([y, x], { radius: accuracy, weight: 1, color: "#1d4ed8", fillOpacity: 0.08, interactive: false }).addTo(this.map) : null;
    this.map.setView([y, x], Math.max(this.map.getZoom(), this.closeUp), { animate: false });
  }

  forgetAccuracy() {
    this.circle?.remove();
    this.circle = null;
  }

  clear() {
    this.pin?.remove();
    this.pin = null;
    this.forgetAccuracy();
    delete this.element.dataset.pinned;
  }

  /** The keyboard's way to set the pin: move the map with the arrows, then press this. */
  centreButton() {
    const control = L.control({ position: "topright" });
    control.onAdd = () => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-sm map-drop";
      button.textContent = this.element.dataset.drop;
      L.DomEvent.disableClickPropagation(button);
      button.addEventListener("click", () => this.pick(this.map.getCenter()));
      return button;
    };
    control.addTo(this.map);
  }
}
