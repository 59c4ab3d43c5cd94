// Knows the tasks of one map: fetched as compact rows, then shown or hidden by state and deadline without asking again.

import { fetchJson } from './notice.js';

/** The filter in an address: states and deadline act here, the rest is asked of the server. */
export function readSearch(search, states) {
  const rest = new URLSearchParams(search);
  const given = rest.getAll('state');
  const due = rest.get('due') || '';
  ['state', 'due', 'area', 'outside', 'sort'].forEach((name) => rest.delete(name));
  const shown = new Set(given.length ? given : states.filter((state) => state.shown).map((state) => state.key));
  return { shown, due, rest };
}

export class TaskStore {
  constructor(url, states) {
    this.url = url;
    this.states = states;
    this.tasks = [];
    this.asked = null;
  }

  /** Applies a filter; true when tasks were fetched anew. Throws when they could not be. */
  async apply(search) {
    const wanted = readSearch(search, this.states);
    this.wanted = wanted;
    const query = new URLSearchParams(wanted.rest);
    // States that never became a case are fetched only when somebody wants to see them.
    if (this.states.some((state) => !state.shown && wanted.shown.has(state.key))) {
      this.states.forEach((state) => query.append('state', state.key));
    }
    if (query.toString() === this.asked) return false;
    if (this.running) this.running.abort();
    this.running = new AbortController();
    const answer = await fetchJson(`${this.url}?${query}`, this.running.signal);
    this.asked = query.toString();
    this.take(answer);
    return true;
  }

  take(answer) {
    this.now = answer.at;
    this.total = answer.total;
    this.cut = answer.cut;
    this.byState = answer.states;
    this.tasks = answer.rows.map(([number, lon, lat, state, due, band, category, unit, title]) => ({
      number, lon, lat, state, due, title,
      runs: band !== null,
      flag: band === 'overdue' || band === 'due_soon' ? band : '',
      category: answer.categories[category] || '',
      unit: answer.units[unit] || '',
    }));
  }

  /** The tasks that the filter shows, nearest deadline first. */
  shown() {
    const { shown, due } = this.wanted;
    return this.tasks.filter((task) => shown.has(task.state) && (!due || task.flag === due));
  }

  /** The filter as a list has it, for what is asked of the server anew. */
  search(area) {
    const { shown, due, rest } = this.wanted;
    const args = new URLSearchParams(rest);
    args.set('area', area);
    shown.forEach((state) => args.append('state', state));
    if (due) args.set('due', due);
    return args;
  }

  /** How many tasks of the shown states are overdue or due soon. */
  flags() {
    const counts = { overdue: 0, due_soon: 0 };
    for (const task of this.tasks) if (task.flag && this.wanted.shown.has(task.state)) counts[task.flag] += 1;
    return counts;
  }
}
