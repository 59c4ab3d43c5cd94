// Knows how a library that is no module comes to the page, once.

const coming = new Map();

/** Add a classic script; resolves with `ready()`. `address` is relative to static/inspect/. */
export function loadScript(address, ready) {
  const url = new URL(address, import.meta.url).href;
  if (ready()) return Promise.resolve(ready());
  if (!coming.has(url)) {
    coming.set(url, new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = url;
      script.onload = () => resolve();
      script.onerror = () => {
        coming.delete(url);
        script.remove();
        reject(new Error(`not loaded: ${address}`));
      };
      document.head.append(script);
    }));
  }
  return coming.get(url).then(ready);
}

/** Add a style sheet; resolves when it holds. */
export function loadStyle(address) {
  const url = new URL(address, import.meta.url).href;
  if (!coming.has(url)) {
    coming.set(url, new Promise((resolve) => {
      const link = document.createElement("link");
      link.rel = "stylesheet";
      link.href = url;
      link.onload = link.onerror = () => resolve();
      document.head.append(link);
    }));
  }
  return coming.get(url);
}
