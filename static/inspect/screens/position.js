// Knows how one position is asked for, once an act and only on a tap; nothing follows the person.

import { N } from "../words.js";

const PATIENCE_MS = 15000;

/** Why there is none, in words. */
export const REASON_WORDS = {
  insecure: N("此地址不是 https，浏览器不提供定位"),
  unsupported: N("此手机浏览器不支持定位"),
  denied: N("未允许定位，可在浏览器设置中打开"),
  unavailable: N("暂时取不到定位，请到开阔处再试"),
};

/** {lon, lat, accuracy_m, method: "gps"}, WGS-84 degrees and metres; rejects with a key of REASON_WORDS. */
export function askPosition() {
  return new Promise((resolve, reject) => {
    if (!window.isSecureContext) return reject("insecure");
    if (!navigator.geolocation) return reject("unsupported");
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({
        lon: Number(coords.longitude.toFixed(7)), lat: Number(coords.latitude.toFixed(7)),
        accuracy_m: Math.round(coords.accuracy * 10) / 10, method: "gps",
      }),
      (problem) => reject(problem.code === problem.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 10000 },
    );
  });
}
