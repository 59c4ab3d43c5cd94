// Draws the table of communities: by town, the most of one figure first, or those whose name was typed; only the rows in use stand in the page.

import { element, fill, number } from './words.js';

export const FIGURES = ['open', 'overdue', 'due_soon'];
/** So many rows at once when they are not a town's. */
const ROWS = 50;

/**
 * The table of `settings` {list, area, open_states, texts, figures, towns: communities [code, name, is pilot] of each};
 * `told` hears the chosen figure, '' for the order by town.
 */
export class CommunityTable {
  constructor(table, { settings, args, rank, told }) {
    Object.assign(this, { table, settings, told, figures: settings.figures.communities });
    this.heads = [...table.querySelectorAll('th[data-rank]')];
    this.bodies = [...table.tBodies];
    this.found = document.createElement('tbody');
    this.find = document.getElementById('map-find');
    this.more = document.getElementById('map-more');
    this.none = document.getElementById('map-none');
    this.all = settings.towns.flatMap((communities, town) => communities.map(([code, name, isPilot]) => ({ code, name, isPilot, town })));
    this.rank = this.heads.some((head) => head.dataset.rank === rank) ? rank : '';
    this.most = ROWS;
    this.setArgs(args);
    this.wire();
    // Towns that are folded stand in the page as they are.
    if (this.rank || this.bodies.some((body) => this.isOpen(body))) this.draw();
  }

  /** The filter that every number's list is under. */
  setArgs(args) {
    const under = (more) => {
      const wanted = new URLSearchParams(args);
      more.forEach(([name, value]) => wanted.append(name, value));
      return `${this.settings.list}?${wanted}&area=`;
    };
    this.lists = {
      open: under(this.settings.open_states.map((state) => ['state', state])),
      overdue: under([['due', 'overdue']]),
      due_soon: under([['due', 'due_soon']]),
    };
  }

  /** Other figures under another filter. */
  take(figures, args) {
    this.figures = figures;
    this.setArgs(args);
    this.draw();
  }

  wire() {
    for (const head of this.heads) {
      head.querySelector('button').addEventListener('click', () => {
        this.rank = this.rank === head.dataset.rank ? '' : head.dataset.rank;
        this.told(this.rank);
        this.most = ROWS;
        this.draw();
      });
    }
    for (const body of this.bodies) {
      body.querySelector('.map-town-button')?.addEventListener('click', ({ currentTarget }) => {
        currentTarget.setAttribute('aria-expanded', String(currentTarget.getAttribute('aria-expanded') !== 'true'));
        this.drawTown(body);
      });
    }
    this.more.addEventListener('click', () => {
      const next = this.found.rows.length;
      this.most += ROWS;
      this.draw();
      this.found.rows[next]?.querySelector('a').focus();
    });
    if (!this.find) return;
    this.find.parentElement.hidden = false;
    this.find.addEventListener('input', () => {
      this.most = ROWS;
      this.draw();
    });
  }

  values(code) { return this.figures[code] || [0, 0, 0]; }

  isOpen(body) { return body.querySelector('.map-town-button')?.getAttribute('aria-expanded') !== 'false'; }

  /** The rows of what is chosen; on paper all of them. */
  draw({ isOnPaper = false } = {}) {
    this.heads.forEach((head) => head.setAttribute('aria-sort', head.dataset.rank === this.rank ? 'descending' : 'none'));
    const typed = this.find?.value.trim().toLowerCase() || '';
    const isListed = Boolean(typed || this.rank);
    const wanted = isListed ? this.listed(typed) : [];
    const shown = isOnPaper ? wanted : wanted.slice(0, this.most);
    this.found.replaceChildren(...shown.map((community) => this.row(community)));
    this.table.replaceChildren(...[...this.table.children].filter((part) => part.tagName !== 'TBODY'), ...(isListed ? [this.found] : this.bodies));
    if (!isListed) this.bodies.forEach((body) => this.drawTown(body, isOnPaper));
    this.more.hidden = shown.length === wanted.length;
    this.more.textContent = fill(this.settings.texts.more, { n: Math.min(ROWS, wanted.length - shown.length) });
    this.none.hidden = !isListed || wanted.length > 0;
    this.none.textContent = this.settings.texts.none_found;
  }

  /** The communities with what was typed in their names, the most first where a figure is chosen. */
  listed(typed) {
    const found = this.all.filter(({ name }) => name.toLowerCase().includes(typed));
    const at = FIGURES.indexOf(this.rank);
    return at < 0 ? found : found.sort((a, b) => this.values(b.code)[at] - this.values(a.code)[at]);
  }

  drawTown(body, isOnPaper = false) {
    const own = this.all.filter(({ town }) => town === Number(body.dataset.town));
    const head = body.querySelector('.map-town');
    const rows = isOnPaper || this.isOpen(body) ? own.map((community) => this.row(community)) : [];
    FIGURES.forEach((name, at) => {
      const sum = head?.querySelector(`[data-sum=${name}]`);
      if (sum) sum.textContent = number(own.reduce((all, { code }) => all + this.values(code)[at], 0));
    });
    body.replaceChildren(...(head ? [head] : []), ...rows);
  }

  row({ code, name, isPilot }) {
    const row = element('tr');
    row.dataset.code = code;
    const head = element('th');
    head.scope = 'row';
    const link = element('a', '', name);
    link.href = this.settings.area.replace('CODE', encodeURIComponent(code));
    head.append(link);
    if (isPilot) head.append(' ', element('span', 'map-mark', this.settings.texts.pilot));
    row.append(head, ...this.values(code).map((value, at) => {
      const cell = element('td', 'num');
      cell.dataset.figure = FIGURES[at];
      const figure = element('a', value ? '' : 'is-none', number(value));
      figure.href = this.lists[FIGURES[at]] + encodeURIComponent(code);
      cell.append(figure);
      return cell;
    }));
    return row;
  }

  /** Marks the row of a community, of its town while that is folded; none for null. */
  mark(code) {
    this.table.querySelectorAll('tr.is-hovered').forEach((row) => row.classList.remove('is-hovered'));
    const own = code && this.all.find((community) => community.code === code);
    if (!own) return;
    const row = this.table.querySelector(`tr[data-code="${CSS.escape(code)}"]`) || this.table.querySelector(`[data-town="${own.town}"] .map-town`);
    row?.classList.add('is-hovered');
    row?.scrollIntoView({ block: 'nearest' });
  }
}
