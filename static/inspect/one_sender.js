// Knows how two open tabs agree that only one of them sends.
//
// Web Locks where the page is a secure context; else a lease in IndexedDB that its holder renews. Should both fail and two
// tabs send at once, the server still takes each item once.

import { newUuid } from "./uuid.js";

const LEASE_MS = 15000;
const ME = newUuid();

/** Run `work(held)` if no other tab does, `held()` says whether it still may; -> whether it ran. */
export async function oneSender(store, work) {
  if (navigator.locks) {
    return navigator.locks.request(`${store.name}-sender`, { ifAvailable: true }, async (lock) => {
      if (!lock) return false;
      await work(() => true);
      return true;
    });
  }
  return withLease(store, work);
}

/** Resolves when no other tab sends any more, or it is time to look again. */
export async function whenFree(store) {
  if (navigator.locks) await navigator.locks.request(`${store.name}-sender`, () => {});
  else await new Promise((resolve) => { setTimeout(resolve, LEASE_MS); });
}

async function take(store) {
  return store.write(["meta"], async (tx) => {
    const lease = await tx.store.get("sender");
    if (lease && lease.owner !== ME && lease.until > Date.now()) return false;
    await tx.store.put({ owner: ME, until: Date.now() + LEASE_MS }, "sender");
    return true;
  });
}

async function withLease(store, work) {
  let ours = await take(store);
  if (!ours) return false;
  const timer = setInterval(async () => { ours = await take(store).catch(() => false); }, LEASE_MS / 3);
  try {
    await work(() => ours);
  } finally {
    clearInterval(timer);
    if (ours) await store.setMeta("sender", null);
  }
  return true;
}
