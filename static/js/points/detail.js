// Shows where a point lies: its pin, line or polygon over the borders; nothing can be moved here.

import { ShapeMap } from './shape_map.js';

const box = document.getElementById('point-map');
const map = new ShapeMap(box, () => {});
const geometry = JSON.parse(box.dataset.geometry);
if (geometry) map.load(geometry);
else {
  map.show({ lon: Number(box.dataset.lon), lat: Number(box.dataset.lat) });
  map.pin.dragging.disable();
}
box.dataset.drawn = '1';
