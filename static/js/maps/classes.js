// Knows the five shades of the district's map: class breaks from the figures themselves, one hue a figure.

/** Light to dark; blue for open work, red for overdue alone. */
export const HUES = {
  open: ['#dbeafe', '#a9cbf7', '#6fa3ee', '#3b74d6', '#1e478f'],
  overdue: ['#fee2e2', '#fbb4b1', '#f07f7a', '#d5413f', '#8f1d1d'],
};
export const ZERO = '#ffffff';

/** At most five classes {from, to} of whole numbers above 0, about as many areas in each. */
export function classesOf(values, most = 5) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (!sorted.length) return [];
  const tops = new Set();
  for (let part = 1; part <= most; part += 1) tops.add(sorted[Math.ceil((part * sorted.length) / most) - 1]);
  let from = 1;
  return [...tops].map((to) => {
    const made = { from, to };
    from = to + 1;
    return made;
  });
}

/** The shade of a value; few classes use the whole range of the hue. */
export function shadeOf(value, classes, hue) {
  return value <= 0 ? ZERO : hue[shadeOfValue(value, classes, hue.length)];
}

/** Whether dark letters would be lost on the shade of a value. */
export const isDarkShade = (value, classes, hue) => value > 0 && shadeOfValue(value, classes, hue.length) >= 3;

function shadeOfValue(value, classes, shades) {
  const rank = classes.findIndex((one) => value <= one.to);
  return shadeIndex(rank < 0 ? classes.length - 1 : rank, classes.length, shades);
}

export const shadeIndex = (rank, count, shades) =>
  (count < 2 ? Math.floor(shades / 2) : Math.round((rank * (shades - 1)) / (count - 1)));
