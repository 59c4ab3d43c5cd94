// Knows how a day's figures become shades and a legend; the classes are those of the whole span, so that days compare.

import { classOf, counted, rangeOf } from '../maps/classes.js';
import { fill, number } from '../maps/words.js';

/** Areas whose names show however small they are: those with the most. */
const NAMED = 5;

/** {shades: code → {fill, isDark, words}, first: codes, legend: {title, rows}} of the values of one day. */
export function shaded(values, measure, classes, texts) {
  const isChange = measure === 'change';
  const words = (value) => (isChange && value > 0 ? `+${number(value)}` : value < 0 ? `−${number(-value)}` : number(value));
  const shades = Object.fromEntries([...values].map(([code, value]) => {
    const { colour, dark } = classOf(value, classes);
    return [code, { fill: colour, isDark: dark, words: words(value) }];
  }));
  const rows = [...counted(values.values(), classes)].map(([one, n]) => ({ color: one.colour, words: rangeOf(one), n })).reverse();
  const first = [...values].filter(([, value]) => value > 0).sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, NAMED).map(([code]) => code);
  const title = isChange ? texts.change : fill(texts.legend, { measure: texts[`measure_${measure}`] });
  return { shades, first, legend: { title, rows } };
}
