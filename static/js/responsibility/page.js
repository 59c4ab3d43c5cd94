// Knows how the question page is worked: a place on the map, a day and a matter make one question in the address bar.

import { listen, tell } from '../maps/channel.js';

const form = document.getElementById('resp-ask');
const frame = document.getElementById('resp-frame');
const answer = () => document.getElementById('resp-answer');
const inFrame = () => frame.contentWindow;

/** Marks on the map the place that the answer is about. */
function showPlace(isFirst = false) {
  const { lon, lat } = answer().dataset;
  tell(inFrame, 'show', lon === undefined ? { lon: null, lat: null } : { lon: Number(lon), lat: Number(lat), isFirst });
}

let isFirst = true;
listen(inFrame, {
  asked: ({ lon, lat }) => {
    form.elements.lon.value = lon.toFixed(6);
    form.elements.lat.value = lat.toFixed(6);
    window.htmx.trigger(form, 'submit');
  },
  drawn: () => {
    frame.dataset.drawn = '1';
    if (isFirst) showPlace(true);
    isFirst = false;
  },
});

// The address bar holds only what is asked.
document.addEventListener('htmx:configRequest', (event) => {
  const { parameters } = event.detail;
  for (const [name, value] of [...parameters.entries()]) if (value === '') parameters.delete(name);
});
// The signed-out answer is a whole page: go there instead of putting it beside the map.
document.addEventListener('htmx:beforeSwap', (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 || !xhr.responseText.includes('id="resp-answer"')) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL || location.href);
  }
});
document.addEventListener('htmx:beforeRequest', () => answer()?.setAttribute('aria-busy', 'true'));

let drawnDay = form.elements.on.value;
document.addEventListener('htmx:afterSettle', () => {
  showPlace();
  if (form.elements.on.value !== drawnDay) {
    drawnDay = form.elements.on.value;
    tell(inFrame, 'filter', { search: drawnDay ? `on=${encodeURIComponent(drawnDay)}` : '' });
  }
  if (matchMedia('(max-width: 991.98px)').matches) answer().scrollIntoView({ block: 'nearest' });
});
// After going back the controls must say what the address says.
addEventListener('popstate', () => location.reload());
