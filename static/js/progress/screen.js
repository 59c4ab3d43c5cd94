// Keeps the command room's screen up to date: asks every minute, keeps the last picture when the line is lost.

import { trend } from './charts.js';

const { data: address, every, library, words, lang } = JSON.parse(document.getElementById('screen-settings').textContent);
const COLOURS = { ink: '#cbd5e1', line: '#334155', found: '#60a5fa', closed: '#fbbf24', open: '#f8fafc' };
/** How long a late area stays in the line at the foot (milliseconds). */
const TICK = 5000;
const SVG = 'http://www.w3.org/2000/svg';
const at = (id) => document.getElementById(id);
let tag = '';
let checked = null;
let late = [];
let turn = 0;
let chart = null;

function made(name, className, text) {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function bar(share, tone) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 100 8');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('class', `bar bar-${tone}`);
  svg.setAttribute('aria-hidden', 'true');
  const filled = document.createElementNS(SVG, 'rect');
  filled.setAttribute('width', String(100 * share));
  filled.setAttribute('height', '8');
  svg.append(filled);
  return svg;
}

const time = (moment) => moment.toLocaleTimeString(lang, { timeZone: 'Asia/Shanghai', hour: '2-digit', minute: '2-digit', hour12: false });
const whole = (n) => n.toLocaleString('en');

function showHeadlines(figures) {
  at('headlines').replaceChildren(...figures.map((one) => {
    const item = made('li', one.key === 'overdue' ? 'is-late' : '');
    item.append(made('span', 'label', one.label), made('strong', '', one.value), made('span', 'change', one.change));
    item.querySelector('strong').dataset.figure = one.key;
    return item;
  }));
}

function showFunnel(stages) {
  const most = Math.max(1, ...stages.filter((one) => one.key !== 'closed').map((one) => one.count));
  at('funnel').replaceChildren(...stages.map((one) => {
    const item = made('li');
    item.append(made('span', 'label', one.label), made('strong', '', whole(one.count)));
    if (one.key !== 'closed') item.append(bar(one.count / most, one.key));
    return item;
  }));
}

function showAges(bands) {
  const most = Math.max(1, ...bands.map(([, , n]) => n));
  at('ageing').replaceChildren(...bands.map(([least, longest, n]) => {
    const label = longest === null ? words.rest.replace('{n}', least - 1) : words.band.replace('{least}', least).replace('{most}', longest);
    const item = made('li');
    item.append(made('span', 'label', label), bar(n / most, longest === null ? 'late' : 'plain'), made('strong', '', whole(n)));
    return item;
  }));
}

function showRanking(areas) {
  at('ranking').replaceChildren(...areas.map((one) => {
    const row = made('tr');
    const cell = made('td', 'share');
    cell.append(bar(one.share, 'plain'));
    const name = made('th', '', one.name);
    name.scope = 'row';
    row.append(name, cell, made('td', '', whole(one.open)), made('td', one.overdue ? 'is-late' : '', whole(one.overdue)), made('td', '', one.rate));
    return row;
  }));
}

async function showTrend(picture) {
  if (!chart) {
    await import(library);
    chart = globalThis.echarts.init(at('trend'), null, { renderer: 'canvas' });
    new ResizeObserver(() => chart.resize()).observe(at('trend'));
  }
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  chart.setOption({ animation: false, ...trend({ days: picture.days, ...picture.trend }, words, COLOURS, size), tooltip: { show: false } });
  at('trend').dataset.drawn = '';
}

function tick() {
  at('clock').textContent = new Date().toLocaleString(lang, { timeZone: 'Asia/Shanghai', month: 'long', day: 'numeric', weekday: 'long', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
}

function nextLate() {
  at('late').textContent = late.length ? late[turn++ % late.length] : words.none;
}

function say(text, isWrong) {
  at('state').textContent = text;
  at('state').classList.toggle('is-wrong', isWrong);
}

async function show(picture) {
  showHeadlines(picture.headlines);
  showFunnel(picture.funnel);
  showAges(picture.ageing);
  showRanking(picture.ranking);
  late = picture.late;
  turn = 0;
  nextLate();
  await showTrend(picture);
}

/** Asks once; whatever goes wrong, the last picture stays and its time is said. */
async function ask() {
  try {
    const answer = await fetch(address, { cache: 'no-store', redirect: 'manual', headers: tag ? { 'If-None-Match': tag } : {} });
    if (answer.type === 'opaqueredirect' || answer.status === 401) {
      say(words.ended, true);
      return;
    }
    if (answer.status !== 304) {
      if (!answer.ok) throw new Error(String(answer.status));
      await show(await answer.json());
      tag = answer.headers.get('ETag') || '';
    }
    checked = new Date();
    say(words.fresh.replace('{time}', time(checked)), false);
  } catch {
    say(words.lost.replace('{time}', checked ? time(checked) : '—'), true);
  }
}

tick();
setInterval(tick, 1000);
setInterval(nextLate, TICK);
setInterval(ask, every * 1000);
window.addEventListener('online', ask);
ask();
