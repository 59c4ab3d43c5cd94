// Knows how the register is worked: rows and map show one selection, the filters act in place.

import { listen, tell } from '../maps/channel.js';

const results = () => document.getElementById('point-results');
const frame = document.getElementById('points-frame');
const split = document.querySelector('[data-split]');
const inFrame = () => frame.contentWindow;
const rowAt = (event) => event.target.closest?.('tr[data-code]');

document.addEventListener('click', (event) => {
  const row = rowAt(event);
  if (!row || event.target.closest('a, button, input, label') || String(getSelection())) return;
  const link = row.querySelector('a');
  if (event.ctrlKey || event.metaKey) window.open(link.href, '_blank', 'noopener');
  else link.click();
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, select, textarea')) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const links = [...results().querySelectorAll('tr[data-code] a')];
  links[Math.max(0, Math.min(links.length - 1, links.indexOf(document.activeElement) + step))]?.focus();
});

// list → map
document.addEventListener('mouseover', (event) => {
  const row = rowAt(event);
  if (row) tell(inFrame, 'highlight', { code: row.dataset.code });
});
document.addEventListener('mouseout', (event) => { if (rowAt(event)) tell(inFrame, 'highlight', { code: null }); });
document.addEventListener('focusin', (event) => {
  const row = rowAt(event);
  if (row) tell(inFrame, 'highlight', { code: row.dataset.code });
});

// map → list
function mark(name, code) {
  results().querySelectorAll(`.${name}`).forEach((row) => row.classList.remove(name));
  const row = code && results().querySelector(`tr[data-code="${CSS.escape(code)}"]`);
  if (!row) return;
  row.classList.add(name);
  if (name === 'is-picked') row.scrollIntoView({ block: 'nearest' });
}
listen(inFrame, {
  hover: ({ code }) => mark('is-hovered', code),
  picked: ({ code }) => mark('is-picked', code),
  drawn: () => { frame.dataset.drawn = '1'; },
});

// The address bar holds only what is filtered.
document.addEventListener('htmx:configRequest', (event) => {
  if (!event.target.matches('[data-filters]')) return;
  const { parameters } = event.detail;
  for (const [name, value] of [...parameters.entries()]) {
    if (value === '' || (name === 'sort' && value === 'code')) parameters.delete(name);
  }
});
// The signed-out answer is a whole page: go there instead of putting it into the list.
document.addEventListener('htmx:beforeSwap', (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || !xhr.responseText.includes('id="point-results"')) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL || location.href);
  }
});
document.addEventListener('htmx:beforeRequest', () => results()?.setAttribute('aria-busy', 'true'));
document.addEventListener('htmx:afterSettle', () => {
  const search = location.search.slice(1);
  tell(inFrame, 'filter', { search });
  for (const link of document.querySelectorAll('[data-keeps-filter]')) link.search = location.search;
});
// After going back the controls must say what the address says.
addEventListener('popstate', () => location.reload());

for (const tab of document.querySelectorAll('[data-tab-of]')) {
  tab.addEventListener('click', () => {
    split.dataset.tab = tab.dataset.tabOf;
    document.querySelectorAll('[data-tab-of]').forEach((other) => other.setAttribute('aria-pressed', String(other === tab)));
    tell(inFrame, 'resize');
  });
}
const panel = document.querySelector('[data-panel]');
if (panel && matchMedia('(max-width: 767.98px)').matches) panel.open = false;
document.documentElement.classList.add('has-scripts');
