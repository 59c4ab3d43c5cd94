// Knows in which class of the server's (tracker/maps/shading.py) a value lies: all maps and the printed sheet share them.

/** The class {low, high, from, to, colour, dark} of a value, by ascending classes; undefined without any. */
export const classOf = (value, classes) => classes.find(({ high }) => value <= high) ?? classes.at(-1);

/** How many of the values lie in each class. */
export function counted(values, classes) {
  const found = new Map(classes.map((one) => [one, 0]));
  for (const value of values) {
    const own = classOf(value, classes);
    if (own) found.set(own, found.get(own) + 1);
  }
  return found;
}

/** The codes with the largest values, the most first and none without: their names show however small their areas are. */
export const largest = (codes, valueOf, n = 5) => codes.filter((code) => valueOf(code) > 0).sort((a, b) => valueOf(b) - valueOf(a) || (a < b ? -1 : 1)).slice(0, n);

/** A class in the words of a legend. */
export const rangeOf = ({ from, to }) => (from === to ? from : `${from} – ${to}`);
