// Knows the two things a task page shows large: where it is, and its photos.

// --- the place -------------------------------------------------------------------------------
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

async function drawPlace(box) {
  const answer = await fetch(box.dataset.place, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const place = await answer.json();
  const map = L.map(box, { scrollWheelZoom: false, zoomSnap: 0.25, zoomControl: false, attributionControl: true });
  map.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  addBackground(map, JSON.parse(box.dataset.basemaps || "[]"));
  const borders = L.geoJSON(place.borders, {
    interactive: false,
    style: (feature) => feature.properties.level === "grid"
      ? { color: "#64748b", weight: 1, dashArray: "4 3", fill: false }
      : { color: "#475569", weight: 2, fillColor: "#94a3b8", fillOpacity: 0.12 },
  });
  // The view comes first: Leaflet draws nothing before it knows where it is.
  const bounds = borders.getLayers().length ? borders.getBounds() : null;
  const point = place.lon === null ? null : [place.lat, place.lon];
  if (bounds) map.fitBounds(point ? bounds.extend(point) : bounds, { padding: [8, 8] });
  else if (point) map.setView(point, 15);
  else return;
  borders.addTo(map);
  if (point) {
    if (place.accuracy_m) L.circle(point, { radius: place.accuracy_m, weight: 1, fillOpacity: 0.08, interactive: false }).addTo(map);
    L.circleMarker(point, { radius: 9, color: "#fff", weight: 3, fillColor: STATE_COLOURS[place.state], fillOpacity: 1, interactive: false }).addTo(map);
    L.circleMarker(point, { radius: 11, color: STATE_COLOURS[place.state], weight: 1.5, fill: false, interactive: false }).addTo(map);
  }
  box.dataset.drawn = "1";
}

function startMap() {
  const box = document.querySelector("[data-place]");
  if (box) drawPlace(box).catch(() => { box.textContent = box.dataset.failed; box.classList.add("is-failed"); });
}
if (window.L) startMap();
else addEventListener("DOMContentLoaded", startMap);

// --- the photos ------------------------------------------------------------------------------
const gallery = document.getElementById("gallery-dialog");
const image = gallery?.querySelector("[data-gallery-image]");
let shown = [];
let current = 0;

function show(index) {
  current = (index + shown.length) % shown.length;
  const picture = shown[current].querySelector("img");
  const when = shown[current].querySelector(".photo-when")?.textContent.trim() ?? "";
  image.src = shown[current].href;
  image.alt = picture.alt;
  gallery.querySelector("[data-gallery-words]").textContent = [picture.alt, when, `${current + 1} / ${shown.length}`].filter(Boolean).join(" · ");
  for (const button of gallery.querySelectorAll("[data-gallery-step]")) button.hidden = shown.length < 2;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-gallery] a");
  if (!link || !gallery?.showModal || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  shown = [...link.closest("[data-gallery]").querySelectorAll("a")];
  show(shown.indexOf(link));
  gallery.showModal();
});
gallery?.addEventListener("click", (event) => {
  const step = event.target.closest("[data-gallery-step]");
  if (step) show(current + Number(step.dataset.galleryStep));
  else if (event.target === gallery || event.target.closest("[data-gallery-close]")) gallery.close();
});
gallery?.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) show(current + step);
});
gallery?.addEventListener("close", () => image.removeAttribute("src"));
