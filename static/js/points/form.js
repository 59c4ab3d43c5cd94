// Knows how the form of a point works: a pin, a line or a polygon on the map, or typed coordinates.

import { ShapeMap } from './shape_map.js';

const at = (id) => document.getElementById(id);
const fields = document.querySelector('.point-form').elements;
const status = at('place-status');
const words = status.dataset;
const tools = at('shape-tools');
const buttons = [...tools.querySelectorAll('[data-shape]')];

const map = new ShapeMap(at('point-map'), (drawn) => {
  fields.geometry.value = drawn.geometry ? JSON.stringify(drawn.geometry) : '';
  fields.lon.value = drawn.lon === null ? '' : drawn.lon.toFixed(7);
  fields.lat.value = drawn.lat === null ? '' : drawn.lat.toFixed(7);
  fields.coords.value = '';
  at('coords-problem').hidden = true;
  say();
});

function say() {
  buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.shape === map.kind)));
  tools.querySelector('[data-undo]').disabled = map.kind === 'Point' || !map.vertices.length;
  if (map.kind === 'Point') {
    status.textContent = fields.lon.value ? `${words.pinned} ${Number(fields.lon.value).toFixed(5)}, ${Number(fields.lat.value).toFixed(5)}` : words.point;
    return;
  }
  const least = { LineString: 2, Polygon: 3 }[map.kind];
  const n = map.vertices.length;
  if (map.foreign) status.textContent = '';
  else if (!n) status.textContent = words[map.kind.toLowerCase()];
  else if (n < least) status.textContent = words.few.replace('{n}', least - n);
  else status.textContent = (map.kind === 'Polygon' ? words.area : words.drawn).replace('{n}', n).replace('{m}', Math.round(map.metres()).toLocaleString('en-US'));
}

tools.hidden = false;
buttons.forEach((button) => button.addEventListener('click', () => { if (map.kind !== button.dataset.shape) map.draw(button.dataset.shape); }));
tools.querySelector('[data-undo]').addEventListener('click', () => map.undo());
tools.querySelector('[data-clear]').addEventListener('click', () => {
  map.wipe();
  map.tell();
});

let timer;
let asking;
async function readCoords() {
  const problem = at('coords-problem');
  problem.hidden = true;
  if (!fields.coords.value.trim()) return;
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams({ coords: fields.coords.value, coord_sys: fields.coord_sys.value });
  try {
    const answer = await fetch(`${at('point-map').dataset.coords}?${query}`, { headers: { 'X-Requested-With': 'fetch' }, signal: asking.signal });
    const found = await answer.json();
    problem.textContent = found.message ?? '';
    problem.hidden = !found.message;
    if (found.lon === null || found.lon === undefined) return;
    map.kind = 'Point';
    map.wipe();
    fields.geometry.value = '';
    fields.lon.value = found.lon.toFixed(7);
    fields.lat.value = found.lat.toFixed(7);
    map.show(found);
    say();
  } catch { /* offline or overtaken: what was typed is read when the form is sent */ }
}
const readSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(readCoords, 400);
};
fields.coords.addEventListener('input', readSoon);
fields.coord_sys.addEventListener('change', readSoon);

let stored = null;
try {
  stored = fields.geometry.value ? JSON.parse(fields.geometry.value) : null;
} catch { /* what was refused stays in the field; the message says why */ }
if (stored?.coordinates) {
  try { map.load(stored); } catch { /* as above */ }
} else if (Number(fields.lon.value) && Number(fields.lat.value)) map.show({ lon: Number(fields.lon.value), lat: Number(fields.lat.value) });
say();
