// The page around a review map: the chosen figure colours the map and sorts the table; a row and its area are one selection.

import { listen, settings, tell } from '../maps/channel.js';

const { columns, measure: first } = settings('map-page');
const frame = document.getElementById('map-frame');
const table = document.getElementById('review-table');
const select = document.getElementById('review-measure');
const form = document.getElementById('review-form');
const inFrame = () => frame.contentWindow;
const rows = [...table.tBodies[0].rows];
const heads = [...table.querySelectorAll('th[data-column]')];
let measure = first;
let isBest = new URLSearchParams(window.location.search).get('order') === 'best';
let chosen = null;

const valueOf = (row) => {
  const text = row.querySelector(`[data-column="${measure}"]`).dataset.value;
  return text === '' ? null : Number(text);
};

/** Worst first or best first; areas without a figure last, equal ones by code: the same order as the server's. */
function sort() {
  const sign = (columns[measure].worse === 'high') === isBest ? 1 : -1;
  const order = (a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === null || y === null) return (x === null) - (y === null) || (a.dataset.code < b.dataset.code ? -1 : 1);
    return sign * (x - y) || (a.dataset.code < b.dataset.code ? -1 : 1);
  };
  table.tBodies[0].append(...rows.sort(order));
  heads.forEach((head) => head.setAttribute('aria-sort', head.dataset.column !== measure ? 'none' : sign > 0 ? 'ascending' : 'descending'));
}

function colour() {
  for (const row of rows) {
    const shade = columns[measure].colours[row.dataset.code];
    row.querySelector('.review-swatch rect').setAttribute('fill', shade || '#f3f4f6');
    row.querySelectorAll('td').forEach((cell) => cell.classList.toggle('is-chosen', cell.dataset.column === measure));
  }
}

function put(args) {
  args.delete('measure');
  args.delete('order');
  args.set('measure', measure);
  if (isBest) args.set('order', 'best');
  return args;
}

/** The address bar and every link that stays in the review hold what is shown. */
function keep() {
  const args = put(new URLSearchParams(window.location.search));
  window.history.replaceState(null, '', `${window.location.pathname}?${args}`);
  document.querySelectorAll('a[data-carry]').forEach((link) => {
    const url = new URL(link.href);
    put(url.searchParams);
    link.href = url.href;
  });
  form.elements.measure.value = measure;
  form.elements.order.value = isBest ? 'best' : '';
}

function show(wanted, best) {
  measure = wanted;
  isBest = best;
  select.value = wanted;
  sort();
  colour();
  keep();
  tell(inFrame, 'measure', { measure });
}

select.addEventListener('change', () => show(select.value, false));
heads.forEach((head) => head.querySelector('a').addEventListener('click', (event) => {
  event.preventDefault();
  const { column } = head.dataset;
  show(column, column === measure && !isBest);
}));

function pick(code, isFromMap = false) {
  chosen = code;
  rows.forEach((row) => row.classList.toggle('is-hovered', row.dataset.code === code));
  const row = rows.find((one) => one.dataset.code === code);
  if (row && isFromMap) row.scrollIntoView({ block: 'nearest' });
  if (!isFromMap) tell(inFrame, 'highlight', { code });
}

const open = (code) => rows.find((row) => row.dataset.code === code)?.querySelector('[data-drill]')?.click();

listen(inFrame, {
  pick: ({ code }) => pick(code, true),
  open: ({ code }) => open(code),
  drawn: () => { tell(inFrame, 'measure', { measure }); frame.dataset.drawn = '1'; if (chosen) tell(inFrame, 'highlight', { code: chosen }); },
});
table.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-code]');
  if (!row || event.target.closest('a')) return;
  if (row.dataset.code === chosen) open(chosen);
  else pick(row.dataset.code);
});
table.addEventListener('focusin', (event) => {
  const row = event.target.closest('tr[data-code]');
  if (row) pick(row.dataset.code);
});

// The address bar holds only what is asked.
form.addEventListener('formdata', ({ formData }) => {
  for (const [name, value] of [...formData.entries()]) if (value === '') formData.delete(name);
});
colour();

document.getElementById('review-print').addEventListener('click', () => {
  document.body.classList.add('review-printing');
  tell(inFrame, 'print');
  window.setTimeout(() => window.print(), 400);
});
window.addEventListener('afterprint', () => {
  document.body.classList.remove('review-printing');
  tell(inFrame, 'printed');
});
