// Knows the single tasks of a community as they stood on a day: asked for one day at a time, listed beside the map.

import { svgShape } from '../maps/shapes.js';
import { element, fill, number } from '../maps/words.js';
import { load } from './days.js';

/** Rows shown at a time. */
const PORTION = 50;
/** Days kept, so that going back and forth asks nothing. */
const KEPT = 40;

export class PastTasks {
  /** `tell(rows)` is called with the open tasks of the day that was wanted last. */
  constructor({ tasks, task, texts, openStates }, tell) {
    Object.assign(this, { url: tasks, task, texts, open: new Set(openStates), tell, known: new Map(), wanted: '', isAsking: false, rows: [], limit: PORTION });
    this.list = document.getElementById('line-tasks');
    this.more = document.getElementById('line-more');
    this.more.addEventListener('click', () => { this.limit += PORTION; this.write(); });
  }

  /** Show a day; while one is asked for, only the newest wish waits. */
  async show(iso, words) {
    this.wanted = iso;
    this.words = words;
    if (this.isAsking) return;
    this.isAsking = true;
    try {
      while (!this.known.has(this.wanted)) {
        const asked = this.wanted;
        this.keep(asked, await this.fetch(asked));
      }
      this.rows = this.known.get(this.wanted);
      this.limit = PORTION;
      this.write();
      this.tell(this.rows);
    } catch {
      document.getElementById('line-tasks-title').textContent = this.texts.failed;
    } finally {
      this.isAsking = false;
    }
  }

  async fetch(iso) {
    const address = new URL(this.url, window.location.href);
    address.searchParams.set('on', iso);
    const { tasks } = await load(address);
    return tasks.filter(([, , , , state]) => this.open.has(state))
      .map(([no, title, lon, lat, state, late]) => ({ number: no, title, lon, lat, state, flag: late ? 'overdue' : '', url: this.task.replace('NUMBER', encodeURIComponent(no)) }));
  }

  keep(iso, rows) {
    this.known.set(iso, rows);
    if (this.known.size > KEPT) this.known.delete(this.known.keys().next().value);
  }

  write() {
    const { rows, texts } = this;
    document.getElementById('line-tasks-title').textContent = rows.length ? fill(texts.tasks_of, { day: this.words, n: number(rows.length) }) : texts.nothing;
    const unplaced = rows.filter(({ lon }) => lon === null).length;
    document.getElementById('line-unplaced').textContent = unplaced ? fill(texts.unplaced, { n: unplaced }) : '';
    this.list.replaceChildren(...rows.slice(0, this.limit).map((one) => this.row(one)));
    const left = rows.length - this.limit;
    this.more.hidden = left <= 0;
    this.more.textContent = fill(texts.more, { n: Math.min(left, PORTION) });
  }

  row(one) {
    const item = element('li');
    const link = element('a');
    link.href = one.url;
    link.append(svgShape(one.flag || one.state), element('span', '', one.title), element('span', `chip chip-${one.state}`, this.texts[`state_${one.state}`]));
    if (one.flag) link.append(element('span', 'chip chip-overdue', this.texts.overdue));
    link.append(element('span', 'line-task-number', one.number));
    item.append(link);
    return item;
  }
}
