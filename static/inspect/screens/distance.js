// Knows how far things lie apart and how that is said; positions are WGS-84 degrees, lon and lat.

import { words } from "../words.js";

const EARTH_M = 6371008.8; // mean radius
const RADIAN = Math.PI / 180;

export const isPlaced = (thing) => Number.isFinite(thing?.lon) && Number.isFinite(thing?.lat);

/** Metres along the great circle; Infinity when either has no position. */
export function metres(one, other) {
  if (!isPlaced(one) || !isPlaced(other)) return Infinity;
  const dLat = (other.lat - one.lat) * RADIAN;
  const dLon = (other.lon - one.lon) * RADIAN;
  const a = Math.sin(dLat / 2) ** 2 + Math.cos(one.lat * RADIAN) * Math.cos(other.lat * RADIAN) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** 「120 米」 below a kilometre, 「1.3 公里」 above. */
export function metresWords(value) {
  if (!Number.isFinite(value)) return "";
  if (value < 1000) return words("{n} 米", { n: Math.max(10, Math.round(value / 10) * 10) });
  return words("{n} 公里", { n: (value / 1000).toFixed(value < 10000 ? 1 : 0) });
}
