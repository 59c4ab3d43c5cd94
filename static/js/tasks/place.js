// Draws a task's place on a map: background, borders, pin.

const STATE_COLOURS = {
  reported: "#6b7280", filed: "#475569", dispatched: "#0369a1", handling: "#2563eb", submitted: "#7c3aed",
  closed: "#15803d", suspended: "#92400e", rejected: "#6b7280", merged: "#6b7280", cancelled: "#6b7280",
};

/** Background maps drawn in WGS-84; others would put the pin beside its place. */
function addBackground(map, basemaps) {
  const first = basemaps.find((basemap) => basemap.coord_sys === "wgs84");
  for (const url of first?.urls ?? []) {
    L.tileLayer(url, { attribution: first.credit, subdomains: first.subdomains, maxZoom: 20 }).addTo(map);
  }
}

function drawBorders(borders) {
  return L.geoJSON(borders, {
    interactive: false,
    style: (feature) => feature.properties.level === "grid"
      ? { color: "#64748b", weight: 1, dashArray: "4 3", fill: false }
      : { color: "#475569", weight: 2, fillColor: "#94a3b8", fillOpacity: 0.12 },
  });
}

/** `around`: [[lat, lon], …] that must be seen instead of the whole community. Returns the map, or null without a place. */
async function draw(box, around) {
  const answer = await fetch(box.dataset.place, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const place = await answer.json();
  const map = L.map(box, { scrollWheelZoom: false, zoomSnap: 0.25, zoomControl: false, attributionControl: true });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  addBackground(map, JSON.parse(box.dataset.basemaps || "[]"));
  const borders = drawBorders(place.borders);
  // The view comes first: Leaflet draws nothing before it knows where it is.
  const bounds = borders.getLayers().length ? borders.getBounds() : null;
  const point = place.lon === null ? null : [place.lat, place.lon];
  if (around) map.fitBounds(L.latLngBounds(point ? [...around, point] : around), { padding: [32, 32], maxZoom: 18 });
  else if (bounds) map.fitBounds(point ? bounds.extend(point) : bounds, { padding: [8, 8] });
  else if (point) map.setView(point, 15);
  else return null;
  borders.addTo(map);
  if (point) {
    if (place.accuracy_m) L.circle(point, { radius: place.accuracy_m, weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map);
    L.circleMarker(point, { radius: 9, color: "#fff", weight: 3, fillColor: STATE_COLOURS[place.state], fillOpacity: 1, interactive: false }).addTo(map);
    L.circleMarker(point, { radius: 11, color: STATE_COLOURS[place.state], weight: 1.5, fill: false, interactive: false }).addTo(map);
  }
  box.dataset.drawn = "1";
  return map;
}

const leaflet = () => new Promise((resolve) => (window.L ? resolve() : addEventListener("DOMContentLoaded", resolve, { once: true })));

/** The map of a place in `box`; null, and words in the box, when it cannot be shown. */
export async function showPlace(box, around = null) {
  try {
    await leaflet();
    return await draw(box, around);
  } catch {
    box.textContent = box.dataset.failed;
    box.classList.add("is-failed");
    return null;
  }
}
