// What every page does: send a form once, close a notice, say when the network is gone.

/** A second press before the answer must not send again; request UUIDs guard the server besides. */
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === 'get' || 'repeatable' in form.dataset) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = '1';
  form.setAttribute('aria-busy', 'true');
  // Disabled only after the form's data were taken: a disabled button is not sent.
  setTimeout(() => {
    for (const button of buttons(form)) button.setAttribute('aria-disabled', 'true');
  });
}

function buttons(form) {
  return [...form.elements].filter((element) => element.type === 'submit');
}

/** After "back" or a download the page is the old one: its forms work again. */
function ready(form) {
  delete form.dataset.sending;
  form.removeAttribute('aria-busy');
  for (const button of buttons(form)) button.removeAttribute('aria-disabled');
}

function closeNotice(event) {
  event.target.closest?.('[data-dismiss]')?.closest('[data-flash]')?.remove();
}

function showNetwork() {
  for (const mark of document.querySelectorAll('[data-offline]')) mark.hidden = navigator.onLine;
}

// In the bubbling phase of window: a form's own script decides first.
window.addEventListener('submit', sendOnce);
window.addEventListener('pageshow', () => [...document.forms].forEach(ready));
window.addEventListener('online', showNetwork);
window.addEventListener('offline', showNetwork);
document.addEventListener('click', closeNotice);
for (const button of document.querySelectorAll('[data-dismiss]')) button.hidden = false;
showNetwork();
