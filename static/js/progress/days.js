// Knows the figures of every day of a span, from the first day and what each day changed.

const DAY_MS = 86_400_000;
const EMPTY = [];

/** The figures of areas; `open` is every measure but `overdue` together. */
export class Days {
  constructor({ first, days, measures, areas }) {
    this.first = Date.parse(`${first}T00:00:00Z`);
    this.length = days;
    this.lines = new Map();
    for (const [code, [start, changes]] of Object.entries(areas)) {
      const line = { open: new Int32Array(days) };
      measures.forEach((measure, index) => {
        line[measure] = unfolded(start[index], changes[index] || EMPTY, days);
        if (measure !== 'overdue') line[measure].forEach((n, day) => { line.open[day] += n; });
      });
      this.lines.set(code, line);
    }
  }

  /** A figure of an area `offset` days after the first. */
  figure(code, measure, offset) {
    return this.lines.get(code)[measure][offset];
  }

  /** A day as YYYY-MM-DD. */
  iso(offset) {
    return this.date(offset).toISOString().slice(0, 10);
  }

  /** A day as the midnight of UTC that begins it. */
  date(offset) {
    return new Date(this.first + offset * DAY_MS);
  }

  /** Which day of the span a date is; negative or beyond the end outside of it. */
  offset(iso) {
    return Math.round((Date.parse(`${iso}T00:00:00Z`) - this.first) / DAY_MS);
  }
}

/** JSON from this server. Throws an Error when there is no usable answer. */
export async function load(url) {
  const answer = await fetch(url, { headers: { Accept: 'application/json' } });
  if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
  return answer.json();
}

/** [day, change, day, change, …] added up to one figure a day. */
function unfolded(start, flat, days) {
  const found = new Int32Array(days);
  for (let at = 0; at < flat.length; at += 2) found[flat[at]] += flat[at + 1];
  found[0] += start;
  for (let day = 1; day < days; day += 1) found[day] += found[day - 1];
  return found;
}
