// Knows the line of words over a map: loading, a failure, a hint; read out by screen readers.

import { element } from './words.js';

const line = element('p', 'map-notice');
line.setAttribute('role', 'status');
line.hidden = true;
document.querySelector('.map-page').append(line);
let timer = 0;

/** Shows `text`, for some seconds or until the next; empty text hides the line. */
export function notice(text, { seconds = 0 } = {}) {
  window.clearTimeout(timer);
  line.textContent = text;
  line.hidden = !text;
  if (seconds) timer = window.setTimeout(() => notice(''), seconds * 1000);
}

/** JSON from this server. Throws an Error when there is no usable answer. */
export async function fetchJson(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: 'application/json' } });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
  return answer.json();
}
