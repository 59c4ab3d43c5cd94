// Knows how each chart looks; colours are those of the style sheet, and no two differ by red and green alone.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** The colours that a chart is drawn with, as the page has them. */
export const house = () => ({
  ink: colour('muted'), line: colour('line'), found: colour('chart-found'), closed: colour('chart-closed'), open: colour('chart-open'),
  dispatched: colour('dispatched'), handling: colour('handling'), overdue: colour('overdue'),
});

/** What all charts share: the font of the page, a tooltip drawn on the canvas and without any HTML. */
const shared = ({ ink }, size) => ({
  textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: size, color: ink },
  tooltip: { trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' } },
  legend: { top: 0, left: 0, icon: 'roundRect', itemWidth: size, itemHeight: size * 0.6, textStyle: { color: ink, fontSize: size } },
  grid: { left: 4, right: 4, top: size * 3, bottom: 4, containLabel: true },
});
const names = ({ ink, line }, size) => ({
  type: 'category', axisLabel: { color: ink, fontSize: size }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false },
});
const numbers = ({ ink, line }, size) => ({
  type: 'value', minInterval: 1, axisLabel: { color: ink, fontSize: size }, splitLine: { lineStyle: { color: line } },
});

/** Bars of what was found and closed, and a line of what is open on an axis of its own. */
export function trend(data, words, colours = house(), size = 12) {
  return {
    ...shared(colours, size),
    xAxis: { ...names(colours, size), data: data.days },
    yAxis: [numbers(colours, size), { ...numbers(colours, size), splitLine: { show: false }, scale: true }],
    series: [
      { name: words.found, type: 'bar', data: data.found, itemStyle: { color: colours.found }, barMaxWidth: size },
      { name: words.closed, type: 'bar', data: data.closed, itemStyle: { color: colours.closed }, barMaxWidth: size },
      {
        name: words.open, type: 'line', data: data.open, yAxisIndex: 1, symbol: 'circle', symbolSize: size / 2, showSymbol: data.days.length < 32,
        lineStyle: { color: colours.open, width: size / 5 }, itemStyle: { color: colours.open },
      },
    ],
  };
}

/** What each unit has: its states in one bar, the overdue part in a thinner one below, both in words of the legend. */
export function holders(data, words, colours = house(), size = 12) {
  const downwards = (list) => [...list].reverse();
  const short = (name) => (name.length > 10 ? `${name.slice(0, 9)}…` : name);
  const row = { type: 'bar', barMaxWidth: 9 };
  return {
    ...shared(colours, size),
    xAxis: numbers(colours, size),
    yAxis: { ...names(colours, size), data: downwards(data.units), axisLabel: { color: colours.ink, fontSize: size, formatter: short } },
    series: [
      { ...row, name: words.dispatched, stack: 'held', data: downwards(data.dispatched), itemStyle: { color: colours.dispatched, opacity: 0.45 } },
      { ...row, name: words.handling, stack: 'held', data: downwards(data.handling), itemStyle: { color: colours.handling } },
      { ...row, name: words.overdue, data: downwards(data.overdue), barMaxWidth: 5, itemStyle: { color: colours.overdue } },
    ],
  };
}
