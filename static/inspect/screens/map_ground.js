// Knows the ground of the phone's maps: Leaflet when it is asked for, the borders of the package, no tiles.

import { loadScript, loadStyle } from "../loading.js";
import { words } from "../words.js";
import { isPlaced } from "./distance.js";

const LINES = {
  district: { color: "#334155", weight: 2.5 }, town: { color: "#475569", weight: 2 }, community: { color: "#64748b", weight: 1.5 },
  grid: { color: "#94a3b8", weight: 1, dashArray: "4 4" },
};
/** Where a map opens when neither borders nor places are known: 金湾区. */
const FALLBACK = [22.148, 113.354];

export async function leaflet() {
  await loadStyle("../vendor/leaflet/leaflet.css");
  return loadScript("../vendor/leaflet/leaflet.js", () => globalThis.L);
}

/** A map in `box` with the borders of the package; resolves to {L, map, bounds} (bounds may be invalid). */
export async function ground(box, known) {
  const L = await leaflet();
  const map = L.map(box, { attributionControl: false, renderer: L.canvas({ tolerance: 14 }), zoomControl: false, maxZoom: 19 });
  L.control.zoom({ position: "bottomleft", zoomInTitle: words("放大"), zoomOutTitle: words("缩小") }).addTo(map);
  const borders = L.geoJSON(known.box.borders ?? { type: "FeatureCollection", features: [] }, {
    interactive: false,
    style: ({ properties }) => ({ fill: properties.level === "community", fillColor: "#f1f5f9", fillOpacity: 0.6, ...(LINES[properties.level] ?? LINES.community) }),
  }).addTo(map);
  nameAreas(L, map, borders);
  map.setView(FALLBACK, 12);
  return { L, map, bounds: borders.getBounds() };
}

/** Names of communities, only while each is wide enough for its own. */
function nameAreas(L, map, borders) {
  const names = L.layerGroup().addTo(map);
  map.createPane("names").style.zIndex = "350"; // above the borders, below the marks
  const draw = () => {
    names.clearLayers();
    borders.eachLayer((layer) => {
      const { name, level } = layer.feature.properties;
      const bounds = layer.getBounds();
      if (!name || level !== "community" || !bounds.isValid()) return;
      const wide = map.latLngToContainerPoint(bounds.getNorthEast()).x - map.latLngToContainerPoint(bounds.getSouthWest()).x;
      if (wide < name.length * 18) return;
      const label = document.createElement("span");
      label.className = "border-name";
      label.textContent = name;
      names.addLayer(L.marker(bounds.getCenter(), { interactive: false, keyboard: false, pane: "names", icon: L.divIcon({ className: "border-name", html: label, iconSize: [name.length * 16, 20] }) }));
    });
  };
  map.on("zoomend", draw);
  map.whenReady(draw);
}

/** Show all of `bounds`, or stay where the map is when there is nothing to show. */
export function fit(map, bounds, { maxZoom = 17 } = {}) {
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [24, 24], maxZoom, animate: false });
}

/** A map on which a tap sets a pin; `onPick({lon, lat})`. */
export async function pinMap(box, known, { place, onPick }) {
  const { L, map, bounds } = await ground(box, known);
  const pin = L.circleMarker([0, 0], { radius: 11, weight: 4, color: "#1d4ed8", fillColor: "#fff", fillOpacity: 0.9 });
  const put = ({ lon, lat }) => pin.setLatLng([lat, lon]).addTo(map);
  if (isPlaced(place)) {
    map.setView([place.lat, place.lon], 17);
    put(place);
  } else fit(map, bounds);
  map.on("click", ({ latlng }) => {
    const picked = { lon: Number(latlng.lng.toFixed(7)), lat: Number(latlng.lat.toFixed(7)) };
    put(picked);
    onPick(picked);
  });
  return map;
}
