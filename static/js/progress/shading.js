// Knows how a day's figures become shades and a legend; the classes are those of the whole span, so that days compare.

import { HUES, ZERO, classesOf, isDarkShade, shadeIndex, shadeOf } from '../maps/classes.js';
import { fill } from '../maps/words.js';

/** Less open work than before; more of it is red. */
const FEWER = ['#dcfce7', '#a7e3ba', '#63c088', '#2c9458', '#14532d'];

const words = ({ from, to }, sign = '') => (from === to ? `${sign}${from}` : `${sign}${from}–${to}`);

export class Shading {
  /** `codes` are shaded; `valueOf(code, measure, offset)` may be negative for `change` alone. */
  constructor(days, codes, valueOf, texts) {
    Object.assign(this, { days, codes, valueOf, texts, known: new Map() });
  }

  classes(measure) {
    if (!this.known.has(measure)) {
      const values = [];
      for (let day = 0; day < this.days.length; day += 1) for (const code of this.codes) values.push(Math.abs(this.valueOf(code, measure, day)));
      this.known.set(measure, classesOf(values, measure === 'change' ? 3 : 5));
    }
    return this.known.get(measure);
  }

  /** {shades: code → {fill, isDark, words}, legend: {title, rows}} of one day. */
  on(offset, measure) {
    const classes = this.classes(measure);
    const isChange = measure === 'change';
    const hue = measure === 'overdue' || isChange ? HUES.overdue : HUES.open;
    const values = new Map(this.codes.map((code) => [code, this.valueOf(code, measure, offset)]));
    const shades = Object.fromEntries([...values].map(([code, value]) => {
      const own = value < 0 ? FEWER : hue;
      const size = Math.abs(value);
      return [code, { fill: shadeOf(size, classes, own), isDark: isDarkShade(size, classes, own), words: isChange && value > 0 ? `+${value}` : String(value) }];
    }));
    const rows = [
      ...this.rows(classes, hue, [...values.values()], isChange ? '+' : ''),
      { color: ZERO, words: '0', n: [...values.values()].filter((value) => value === 0).length },
      ...(isChange ? this.rows(classes, FEWER, [...values.values()].map((value) => -value), '−').reverse() : []),
    ];
    const title = isChange ? this.texts.change : fill(this.texts.legend, { measure: this.texts[`measure_${measure}`] });
    return { shades, legend: { title, rows } };
  }

  rows(classes, hue, values, sign) {
    return classes.map((one, rank) => ({
      color: hue[shadeIndex(rank, classes.length, hue.length)],
      words: words(one, sign),
      n: values.filter((value) => value >= one.from && value <= one.to).length,
    })).reverse();
  }
}
