// The page around the district's map: the table is the same figures in words, hand in hand with the map.

import { listen, settings, tell } from './channel.js';
import { foldable, intoArgs } from './fields.js';
import { rankBy } from './ranking.js';
import { number } from './words.js';

const { counts: countsUrl, list: listUrl, open_states: openStates } = settings('map-page');
const root = document.querySelector('.map-area');
const frame = document.getElementById('map-frame');
const form = document.getElementById('map-filters');
const inFrame = () => frame && frame.contentWindow;
const FIGURES = ['open', 'overdue', 'due_soon'];
const OWN = ['measure', 'rank', 'tasks', 'layers'];

/** The address bar holds what is shown: the filter, the figure that shades the map, the order of the table. */
function keepAddress(args) {
  const text = args.toString();
  window.history.replaceState(null, '', window.location.pathname + (text ? `?${text}` : ''));
}

function keep(name, value) {
  const args = new URLSearchParams(window.location.search);
  args.delete(name);
  if (value) args.set(name, value);
  keepAddress(args);
}

function showMeasure(wanted) {
  document.querySelectorAll('[data-measure]').forEach((button) => button.setAttribute('aria-pressed', String(button.dataset.measure === wanted)));
  tell(inFrame, 'measure', { measure: wanted });
}
document.querySelectorAll('[data-measure]').forEach((button) => button.addEventListener('click', () => {
  showMeasure(button.dataset.measure);
  keep('measure', button.dataset.measure === 'open' ? '' : button.dataset.measure);
}));
if (new URLSearchParams(window.location.search).get('measure') === 'overdue') showMeasure('overdue');

const tasksButton = document.getElementById('map-tasks');
function showTasks(isShown) {
  tasksButton.setAttribute('aria-pressed', String(isShown));
  tell(inFrame, 'tasks', { isShown });
}
tasksButton?.addEventListener('click', () => {
  const isShown = tasksButton.getAttribute('aria-pressed') !== 'true';
  showTasks(isShown);
  keep('tasks', isShown ? '' : 'hidden');
});
if (new URLSearchParams(window.location.search).get('tasks') === 'hidden') tasksButton?.setAttribute('aria-pressed', 'false');

const layerButtons = [...document.querySelectorAll('[data-layer]')];
for (const button of layerButtons) {
  button.addEventListener('click', () => {
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    const shown = layerButtons.filter((one) => one.getAttribute('aria-pressed') === 'true').map((one) => one.dataset.layer);
    tell(inFrame, 'layers', { shown });
    keep('layers', shown.join('.'));
  });
  // The frame reads the address itself.
  button.setAttribute('aria-pressed', String((new URLSearchParams(window.location.search).get('layers') || '').split('.').includes(button.dataset.layer)));
}

function link(cell, args, more, value) {
  const anchor = cell.querySelector('a');
  const wanted = new URLSearchParams(args);
  Object.entries(more).forEach(([name, text]) => [text].flat().forEach((one) => wanted.append(name, one)));
  anchor.href = `${listUrl}?${wanted}`;
  anchor.textContent = number(value);
  anchor.classList.toggle('is-none', value === 0);
}

async function act() {
  const args = intoArgs(form, new URLSearchParams(window.location.search));
  keepAddress(args);
  OWN.forEach((name) => args.delete(name));
  const answer = await fetch(`${countsUrl}?${args}`);
  if (!answer.ok) return;
  const { communities, outside, shades } = await answer.json();
  for (const row of document.querySelectorAll('tr[data-code]')) {
    const values = communities[row.dataset.code] || [0, 0, 0];
    FIGURES.forEach((name, index) => {
      const due = name === 'open' ? { state: openStates } : { due: name };
      link(row.querySelector(`[data-figure=${name}]`), args, { area: row.dataset.code, ...due }, values[index]);
    });
  }
  link(document.getElementById('map-outside'), args, { outside: '1' }, outside);
  tell(inFrame, 'counts', { communities, shades, search: args.toString() });
  ranking?.again();
}
form?.addEventListener('change', act);
if (form) foldable(form);
form?.addEventListener('submit', (event) => { event.preventDefault(); act(); });

function mark(code) {
  document.querySelectorAll('tr.is-hovered').forEach((row) => row.classList.remove('is-hovered'));
  const row = code && document.querySelector(`tr[data-code="${CSS.escape(code)}"]`);
  if (row) {
    row.classList.add('is-hovered');
    row.scrollIntoView({ block: 'nearest' });
  }
}
listen(inFrame, { hover: ({ code }) => mark(code) });

const table = document.getElementById('map-table');
const ranking = table && rankBy(table, new URLSearchParams(window.location.search).get('rank'), (name) => keep('rank', name));
const codeAt = (event) => event.target.closest('tr[data-code]')?.dataset.code ?? null;
table?.addEventListener('mouseover', (event) => tell(inFrame, 'highlight', { code: codeAt(event) }));
table?.addEventListener('mouseleave', () => tell(inFrame, 'highlight', { code: null }));
table?.addEventListener('focusin', (event) => tell(inFrame, 'highlight', { code: codeAt(event) }));

function showTab(name) {
  root.dataset.tab = name;
  document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.setAttribute('aria-pressed', String(tab.dataset.tabOf === name)));
  tell(inFrame, 'resize');
}
document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.addEventListener('click', () => showTab(tab.dataset.tabOf)));

document.getElementById('map-print')?.addEventListener('click', () => {
  document.body.classList.add('map-printing');
  tell(inFrame, 'resize');
  window.setTimeout(() => window.print(), 400);
});
window.addEventListener('afterprint', () => {
  document.body.classList.remove('map-printing');
  tell(inFrame, 'resize');
});
