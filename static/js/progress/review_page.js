// The page around a review map: the chosen figure colours the maps and sorts the table; a row, its area and its causes are one selection.

import { listen, settings, tell } from '../maps/channel.js';

const { columns, measure: first, usual, area: whole, picked, late, causes } = settings('map-page');
const frames = [...document.querySelectorAll('.review-frame')];
const table = document.getElementById('review-table');
const select = document.getElementById('review-measure');
const form = document.getElementById('review-form');
const why = document.getElementById('review-why');
const backToWhole = document.getElementById('review-whole');
const rows = [...table.tBodies[0].rows];
const heads = [...table.querySelectorAll('th[data-column]')];
let measure = first;
let isBest = new URLSearchParams(window.location.search).get('order') === 'best';
let chosen = picked || null;

const toEach = (kind, body) => frames.forEach((frame) => tell(() => frame.contentWindow, kind, body));

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

function put(args, isHere) {
  ['measure', 'order', ...(isHere ? ['area'] : [])].forEach((name) => args.delete(name));
  if (measure !== usual) args.set('measure', measure);
  if (isBest) args.set('order', 'best');
  if (isHere && chosen) args.set('area', chosen);
  return args;
}

/** Two days are compared by the change of the figure that is looked at, the worst first. */
function compare(args) {
  ['measure', 'order'].forEach((name) => args.delete(name));
  if (columns[measure].change) args.set('measure', columns[measure].change);
}

/** The address bar and every link that stays in the review hold what is shown; a choice of an area is a step of its own. */
function keep(isStep = false) {
  const address = `${window.location.pathname}?${put(new URLSearchParams(window.location.search), true)}`;
  if (isStep) window.history.pushState(null, '', address);
  else window.history.replaceState(null, '', address);
  document.querySelectorAll('a[data-carry]').forEach((link) => {
    const url = new URL(link.href);
    put(url.searchParams, link.dataset.carry !== '');
    if (link.dataset.carry === 'change') compare(url.searchParams);
    link.href = url.href;
  });
  const sheet = document.querySelector('a[data-sheet]');
  const url = new URL(sheet.href);
  url.searchParams.set('measure', columns[measure].sheet);
  sheet.href = url.href;
  form.elements.measure.value = measure === usual ? '' : measure;
  form.elements.order.value = isBest ? 'best' : '';
  form.elements.area.value = chosen || '';
}

/** Each map shows its own column: of two days compared one is that of the day before. */
const paint = (frame) => tell(() => frame.contentWindow, 'measure', { measure: columns[measure].maps[frame.dataset.side] });

function show(wanted, best) {
  const isAsked = columns[wanted].isLate !== columns[measure].isLate;
  measure = wanted;
  isBest = best;
  select.value = wanted;
  sort();
  colour();
  keep();
  frames.forEach(paint);
  if (isAsked) askWhy();
}

select.addEventListener('change', () => show(select.value, false));
heads.forEach((head) => head.querySelector('a').addEventListener('click', (event) => {
  event.preventDefault();
  const { column } = head.dataset;
  show(column, column === measure && !isBest);
}));

/** Why the chosen area, or the whole, has so many open; of the overdue ones while those are looked at. */
function askWhy() {
  const url = new URL(causes.replace('CODE', encodeURIComponent(chosen || whole)), window.location);
  if (columns[measure].isLate) url.searchParams.set('measure', late);
  window.htmx.ajax('GET', url.pathname + url.search, { source: why, target: why, select: '#review-causes', swap: 'innerHTML ignoreTitle:true' });
}

/** Marks the chosen area in table and maps and asks why it stands so; null is the whole. */
function mark(code) {
  if (code === chosen) return;
  chosen = code;
  rows.forEach((row) => (row.dataset.code === code ? row.setAttribute('aria-current', 'true') : row.removeAttribute('aria-current')));
  rows.find((row) => row.dataset.code === code)?.scrollIntoView({ block: 'nearest' });
  if (backToWhole) backToWhole.hidden = !code;
  // on a phone the causes stand above the table
  if (code && window.matchMedia('(max-width: 767.98px)').matches) why.scrollIntoView({ block: 'nearest' });
  toEach('highlight', { code });
  askWhy();
}

function pick(code, isStep) {
  if (code === chosen) return;
  mark(code);
  keep(isStep);
}

const open = (code) => rows.find((row) => row.dataset.code === code)?.querySelector('[data-drill]')?.click();

for (const frame of frames) {
  listen(() => frame.contentWindow, {
    pick: ({ code }) => pick(code, true),
    open: ({ code }) => open(code),
    moved: ({ view }) => frames.filter((other) => other !== frame).forEach((other) => tell(() => other.contentWindow, 'view', { view })),
    drawn: () => { paint(frame); frame.dataset.drawn = '1'; if (chosen) tell(() => frame.contentWindow, 'highlight', { code: chosen }); },
  });
}
table.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-code]');
  if (!row || event.target.closest('a')) return;
  if (row.dataset.code === chosen) open(chosen);
  else pick(row.dataset.code, true);
});
// The keyboard walks along the rows: each is chosen on the way, and the way back is one step.
table.addEventListener('focusin', (event) => {
  const row = event.target.closest('tr[data-code]');
  if (row && event.target.matches(':focus-visible')) pick(row.dataset.code, false);
});
backToWhole?.querySelector('a').addEventListener('click', (event) => { event.preventDefault(); pick(null, true); });
window.addEventListener('popstate', () => {
  const code = new URLSearchParams(window.location.search).get('area');
  mark(rows.some((row) => row.dataset.code === code) ? code : null);
  keep();
});

// The address bar holds only what is asked.
form.addEventListener('formdata', ({ formData }) => {
  for (const [name, value] of [...formData.entries()]) if (value === '') formData.delete(name);
});
colour();

document.getElementById('review-print').addEventListener('click', () => {
  document.body.classList.add('review-printing');
  toEach('print');
  window.setTimeout(() => window.print(), 400);
});
window.addEventListener('afterprint', () => {
  document.body.classList.remove('review-printing');
  toEach('printed');
});
