// The page around the district's map: the table is the same figures in words, hand in hand with the map.

import { listen, settings, tell } from './channel.js';
import { CommunityTable } from './communities.js';
import { foldable, intoArgs } from './fields.js';
import { number } from './words.js';

const own = settings('map-page');
const root = document.querySelector('.map-area');
const frame = document.getElementById('map-frame');
const form = document.getElementById('map-filters');
const inFrame = () => frame && frame.contentWindow;
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

/** The filter alone, without what the page adds to its address. */
function withoutOwn(args) {
  OWN.forEach((name) => args.delete(name));
  return args;
}

function showOutside(args, value) {
  const link = document.querySelector('#map-outside a');
  const wanted = new URLSearchParams(args);
  wanted.set('outside', '1');
  link.href = `${own.list}?${wanted}`;
  link.textContent = number(value);
  link.classList.toggle('is-none', value === 0);
}

async function act() {
  const args = intoArgs(form, new URLSearchParams(window.location.search));
  keepAddress(args);
  withoutOwn(args);
  const answer = await fetch(`${own.counts}?${args}`);
  if (!answer.ok) return;
  const { communities, outside, shades } = await answer.json();
  table.take(communities, args);
  showOutside(args, outside);
  tell(inFrame, 'counts', { communities, shades, search: args.toString() });
}
form?.addEventListener('change', act);
if (form) foldable(form);
form?.addEventListener('submit', (event) => { event.preventDefault(); act(); });

const rows = document.getElementById('map-table');
const here = new URLSearchParams(window.location.search);
const table = new CommunityTable(rows, {
  settings: own, args: withoutOwn(new URLSearchParams(here)), rank: here.get('rank'), told: (name) => keep('rank', name),
});
listen(inFrame, { hover: ({ code }) => table.mark(code) });

const codeAt = (event) => event.target.closest('tr[data-code]')?.dataset.code ?? null;
rows.addEventListener('mouseover', (event) => tell(inFrame, 'highlight', { code: codeAt(event) }));
rows.addEventListener('mouseleave', () => tell(inFrame, 'highlight', { code: null }));
rows.addEventListener('focusin', (event) => tell(inFrame, 'highlight', { code: codeAt(event) }));

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
window.addEventListener('beforeprint', () => table.draw({ isOnPaper: true }));
window.addEventListener('afterprint', () => {
  table.draw();
  document.body.classList.remove('map-printing');
  tell(inFrame, 'resize');
});
