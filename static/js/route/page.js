// The page of a day's route: moves change the list in place, the map follows; a start is asked of the device.

import { locate } from '../locate.js';
import { settings, tell } from '../maps/channel.js';
import { fill } from '../maps/words.js';

const { texts } = settings('page-config');
const ask = document.getElementById('route-ask');
const walk = document.getElementById('day-route');
const said = document.getElementById('route-said');
const frame = () => document.getElementById('map-frame')?.contentWindow;

/** Sends one move and puts the answer's list in place of this one. */
async function move(form, button) {
  const args = new URLSearchParams(new FormData(form));
  args.set(button.name, button.value);
  const answer = await fetch(`${window.location.pathname}?${args}`);
  if (!answer.ok) throw new Error(String(answer.status));
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('day-route');
  const isOpen = walk.querySelector('details')?.open;
  walk.replaceChildren(...fresh.childNodes);
  if (isOpen) walk.querySelector('details')?.setAttribute('open', '');
  window.history.replaceState(null, '', answer.url);
  tell(frame, 'route', { search: new URL(answer.url).search });
}

/** The moved stop keeps the focus, so that a key can be pressed again; a stop that went gives it on. */
function settle({ name, value }, index, words) {
  const item = walk.querySelector(`ol [data-stop="${value}"]`);
  const same = item?.querySelector(`[name="${name}"]:not(:disabled)`);
  const next = walk.querySelectorAll('ol > li')[index] ?? walk.querySelector('ol > li:last-child');
  (same ?? item?.querySelector('button:not(:disabled)') ?? next?.querySelector(`[name="${name}"]`))?.focus();
  const at = item ? [...item.parentElement.children].indexOf(item) + 1 : 0;
  if (words) said.textContent = fill(at ? texts.moved : texts.gone, { name: words, n: at });
}

walk?.addEventListener('submit', async (event) => {
  const button = event.submitter;
  if (!button?.name) return;
  event.preventDefault();
  const item = button.closest('[data-stop]');
  const index = item ? [...item.parentElement.children].indexOf(item) : 0;
  walk.setAttribute('aria-busy', 'true');
  try {
    await move(event.target, button);
    settle(button, index, item?.dataset.name);
  } catch {
    said.textContent = texts.offline;
    said.classList.remove('visually-hidden');
  } finally {
    walk.removeAttribute('aria-busy');
  }
});

function start(value) {
  ask.elements.at.value = value;
  ask.requestSubmit();
}

ask.querySelector('[data-here]').addEventListener('click', async () => {
  const line = document.getElementById('here-said');
  line.textContent = texts.locating;
  try {
    const { lon, lat } = await locate();
    // about a hundred metres: enough for an order, too coarse for a trace
    start(`${lon.toFixed(3)},${lat.toFixed(3)}`);
  } catch (reason) {
    line.textContent = texts[reason] ?? texts.unavailable;
  }
});
ask.querySelector('[data-anywhere]')?.addEventListener('click', () => start(''));
