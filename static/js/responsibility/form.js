// Knows how the form of a post works: a line, a polygon, or the rest of a community without a drawing.

import { ShapeMap } from '../points/shape_map.js';

const at = (id) => document.getElementById(id);
const fields = document.querySelector('.resp-form').elements;
const status = at('place-status');
const words = status.dataset;
const tools = at('shape-tools');
const buttons = [...tools.querySelectorAll('[data-shape]')];
const box = at('post-map');
let kind = 'LineString';

const map = new ShapeMap(box, (drawn) => {
  if (kind === 'none') return;
  fields.geometry.value = drawn.geometry ? JSON.stringify(drawn.geometry) : '';
  say();
});

function say() {
  buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.shape === kind)));
  const n = map.vertices.length;
  tools.querySelector('[data-undo]').disabled = kind === 'none' || !n;
  document.querySelector('[data-reach]').hidden = kind !== 'LineString';
  box.hidden = kind === 'none';
  if (kind === 'none') { status.textContent = words.none; return; }
  const least = { LineString: 2, Polygon: 3 }[kind];
  if (map.foreign) status.textContent = '';
  else if (!n) status.textContent = words[kind.toLowerCase()];
  else if (n < least) status.textContent = words.few.replace('{n}', least - n);
  else status.textContent = (kind === 'Polygon' ? words.area : words.drawn).replace('{n}', n).replace('{m}', Math.round(map.metres()).toLocaleString('en-US'));
}

tools.hidden = false;
buttons.forEach((button) => button.addEventListener('click', () => {
  if (kind === button.dataset.shape) return;
  kind = button.dataset.shape;
  fields.geometry.value = '';
  if (kind === 'none') map.wipe();
  else {
    map.draw(kind);
    box.hidden = false;
    map.map.invalidateSize({ animate: false });
  }
  say();
}));
tools.querySelector('[data-undo]').addEventListener('click', () => map.undo());
tools.querySelector('[data-clear]').addEventListener('click', () => {
  map.wipe();
  map.tell();
});

let stored = null;
try {
  stored = fields.geometry.value ? JSON.parse(fields.geometry.value) : null;
} catch { /* what was refused stays in the field; the message says why */ }
if (stored?.coordinates) {
  try {
    map.load(stored);
    kind = map.kind;
  } catch { /* as above */ }
} else if (fields.version.value !== '0' && !fields.geometry.value) {
  kind = 'none';
}
map.kind = kind === 'none' ? 'LineString' : kind;
say();
