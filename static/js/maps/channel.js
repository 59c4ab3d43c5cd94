// Knows how a page and the map in its frame talk: plain messages, from the same server and the expected window only.

/** Answers messages of `other` by `handlers[kind](message)`; anything from elsewhere is ignored. */
export function listen(other, handlers) {
  window.addEventListener('message', (event) => {
    if (event.origin !== window.location.origin || event.source !== other()) return;
    const handler = event.data && Object.hasOwn(handlers, event.data.kind) && handlers[event.data.kind];
    if (handler) handler(event.data);
  });
}

/** Sends `body` as a message of `kind`; to nobody when the map is opened without a page around it. */
export function tell(other, kind, body = {}) {
  const target = other();
  if (target && target !== window) target.postMessage({ kind, ...body }, window.location.origin);
}

/** The settings that the server wrote into the page, as plain values. */
export function settings(id) {
  return JSON.parse(document.getElementById(id).textContent);
}
