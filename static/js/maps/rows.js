// Knows the list beside the map: the accessible twin of the markers, one button a task.

import { lookOf, svgShape } from './shapes.js';
import { dueWords, element, fill } from './words.js';

/** One row: the button shows the task on the map, the link opens its page. */
export function rowOf(task, { now, texts, labels, taskUrl }) {
  const row = element('li', 'map-row');
  row.dataset.number = task.number;
  const button = element('button', 'map-row-button');
  button.type = 'button';
  button.dataset.number = task.number;
  const shape = element('span', 'map-row-shape');
  shape.append(svgShape(lookOf(task), task.flag === 'due_soon'));
  const words = element('span', 'map-row-words');
  const facts = element('span', 'map-row-facts');
  facts.append(element('span', `chip chip-${task.state}`, labels[task.state]));
  const due = dueWords(task, now, texts);
  if (due) facts.append(element('span', task.flag ? `text-${task.flag.replace('_', '-')}` : 'map-row-due', due));
  if (task.lon === null) facts.append(element('span', 'chip chip-unplaced', texts.no_position));
  facts.append(element('span', 'map-row-unit', task.unit || texts.no_unit));
  words.append(element('span', 'map-row-title', task.title), facts);
  button.append(shape, words);
  const link = element('a', 'map-row-link');
  link.href = taskUrl.replace('NUMBER', encodeURIComponent(task.number));
  link.title = fill(texts.open_task, {});
  link.setAttribute('aria-label', `${texts.open_task} ${task.number}`);
  const icon = element('i', 'ti ti-chevron-right');
  icon.setAttribute('aria-hidden', 'true');
  link.append(icon);
  row.append(button, link);
  return row;
}
