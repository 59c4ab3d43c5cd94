// Knows the five shades of the district's map: class breaks from the figures themselves, one hue a figure.

/** Light to dark; blue for open work, red for overdue alone. */
export const HUES = {
  open: ['#dbeafe', '#a9cbf7', '#6fa3ee', '#3b74d6', '#1e478f'],
  overdue: ['#fee2e2', '#fbb4b1', '#f07f7a', '#d5413f', '#8f1d1d'],
};
export const ZERO = '#ffffff';

/** More different numbers than this are grouped by how many areas have them. */
const MOST_DISTINCT = 150;

/** At most five classes {from, to} of whole numbers above 0 that lie as close together as can be (Fisher and Jenks). */
export function classesOf(values, most = 5) {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b);
  if (!sorted.length) return [];
  let from = 1;
  return topsOf(sorted, most).map((to) => {
    const made = { from, to };
    from = to + 1;
    return made;
  });
}

function topsOf(sorted, most) {
  const distinct = [...new Set(sorted)];
  if (distinct.length > MOST_DISTINCT) {
    return [...new Set(Array.from({ length: most }, (_, part) => sorted[Math.ceil(((part + 1) * sorted.length) / most) - 1]))];
  }
  const sums = [[0, 0, 0]];
  for (const value of distinct) {
    const weight = sorted.filter((one) => one === value).length;
    const [n, s, q] = sums.at(-1);
    sums.push([n + weight, s + weight * value, q + weight * value * value]);
  }
  const spread = (first, end) => {
    const [n, s, q] = sums[end].map((sum, part) => sum - sums[first][part]);
    return q - (s * s) / n;
  };
  // least[end]: the least spread of the first `end` numbers, and where each group ends
  let least = sums.map((_, end) => (end ? { cost: spread(0, end), tops: [end] } : null));
  for (let groups = 2; groups <= Math.min(most, distinct.length); groups += 1) {
    const before = least;
    least = before.map((_, end) => {
      let best = null;
      for (let cut = groups - 1; cut < end; cut += 1) {
        const cost = before[cut].cost + spread(cut, end);
        if (!best || cost < best.cost) best = { cost, tops: [...before[cut].tops, end] };
      }
      return best;
    });
  }
  return least.at(-1).tops.map((end) => distinct[end - 1]);
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
