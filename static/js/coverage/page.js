// The page around the map of coverage: the tables are the same figures, narrowed by a click on the map.

import { listen, settings, tell } from '../maps/channel.js';

const { overview } = settings('map-page');
const root = document.querySelector('.map-area');
const frame = document.getElementById('map-frame');
const form = document.getElementById('coverage-scope');
const inFrame = () => frame && frame.contentWindow;
const tables = () => document.getElementById('coverage-tables');

/** Fetches the same page for other arguments and puts its tables in place of these. */
async function show(args) {
  const url = `${overview}?${args}`;
  const answer = await fetch(url);
  if (!answer.ok || answer.redirected) {
    window.location.assign(url);
    return;
  }
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('coverage-tables');
  tables().replaceWith(fresh);
  window.history.replaceState(null, '', url);
  tell(inFrame, 'chosen', { code: args.get('community') });
  tell(inFrame, 'counts', { search: args.toString() });
}

function narrow(name, value) {
  const args = new URLSearchParams(window.location.search);
  if (args.get(name) === value) args.delete(name);
  else args.set(name, value);
  show(args);
}

/** Shows the fields of the chosen scope; the others do not reach the address bar. */
function showScope() {
  form.querySelectorAll('[data-scope]').forEach((part) => {
    part.hidden = part.dataset.scope !== form.elements.scope.value;
    part.querySelectorAll('select, input').forEach((field) => { field.disabled = part.hidden; });
  });
}
form.addEventListener('change', (event) => {
  showScope();
  const isUnfinished = form.elements.scope.value === 'round' && !form.elements.round.value;
  if (!isUnfinished && event.target.value) form.requestSubmit();
});
showScope();

function mark(code) {
  document.querySelectorAll('tr.is-hovered').forEach((row) => row.classList.remove('is-hovered'));
  const row = code && document.querySelector(`tr[data-code="${CSS.escape(code)}"]`);
  if (row) {
    row.classList.add('is-hovered');
    row.scrollIntoView({ block: 'nearest' });
  }
}
listen(inFrame, {
  hover: ({ code }) => mark(code),
  pick: ({ code }) => { showTab('list'); narrow('community', code); },
});

document.addEventListener('click', (event) => {
  const link = event.target.closest('a[data-narrow]');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(new URL(link.href).searchParams);
});
const codeAt = (event) => event.target.closest('tr[data-code]')?.dataset.code ?? null;
root.addEventListener('mouseover', (event) => tell(inFrame, 'highlight', { code: codeAt(event) }));

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
