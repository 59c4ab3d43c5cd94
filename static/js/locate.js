// Knows how to ask the device where it is, and why it may not answer.

const PATIENCE_MS = 15000;

/** The device's position: {lon, lat, accuracy}, WGS-84 degrees and metres; rejects with one of REASONS. */
export const REASONS = ["insecure", "unsupported", "denied", "unavailable"];

export function locate() {
  return new Promise((resolve, reject) => {
    // browsers answer only pages that came over https (or from this very machine)
    if (!window.isSecureContext) return reject("insecure");
    if (!navigator.geolocation) return reject("unsupported");
    return navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
      (problem) => reject(problem.code === problem.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 10000 },
    );
  });
}
