// Knows the shift of GCJ-02 (高德, 腾讯) against WGS-84; the same numbers as gis/coordinates.py, tested against it.

const AXIS_M = 6378245.0; // Krasovsky 1940, as in every published description of the shift
const EE = 0.006693421622965943;
const WEST = 72.004, SOUTH = 0.8293, EAST = 137.8347, NORTH = 55.8271;
const RADIAN = Math.PI / 180;

const waves = (value, pairs) =>
  (pairs.reduce((sum, [amplitude, frequency]) => sum + amplitude * Math.sin(value * frequency * Math.PI), 0) * 2) / 3;

function shift(lon, lat) {
  const x = lon - 105, y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const common = waves(x, [[20, 6], [20, 2]]);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    + waves(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]);
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    + waves(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]);
  const magic = 1 - EE * Math.sin(lat * RADIAN) ** 2;
  const meridianM = (AXIS_M * (1 - EE)) / (magic * Math.sqrt(magic));
  const parallelM = (AXIS_M / Math.sqrt(magic)) * Math.cos(lat * RADIAN);
  return [east / parallelM / RADIAN, north / meridianM / RADIAN];
}

/** [lon, lat] in WGS-84 → [lon, lat] in GCJ-02, decimal degrees; unshifted outside China. */
export function wgs84ToGcj02([lon, lat]) {
  if (!(lon >= WEST && lon <= EAST && lat >= SOUTH && lat <= NORTH)) return [lon, lat];
  const [dLon, dLat] = shift(lon, lat);
  return [lon + dLon, lat + dLat];
}

/** [lon, lat] in GCJ-02 → [lon, lat] in WGS-84, to below a millimetre: a click on a 高德 map back to what is stored. */
export function gcj02ToWgs84([lon, lat]) {
  let guess = [lon, lat];
  for (let round = 0; round < 8; round += 1) {
    const seen = wgs84ToGcj02(guess);
    guess = [guess[0] + (lon - seen[0]), guess[1] + (lat - seen[1])];
  }
  return guess;
}
