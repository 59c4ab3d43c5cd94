// Knows what a visit is worth: the same rule as tracker/inspections/scoring.py, tested against it.

/** Share of an item's weight that a result earns; null leaves the item out of the sum. */
const VALUES = { conform: 1, basic: 0.5, fail: 0, na: null };

/** Python rounds a half to the even digit; so must the score that the phone shows. */
function toTenths(value) {
  const scaled = value * 10;
  const below = Math.floor(scaled);
  if (Math.abs(scaled - below - 0.5) > 1e-9) return Math.round(scaled) / 10;
  return (below % 2 === 0 ? below : below + 1) / 10;
}

/** `judged`: [{result, weight, is_critical}] → {value: 0 to 100 with one decimal or null, failedCritically}. */
export function score(judged) {
  let earned = 0, whole = 0, failedCritically = false;
  for (const { result, weight = 1, is_critical: critical = false } of judged) {
    failedCritically ||= critical && result === "fail";
    const value = VALUES[result];
    if (value === null || value === undefined) continue;
    earned += value * weight;
    whole += weight;
  }
  return { value: whole ? toTenths((100 * earned) / whole) : null, failedCritically };
}

/** 86.5 as it is said everywhere; a dash when nothing applied. */
export const scoreWords = (value) => (value === null || value === undefined ? "—" : Number(value).toFixed(1));
