// Knows how the application opens without a network: /inspect/ and its files from a cache named by their version.
//
// Served as /inspect/sw.js with two lines before this text: const VERSION = "…"; const FILES = ["/inspect/", …];
// Data never pass through here: what was filled in lies in IndexedDB, /inspect/package is asked by the page itself.

/* global VERSION, FILES */
const PREFIX = "inspect-";
const CACHE = PREFIX + VERSION;
const SHELL = "/inspect/";
const KNOWN = new Set(FILES);

self.addEventListener("install", (event) => {
  event.waitUntil(fill());
});

/** All files or none: what a file before it has brought is thrown away with the cache. */
async function fill() {
  const cache = await caches.open(CACHE);
  try {
    for (const file of FILES) {
      const answer = await fetch(file, { cache: "no-cache", credentials: "omit", redirect: "error" });
      if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
      await cache.put(file, answer);
    }
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === SHELL) event.respondWith(kept(SHELL, request));
  else if (KNOWN.has(url.pathname)) event.respondWith(kept(url.pathname, request));
});

async function kept(file, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file, { ignoreVary: true, ignoreSearch: true })) ?? fetch(request);
}
