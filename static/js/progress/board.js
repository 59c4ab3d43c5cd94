// Draws the charts of a board when they come into view: the library is fetched only then.

import { holders, trend } from './charts.js';

const DRAWINGS = { holders, trend };
const said = JSON.parse(document.getElementById('board-charts').textContent);
const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
const charts = new Set();
/** Height of a unit's bars, and of a line of the legend or the axis (rem). */
const ROW = 1.75;
let library = null;

/** The chart library, asked for once; it leaves itself on globalThis. */
function fetched() {
  library ??= import(said.library).then(() => globalThis.echarts);
  return library;
}

async function draw(host) {
  const { chart: key } = host.dataset;
  const echarts = await fetched();
  if (key === 'holders') host.style.height = `${ROW * said.holders.units.length + ROW * 3}rem`;
  const chart = echarts.init(host, null, { renderer: 'canvas' });
  chart.setOption({ animation: !calm, ...DRAWINGS[key](said[key], said.words) });
  charts.add(chart);
  host.dataset.drawn = '';
}

const watch = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watch.unobserve(target);
    // without the library the table below the chart still says everything
    draw(target).catch(() => { target.hidden = true; });
  }
}, { rootMargin: '200px' });
document.querySelectorAll('[data-chart]').forEach((host) => watch.observe(host));

new ResizeObserver(() => charts.forEach((chart) => chart.resize())).observe(document.querySelector('.board'));
