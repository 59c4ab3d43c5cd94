// Knows what a popup says of a task. Everything a person wrote is set as text, never as HTML.

import { fetchJson } from './notice.js';
import { lookOf, svgShape } from './shapes.js';
import { dueWords, element } from './words.js';

/** Opens the popup of a task on the map, clear of the buttons in the corner. */
export function openPopup(task, latlng, context) {
  const { box, ready } = popupOf(task, context);
  const popup = L.popup({ maxWidth: 290, minWidth: 250, autoPanPaddingTopLeft: [64, 16], autoPanPaddingBottomRight: [16, 32] })
    .setLatLng(latlng).setContent(box).openOn(window.gridMap);
  ready.then(() => popup.update());
}

/** The popup of a task: at once what the row knows, then address, words and photos. */
function popupOf(task, { now, texts, labels, urls }) {
  const box = element('div', 'task-popup');
  const head = element('p', 'popup-head');
  head.append(svgShape(lookOf(task), task.flag === 'due_soon'), element('span', `chip chip-${task.state}`, labels[task.state]));
  const due = dueWords(task, now, texts);
  if (due) head.append(element('span', task.flag ? `text-${task.flag.replace('_', '-')}` : 'popup-due', due));
  const photos = element('div', 'popup-photos');
  const words = element('p', 'popup-words');
  const link = element('a', 'popup-link', texts.open_task);
  const title = element('h2', 'popup-title', task.title);
  const facts = element('p', 'popup-facts');
  const say = ({ category, unit }) => { facts.textContent = [category, unit || texts.no_unit].filter(Boolean).join(' · '); };
  if (task.title) say(task);
  box.append(photos, head, title, words, facts, element('p', 'popup-number', task.number), link);
  link.target = '_top';
  const address = (url) => url.replace('NUMBER', encodeURIComponent(task.number));
  link.href = address(urls.detail);
  const ready = fetchJson(address(urls.task)).then((more) => {
    // A task out of a tile has no words of its own.
    if (!task.title) {
      title.textContent = more.title;
      say(more);
    }
    words.textContent = [more.address, more.description].filter(Boolean).join('　');
    addPhoto(photos, more.before, texts.photo_before);
    addPhoto(photos, more.after, texts.photo_after);
  }).catch(() => { words.textContent = texts.failed; });
  return { box, ready };
}

function addPhoto(photos, url, words) {
  if (!url) return;
  const figure = element('figure');
  const image = element('img');
  image.src = url;
  image.alt = words;
  image.width = 124;
  image.height = 93;
  figure.append(image, element('figcaption', '', words));
  photos.append(figure);
}
