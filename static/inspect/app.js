// Knows which screen belongs to which address, and starts everything.
//
// A screen (static/inspect/screens/<name>.js): export async function render(root, {params, query, store, engine, words, go, frame})
// returns an optional cleanup function, called before the next screen. root is the emptied <main id="screen">.
// go("#/p/X") opens a screen; go("#/p/X", {replace: true}) without a step back.
//
//   #/             screens/today.js      my rounds and points
//   #/points       screens/points.js
//   #/p/<code>     screens/point.js
//   #/visit/<draft>      screens/visit.js
//   #/report, #/report/<draft>           screens/report.js
//   #/tasks        screens/tasks.js
//   #/task/<number>, #/task/<number>/<draft>   screens/task.js
//   #/map          screens/map.js
//   #/outbox       screens/outbox.js
//   #/me           screens/me.js
//
// frame.js (bar, tabs, badge): mountFrame({words, engine, store, go}) -> {setTitle(title, {back}), refresh()}

import { openStore } from "./db.js";
import { Engine } from "./engine.js";
import { setLocale, words } from "./words.js";
import { mountFrame } from "./frame.js";

const ROUTES = [
  [/^\/$/, "today", []],
  [/^\/points$/, "points", []],
  [/^\/p\/([^/]+)$/, "point", ["code"]],
  [/^\/visit\/([^/]+)$/, "visit", ["draft"]],
  [/^\/report(?:\/([^/]+))?$/, "report", ["draft"]],
  [/^\/tasks$/, "tasks", []],
  [/^\/task\/([^/]+)(?:\/([^/]+))?$/, "task", ["number", "draft"]],
  [/^\/map$/, "map", []],
  [/^\/outbox$/, "outbox", []],
  [/^\/me$/, "me", []],
];

/** {name, params, query} of an address part such as "#/p/A-1?from=map"; null when no screen has it. */
export function matchRoute(hash) {
  const [path, search = ""] = (hash.replace(/^#/, "") || "/").split("?");
  for (const [pattern, name, keys] of ROUTES) {
    const found = pattern.exec(path);
    if (found) {
      const params = Object.fromEntries(keys.map((key, index) => [key, found[index + 1] && decodeURIComponent(found[index + 1])]));
      return { name, params, query: Object.fromEntries(new URLSearchParams(search)) };
    }
  }
  return null;
}

export function go(hash, { replace = false } = {}) {
  if (!replace) location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    dispatchEvent(new HashChangeEvent("hashchange"));
  }
}

function paragraph(text, className) {
  const line = document.createElement("p");
  line.className = className;
  line.textContent = text;
  return line;
}

class Router {
  constructor(root, context) {
    this.root = root;
    this.context = context;
    this.turn = 0;
    this.cleanup = null;
    addEventListener("hashchange", () => this.show());
  }

  async show() {
    const turn = ++this.turn;
    const route = matchRoute(location.hash) ?? { name: "today", params: {}, query: {} };
    try { this.cleanup?.(); } catch (error) { console.warn(error); }
    this.cleanup = null;
    this.context.frame?.setTitle("");
    const root = document.createElement("div");
    root.className = `screen screen-${route.name}`;
    try {
      const screen = await import(`./screens/${route.name}.js`);
      if (turn !== this.turn) return;
      this.root.replaceChildren(root);
      scrollTo(0, 0);
      const cleanup = await screen.render(root, { ...this.context, ...route });
      if (turn === this.turn) this.cleanup = cleanup ?? null;
      else cleanup?.();
    } catch (error) {
      console.warn(error);
      if (turn === this.turn) this.fail(root, error);
    }
    document.documentElement.dataset.screen = route.name;
  }

  fail(root, error) {
    const known = error?.name === "StoreProblem" || error?.name === "RemoteProblem";
    root.replaceChildren(paragraph(known ? words(error.message) : words("这一页没有打开。请返回再试一次；离线时请先在有网络的地方打开一次。"), "notice notice-bad"));
    this.root.replaceChildren(root);
  }
}

/** A new version waits: one press takes it, nothing that was filled in is touched. */
function offerUpdate() {
  if (document.querySelector("[data-update]")) return;
  const button = document.createElement("button");
  button.className = "btn btn-wide";
  button.dataset.update = "";
  button.textContent = words("有新版本，点此更新");
  button.addEventListener("click", async () => {
    const { applyUpdate } = await import("./worker.js");
    applyUpdate();
  });
  document.getElementById("screen").before(button);
}

async function boot() {
  const root = document.getElementById("screen");
  let store;
  try {
    store = await openStore();
  } catch (error) {
    root.replaceChildren(paragraph(words(error.message), "notice notice-bad"));
    return;
  }
  setLocale((await store.session())?.locale ?? document.documentElement.lang);
  const engine = new Engine({ store });
  const context = { store, engine, words, go };
  context.frame = mountFrame(context);
  const router = new Router(root, context);
  document.addEventListener("inspect:update", offerUpdate);
  engine.session.onChange((session) => {
    if (session?.locale) setLocale(session.locale);
  });
  await router.show();
  document.documentElement.dataset.ready = "yes";
  await engine.start();
  const { watchWorker } = await import("./worker.js");
  watchWorker();
}

if (document.getElementById("screen")) boot();
