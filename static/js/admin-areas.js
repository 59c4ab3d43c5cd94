// Borders of areas on a map without basemap, and the progress of an upload.
// Texts from files reach the page only through textContent.

const css = getComputedStyle(document.documentElement);
const colour = (name) => css.getPropertyValue(name).trim();

/** How each kind of border is drawn: line and filling repeat what the legend says. */
const STYLES = {
  now: { color: colour('--action'), weight: 2.5, fillOpacity: 0.12 },
  new: { color: colour('--action'), weight: 2.5, fillOpacity: 0.12 },
  old: { color: colour('--suspended'), weight: 2, dashArray: '6 5', fillOpacity: 0.04 },
  parent: { color: colour('--ink'), weight: 1.5, dashArray: '2 5', fill: false },
  beside: { color: colour('--reported'), weight: 1, fillOpacity: 0.05 },
  below: { color: colour('--reported'), weight: 1, dashArray: '3 3', fillOpacity: 0.02 },
  changed: { color: colour('--due-soon'), weight: 2.5, fillOpacity: 0.12 },
  same: { color: colour('--reported'), weight: 1.5, fillOpacity: 0.05 },
  rejected: { color: colour('--overdue'), weight: 2, dashArray: '4 4', fillOpacity: 0.06 },
};

async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function makeMap(box) {
  const map = L.map(box, { zoomControl: false, attributionControl: false, zoomSnap: 0.25 });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.setView([22.1, 113.35], 10);
  return map;
}

function drawing(data, role) {
  return L.geoJSON(data, {
    style: (feature) => STYLES[role ?? feature.properties.role] ?? STYLES.beside,
    pointToLayer: (feature, place) => L.circleMarker(place, { radius: 5, ...(STYLES[feature.properties.role] ?? STYLES.beside), fillOpacity: 0.5 }),
    onEachFeature: (feature, layer) => {
      const name = document.createElement('span');
      name.textContent = feature.properties.name || feature.properties.code || '';
      layer.bindTooltip(name, { sticky: true });
    },
  });
}

function fit(map, layer) {
  const bounds = layer.getBounds();
  // a single point has no extent: without a limit the map would be asked for an endless zoom
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [16, 16], animate: false, maxZoom: 15 });
}

function say(box, text) {
  const note = document.createElement('p');
  note.className = 'map-message';
  note.setAttribute('role', 'status');
  note.textContent = text;
  box.append(note);
}

/** One area: its versions switched by the boxes beside the map, its neighbours underneath. */
async function showArea(box, map) {
  const drawn = new Map();
  const show = async (input) => {
    if (!drawn.has(input)) {
      const layer = drawing(await fetchJson(input.dataset.url), input.dataset.current ? 'now' : 'old');
      drawn.set(input, layer);
    }
    const layer = drawn.get(input);
    if (input.checked) layer.addTo(map).bringToFront();
    else layer.remove();
    return layer;
  };
  const inputs = [...document.querySelectorAll('input[data-version]')];
  for (const input of inputs) input.addEventListener('change', () => show(input).catch(() => say(box, box.dataset.failed)));
  const around = fetchJson(box.dataset.around);
  const first = await Promise.all(inputs.filter((input) => input.checked).map(show));
  if (first.length) fit(map, first[0]);
  drawing(await around).addTo(map).bringToBack();
}

/** An import before it is confirmed: what is new, what stays, what was refused. */
async function showImport(box, map) {
  const data = await fetchJson(box.dataset.borders);
  if (!data.features.length) {
    say(box, box.dataset.empty);
    return;
  }
  const layer = drawing(data).addTo(map);
  // One misplaced shape that is refused must not push the good ones out of sight.
  const good = (one) => !['parent', 'rejected'].includes(one.properties.role);
  const own = drawing({ ...data, features: data.features.filter(good) });
  fit(map, own.getLayers().length ? own : layer);
  const mark = L.circleMarker([0, 0], { radius: 9, color: colour('--overdue'), weight: 3, fill: false });
  for (const button of document.querySelectorAll('[data-show-at]')) {
    button.addEventListener('click', () => {
      const [lon, lat] = button.dataset.showAt.split(',').map(Number);
      mark.setLatLng([lat, lon]).addTo(map);
      map.setView([lat, lon], Math.max(map.getZoom(), 14));
      box.scrollIntoView({ block: 'nearest' });
    });
  }
}

function startMap(box) {
  const map = makeMap(box);
  const shown = box.dataset.borders ? showImport(box, map) : showArea(box, map);
  shown.then(() => { box.dataset.ready = '1'; }, () => say(box, box.dataset.failed));
}

/** Sends the file with visible progress; without scripts the form works by itself. */
function sendWithProgress(event) {
  event.preventDefault();
  const form = event.target;
  const panel = form.querySelector('[data-upload-progress]');
  const words = form.querySelector('[data-upload-words]');
  const error = form.querySelector('[data-upload-error]');
  const button = form.querySelector('button.btn-primary');
  const request = new XMLHttpRequest();
  const stop = (text) => {
    panel.hidden = true;
    button.disabled = false;
    error.textContent = text;
    error.hidden = false;
    error.scrollIntoView({ block: 'nearest' });
  };
  error.hidden = true;
  panel.hidden = false;
  button.disabled = true;
  const bar = panel.querySelector('progress');
  bar.value = 0;
  words.textContent = form.dataset.sendingWords;
  request.upload.addEventListener('progress', (step) => {
    if (step.lengthComputable) bar.value = (100 * step.loaded) / step.total;
  });
  request.upload.addEventListener('load', () => {
    bar.removeAttribute('value');
    words.textContent = form.dataset.checkingWords;
  });
  request.addEventListener('load', () => {
    if (request.status === 200) {
      location.assign(request.responseURL);
      return;
    }
    let message = form.dataset.failedWords;
    try {
      message = JSON.parse(request.responseText).message || message;
    } catch {
      // an answer that is not ours: the general words stay
    }
    stop(message);
  });
  request.addEventListener('error', () => stop(form.dataset.failedWords));
  request.open('POST', form.action);
  request.setRequestHeader('X-Requested-With', 'fetch');
  request.send(new FormData(form));
}

/** The EPSG number matters only for "other". */
function showEpsg(form) {
  const system = form.querySelector('#crs');
  const row = form.querySelector('.epsg');
  const show = () => { row.hidden = system.value !== 'other'; };
  system.addEventListener('change', show);
  show();
}

for (const box of document.querySelectorAll('[data-area-map]')) startMap(box);
for (const form of document.querySelectorAll('form[data-upload]')) {
  form.addEventListener('submit', sendWithProgress);
  showEpsg(form);
}
