// The page of the time line: a slider chooses the day, table and map show it, play moves it on.

import { listen, settings, tell } from '../maps/channel.js';
import { fill, number } from '../maps/words.js';
import { Days, load } from './days.js';
import { PastTasks } from './past_tasks.js';
import { shaded } from './shading.js';

const page = settings('line-page');
const { texts, meetings } = page;
const at = (id) => document.getElementById(id);
const slider = at('line-slider');
const playButton = at('line-play');
const measureBox = at('line-measure');
const frame = at('line-frame');
const inFrame = () => frame.contentWindow;
const rows = [...document.querySelectorAll('#line-table tr[data-code]')];
const longDay = new Intl.DateTimeFormat(page.lang, { dateStyle: 'full', timeZone: 'UTC' });
const shortDay = new Intl.DateTimeFormat(page.lang, { month: 'long', day: 'numeric', timeZone: 'UTC' });
const WEEK = 7;
/** How long the slider rests before the address bar and the single tasks follow (milliseconds). */
const REST_MS = 250;

let days = null;
let tasks = null;
let playing = 0;
let resting = 0;
let marked = [];

const offset = () => Number(slider.value);
/** The day that a change is counted from: the last meeting before the shown one, else the first day. */
const baseOf = (day) => marked.filter((one) => one < day).at(-1) ?? 0;
const valueOf = (code, measure, day) => (measure === 'change'
  ? days.figure(code, 'open', day) - days.figure(code, 'open', baseOf(day))
  : days.figure(code, measure, day));
const signed = (n) => (n > 0 ? `+${number(n)}` : n < 0 ? `−${number(-n)}` : '0');

/** Where a figure leads: today to the list of tasks, on a past day to the tasks or areas behind it. */
function addressOf(code, measure, day) {
  if (days.iso(day) === page.today) {
    const args = new URLSearchParams([...page.filter, ['area', code]]);
    if (measure === 'overdue') args.set('due', 'overdue');
    else (measure === 'open' ? page.open_states : [measure]).forEach((state) => args.append('state', state));
    return `${page.list}?${args}`;
  }
  return lineAddress(code, day);
}

function lineAddress(code, day) {
  const address = new URL(page.page, window.location.href);
  address.searchParams.set('area', code);
  address.searchParams.set('on', days.iso(day));
  return address.pathname + address.search;
}

function link(cell, code, measure, day) {
  const anchor = cell.querySelector('a') || cell.appendChild(document.createElement('a'));
  const n = days.figure(code, measure, day);
  anchor.href = addressOf(code, measure, day);
  anchor.textContent = number(n);
  anchor.classList.toggle('is-none', n === 0);
}

const areas = rows.filter((row) => !row.classList.contains('line-total')).map((row) => row.dataset.code);

/** What the map shows of a day. */
function pictureOf(day) {
  const measure = measureBox.value;
  return shaded(new Map(areas.map((code) => [code, valueOf(code, measure, day)])), measure, page.classes[measure], texts);
}

function writeTable(day) {
  const measure = measureBox.value;
  const isState = !['open', 'overdue', 'change'].includes(measure);
  const base = baseOf(day);
  at('line-third').textContent = isState ? texts[`measure_${measure}`] : fill(marked.includes(base) ? texts.since_meeting : texts.since_first, { day: shortDay.format(days.date(base)) });
  for (const row of rows) {
    const { code } = row.dataset;
    for (const name of ['open', 'overdue']) link(row.querySelector(`[data-figure=${name}]`), code, name, day);
    const third = row.querySelector('[data-figure=third]');
    third.replaceChildren();
    if (isState) link(third, code, measure, day);
    else third.textContent = signed(valueOf(code, 'change', day));
    const name = row.querySelector('th a');
    if (name) name.href = lineAddress(code, day);
  }
  at('line-sum-open').querySelector('b').textContent = number(days.figure(page.area, 'open', day));
  at('line-sum-overdue').querySelector('b').textContent = number(days.figure(page.area, 'overdue', day));
}

function show() {
  const day = offset();
  const words = longDay.format(days.date(day));
  at('line-day').textContent = words;
  slider.setAttribute('aria-valuetext', words);
  writeTable(day);
  if (!tasks) tell(inFrame, 'shade', pictureOf(day));
  window.clearTimeout(resting);
  resting = window.setTimeout(() => keepAddress(day), REST_MS);
  tasks?.show(days.iso(day), shortDay.format(days.date(day)));
}

/** The address bar names the area, the span, the day and what shades the map. */
function keepAddress(day) {
  const args = new URLSearchParams(window.location.search);
  args.set('area', page.area);
  args.delete('on');
  args.delete('measure');
  if (day < days.length - 1) args.set('on', days.iso(day));
  if (measureBox.value !== 'open') args.set('measure', measureBox.value);
  window.history.replaceState(null, '', `${window.location.pathname}?${args}`);
}

function moveTo(day) {
  slider.value = String(Math.min(Math.max(day, 0), days.length - 1));
  show();
}

function say(isPlaying) {
  playButton.querySelector('span').textContent = isPlaying ? texts.pause : texts.play;
  playButton.querySelector('i').className = `ti ti-player-${isPlaying ? 'pause' : 'play'}`;
  playButton.setAttribute('aria-pressed', String(isPlaying));
}

function stop() {
  window.clearInterval(playing);
  playing = 0;
  say(false);
}

function step() {
  moveTo(offset() + Number(at('line-step').value));
  if (offset() >= days.length - 1) stop();
}

function play() {
  if (offset() >= days.length - 1) moveTo(0);
  playing = window.setInterval(step, Number(at('line-speed').value));
  say(true);
}

function wire() {
  slider.addEventListener('input', () => { if (playing) stop(); show(); });
  slider.addEventListener('keydown', (event) => {
    const by = { PageUp: WEEK, PageDown: -WEEK }[event.key];
    if (!by) return;
    event.preventDefault();
    if (playing) stop();
    moveTo(offset() + by);
  });
  playButton.addEventListener('click', () => (playing ? stop() : play()));
  at('line-speed').addEventListener('change', () => { if (playing) { window.clearInterval(playing); play(); } });
  measureBox.addEventListener('change', show);
  document.querySelectorAll('.line-meetings [data-on]').forEach((button) => {
    button.disabled = false;
    button.addEventListener('click', () => { if (playing) stop(); moveTo(days.offset(button.dataset.on)); });
  });
  rows.forEach((row) => {
    row.addEventListener('mouseenter', () => tell(inFrame, 'highlight', { code: row.dataset.code }));
    row.addEventListener('mouseleave', () => tell(inFrame, 'highlight', { code: null }));
  });
  slider.disabled = playButton.disabled = false;
}

function drawMarks() {
  marked = meetings.map(({ on }) => days.offset(on));
  at('line-marks').replaceChildren(...marked.map((day) => {
    const mark = document.createElement('span');
    mark.className = 'line-mark';
    mark.style.left = `${(100 * day) / Math.max(days.length - 1, 1)}%`;
    return mark;
  }));
}

const wantedMeasure = new URLSearchParams(window.location.search).get('measure');
if ([...measureBox.options].some(({ value }) => value === wantedMeasure)) measureBox.value = wantedMeasure;

try {
  days = new Days(await load(page.data));
  drawMarks();
  if (page.tasks) tasks = new PastTasks({ tasks: page.tasks, task: page.task, texts, openStates: page.open_states }, (found) => tell(inFrame, 'tasks', { tasks: found }));
  listen(inFrame, {
    ready: () => (tasks ? tell(inFrame, 'tasks', { tasks: tasks.rows }) : tell(inFrame, 'shade', pictureOf(offset()))),
    hover: ({ code }) => rows.forEach((row) => row.classList.toggle('is-hovered', row.dataset.code === code)),
    picked: ({ code }) => window.location.assign(lineAddress(code, offset())),
  });
  wire();
  show();
  tell(inFrame, 'hello');
} catch {
  at('line-day').textContent = texts.failed;
}
