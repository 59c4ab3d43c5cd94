// Knows how the numbers of a map are put into the words that the server gave in the reader's language.

/** Replaces {name} in `text` by values; unknown names stay. */
export const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (all, name) => (Object.hasOwn(values, name) ? String(values[name]) : all));

/** A length of time in its largest fitting unit; the same rule as tracker/web/filters.py. */
export function span(seconds, texts) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (minutes < 60) return fill(texts.minutes, { n: Math.max(minutes, 1) });
  if (minutes < 48 * 60) return fill(texts.hours, { n: Math.floor(minutes / 60) });
  return fill(texts.days, { n: Math.floor(minutes / (24 * 60)) });
}

/** 还剩 3 小时 / 超期 2 天; empty where no clock runs. */
export function dueWords(task, now, texts) {
  if (!task.runs || task.due === null) return '';
  const left = task.due - now;
  return fill(left < 0 ? texts.late : texts.left, { span: span(left, texts) });
}

/** Grouped by thousands. */
export const number = (value) => value.toLocaleString('en-US');

/** An element with a class and text; text is never read as HTML. */
export function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}
