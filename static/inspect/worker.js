// Knows the page's side of the service worker: registers it once the screen is there, and says when a new version waits.
//
//   watchWorker()     called by app.js; without a secure context there is no worker, the page goes on without
//   updateReady()     whether a new version waits; document gets the event "inspect:update" when that changes
//   applyUpdate()     takes the new version and opens the page anew; the outbox lies in IndexedDB and is not touched

let waiting = null;

export const updateReady = () => waiting !== null;

export async function watchWorker() {
  if (!globalThis.isSecureContext || !navigator.serviceWorker) return;
  try {
    const registration = await navigator.serviceWorker.register("/inspect/sw.js", { scope: "/inspect/", updateViaCache: "none" });
    const look = (worker) => {
      if (!worker) return;
      const check = () => {
        // the very first worker has nobody to replace
        if (worker.state === "installed" && navigator.serviceWorker.controller) announce(worker);
      };
      worker.addEventListener("statechange", check);
      check();
    };
    look(registration.waiting ?? registration.installing);
    registration.addEventListener("updatefound", () => look(registration.installing));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => {});
    });
  } catch (error) {
    console.warn("no service worker", error);
  }
}

function announce(worker) {
  waiting = worker;
  document.dispatchEvent(new CustomEvent("inspect:update"));
}

export function applyUpdate() {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("take-over");
}
