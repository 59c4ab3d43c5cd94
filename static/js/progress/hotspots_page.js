// The page around the map of hot spots: a finding chosen in the list is shown on the map, and the other way round.

import { listen, tell } from '../maps/channel.js';

const root = document.querySelector('.map-area');
const frame = document.getElementById('map-frame');
const inFrame = () => frame.contentWindow;
const items = [...document.querySelectorAll('.spots > li')];

/** On a phone the form is folded away until it is wanted. */
if (matchMedia('(max-width: 767.98px)').matches) document.querySelector('[data-panel]').open = false;

function mark(name, index) {
  items.forEach((item, at) => item.classList.toggle(name, at === index));
  items[index]?.scrollIntoView({ block: 'nearest' });
}

/** The address bar holds which finding is chosen. */
function choose(index) {
  mark('is-picked', index);
  const args = new URLSearchParams(window.location.search);
  args.set('near', items[index].dataset.near);
  window.history.replaceState(null, '', `${window.location.pathname}?${args}`);
}

listen(inFrame, {
  picked: ({ index }) => choose(index),
  hover: ({ index }) => mark('is-hovered', index),
  drawn: () => {
    root.dataset.ready = 'yes';
    const wanted = new URLSearchParams(window.location.search).get('near');
    const index = items.findIndex((item) => item.dataset.near === wanted);
    if (index < 0) return;
    mark('is-picked', index);
    tell(inFrame, 'show', { index });
  },
});

for (const button of document.querySelectorAll('.spot-pick')) {
  button.addEventListener('click', () => {
    const index = Number(button.dataset.index);
    choose(index);
    showTab('map');
    tell(inFrame, 'show', { index });
  });
}

function showTab(name) {
  root.dataset.tab = name;
  document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.setAttribute('aria-pressed', String(tab.dataset.tabOf === name)));
  tell(inFrame, 'resize');
}
document.querySelectorAll('[data-tab-of]').forEach((tab) => tab.addEventListener('click', () => showTab(tab.dataset.tabOf)));
showTab(root.dataset.tab);
