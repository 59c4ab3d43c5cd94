// Knows the button that shows where the person stands.

import { place } from './ground.js';
import { notice } from './notice.js';
import { element, fill } from './words.js';

/** Adds the button to the map; `area` gives the bounds within which the view follows. */
export function addLocate(map, texts, area) {
  const spot = L.layerGroup().addTo(map);
  const Button = L.Control.extend({
    options: { position: 'topleft' },
    onAdd() {
      const bar = element('div', 'leaflet-bar');
      const button = element('button', 'locate-button');
      button.type = 'button';
      button.title = texts.locate;
      button.setAttribute('aria-label', texts.locate);
      L.DomEvent.disableClickPropagation(bar);
      button.addEventListener('click', () => ask(map, texts, area, spot));
      bar.append(button);
      return bar;
    },
  });
  map.addControl(new Button());
}

function ask(map, texts, area, spot) {
  if (!navigator.geolocation || !window.isSecureContext) {
    notice(texts.no_position_allowed, { seconds: 8 });
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => show(map, texts, area, spot, coords),
    () => notice(texts.no_position_allowed, { seconds: 8 }),
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
  );
}

function show(map, texts, area, spot, { longitude, latitude, accuracy }) {
  const point = place([longitude, latitude]);
  spot.clearLayers();
  L.circle(point, { radius: accuracy, color: '#1d4ed8', weight: 1, fillOpacity: 0.08, interactive: false }).addTo(spot);
  L.circleMarker(point, { radius: 6, color: '#fff', weight: 2, fillColor: '#1d4ed8', fillOpacity: 1, interactive: false }).addTo(spot);
  const bounds = area();
  const isOutside = bounds && !bounds.pad(0.5).contains(point);
  notice(isOutside ? texts.position_outside : fill(texts.you_are_here, { n: Math.round(accuracy) }), { seconds: 6 });
  if (!isOutside) map.setView(point, Math.max(map.getZoom(), 17));
}
