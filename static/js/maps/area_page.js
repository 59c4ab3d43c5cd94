// The page around one area's map: filters, legend and list; the address bar always says what is shown.

import { listen, settings, tell } from './channel.js';
import { foldable, intoArgs } from './fields.js';
import { rowOf } from './rows.js';
import { svgShape } from './shapes.js';
import { fill, number } from './words.js';

const { states, texts, list: listUrl, area, task: taskUrl } = settings('map-page');
const labels = Object.fromEntries(states.map(({ key, label }) => [key, label]));
const root = document.querySelector('.map-area');
const frame = document.getElementById('map-frame');
const form = document.getElementById('map-filters');
const rows = document.getElementById('map-rows');
const inFrame = () => frame.contentWindow;
let typing = 0;

for (const spot of document.querySelectorAll('[data-look]')) spot.append(svgShape(spot.dataset.look));

// --- filter -> address -> map ---------------------------------------------------------------------------------

const pressed = (kind) => [...document.querySelectorAll(`[data-${kind}][aria-pressed=true]`)].map((button) => button.dataset[kind]);
const isUsual = (shown) => states.every((state) => state.shown === shown.includes(state.key));

function search() {
  const args = intoArgs(form, new URLSearchParams(window.location.search));
  const shown = pressed('state');
  args.delete('state');
  if (!isUsual(shown)) shown.forEach((state) => args.append('state', state));
  args.delete('due');
  pressed('due').forEach((due) => args.set('due', due));
  return args.toString() ? `?${args}` : '';
}

function act() {
  const wanted = search();
  window.history.replaceState(null, '', `${window.location.pathname}${wanted}`);
  tell(inFrame, 'filter', { search: wanted });
  const inList = new URLSearchParams(wanted);
  inList.set('area', area);
  document.getElementById('map-as-list').href = `${listUrl}?${inList}`;
  document.getElementById('map-reset').hidden = !wanted;
}

form.addEventListener('submit', (event) => { event.preventDefault(); act(); });
form.addEventListener('change', act);
foldable(form);
form.elements.q.addEventListener('input', () => {
  window.clearTimeout(typing);
  typing = window.setTimeout(act, 300);
});
for (const button of document.querySelectorAll('[data-state]')) {
  button.addEventListener('click', () => {
    const others = pressed('state').filter((state) => state !== button.dataset.state);
    // The last one switched off brings all back: a map that shows nothing helps nobody.
    if (button.getAttribute('aria-pressed') === 'true' && !others.length) {
      states.forEach(({ key, shown }) => document.querySelector(`[data-state=${key}]`).setAttribute('aria-pressed', String(shown)));
    } else button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') !== 'true'));
    act();
  });
}
for (const button of document.querySelectorAll('[data-due]')) {
  button.addEventListener('click', () => {
    const on = button.getAttribute('aria-pressed') !== 'true';
    document.querySelectorAll('[data-due]').forEach((other) => other.setAttribute('aria-pressed', String(on && other === button)));
    act();
  });
}
for (const box of document.querySelectorAll('[data-layer]')) {
  box.addEventListener('change', () => tell(inFrame, 'layers', { wanted: { [box.dataset.layer]: box.checked } }));
}

// --- map -> list ----------------------------------------------------------------------------------------------

function showCounts({ byState, flags }) {
  for (const spot of document.querySelectorAll('[data-count]')) {
    const value = byState[spot.dataset.count] || 0;
    spot.textContent = number(value);
    spot.closest('button').classList.toggle('is-none', value === 0);
  }
  for (const spot of document.querySelectorAll('[data-flag]')) {
    const value = flags[spot.dataset.flag];
    spot.textContent = number(value);
    spot.closest('button').classList.toggle('is-none', value === 0);
  }
}

const marked = {}; // class -> number; every movement of the map lays the rows anew, and what is marked stays marked

function showRows(view) {
  const focused = document.activeElement?.dataset?.number;
  const shown = view.rows.map((task) => rowOf(task, { now: view.now, texts, labels, taskUrl }));
  rows.replaceChildren(...shown);
  for (const name of Object.keys(marked)) rowAt(marked[name])?.classList.add(name);
  rows.hidden = !shown.length;
  const empty = document.getElementById('map-empty');
  empty.hidden = shown.length > 0;
  empty.textContent = view.matching ? texts.nothing_here : texts.nothing_at_all;
  const more = document.getElementById('map-more');
  more.hidden = view.listed <= view.rows.length;
  more.textContent = fill(texts.more, { n: Math.min(100, view.listed - view.rows.length) });
  if (focused) rows.querySelector(`button[data-number="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function showView(view) {
  const inView = document.getElementById('map-in-view');
  // Of more than the list holds nobody has counted those in view.
  inView.hidden = Boolean(view.cut);
  inView.textContent = fill(texts.in_view, { n: number(view.inView) });
  document.getElementById('map-all').textContent = fill(texts.all_of, { n: number(view.cut ? view.cut.total : view.matching) });
  const unplaced = document.getElementById('map-unplaced');
  unplaced.hidden = !view.unplaced;
  unplaced.textContent = fill(texts.unplaced, { n: number(view.unplaced) });
  const cut = document.getElementById('map-cut');
  cut.hidden = !view.cut;
  cut.textContent = view.cut ? fill(texts.cut, { total: number(view.cut.total), n: number(view.cut.n) }) : '';
  document.getElementById('map-list-tab').textContent = fill(texts.list_tab, { n: number(view.listed) });
  showCounts(view);
  showRows(view);
  root.dataset.ready = 'yes';
}

function rowAt(wanted) {
  return wanted && rows.querySelector(`li[data-number="${CSS.escape(wanted)}"]`);
}

function mark(name, wanted) {
  marked[name] = wanted;
  rows.querySelectorAll(`.${name}`).forEach((row) => row.classList.remove(name));
  const row = rowAt(wanted);
  if (row) {
    row.classList.add(name);
    row.scrollIntoView({ block: 'nearest' });
  }
}

listen(inFrame, {
  view: showView,
  hover: ({ number: wanted }) => mark('is-hovered', wanted),
  picked: ({ number: wanted }) => mark('is-picked', wanted),
  failed: () => { root.dataset.ready = 'failed'; },
});

// --- list -> map ----------------------------------------------------------------------------------------------

const numberAt = (event) => event.target.closest('li[data-number]')?.dataset.number ?? null;
rows.addEventListener('mouseover', (event) => tell(inFrame, 'highlight', { number: numberAt(event) }));
rows.addEventListener('mouseleave', () => tell(inFrame, 'highlight', { number: null }));
rows.addEventListener('focusin', (event) => tell(inFrame, 'highlight', { number: numberAt(event) }));
rows.addEventListener('focusout', () => tell(inFrame, 'highlight', { number: null }));
rows.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-number]');
  if (!button) return;
  showTab('map');
  tell(inFrame, 'open', { number: button.dataset.number });
});
document.getElementById('map-more').addEventListener('click', () => tell(inFrame, 'more'));

function showTab(name) {
  root.dataset.tab = name;
  document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.setAttribute('aria-pressed', String(tab.dataset.tabOf === name)));
  tell(inFrame, 'resize');
}
document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.addEventListener('click', () => showTab(tab.dataset.tabOf)));

// --- print ----------------------------------------------------------------------------------------------------

document.getElementById('map-print').addEventListener('click', () => {
  document.body.classList.add('map-printing');
  tell(inFrame, 'resize');
  window.setTimeout(() => window.print(), 400);
});
window.addEventListener('afterprint', () => {
  document.body.classList.remove('map-printing');
  tell(inFrame, 'resize');
});
tell(inFrame, 'hello');

