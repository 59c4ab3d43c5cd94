// Knows the map of my area: borders, my points, my tasks, where I stand when I ask; a tap opens what lies there.

import { fill, h, icon, put, sheet } from "../dom.js";
import { words } from "../words.js";
import { isPlaced, metres, metresWords } from "./distance.js";
import { knowledge } from "./knowledge.js";
import { needsPackage, notice } from "./pieces.js";
import { askPosition, REASON_WORDS } from "./position.js";
import { visitedPoints } from "./visited.js";

/** Things this near to a tap, on the screen, are offered together. */
const TOGETHER_PX = 26;

export async function render(root, ctx) {
  const { store, frame } = ctx;
  frame.setTitle(words("地图"));
  const box = await store.package();
  if (!box) return void root.append(needsPackage());
  const known = knowledge(box);
  root.classList.add("is-full");
  const canvas = h("div", { class: "map map-page", role: "region", "aria-label": words("我的点位和任务") });
  const legend = h("div", { class: "map-legend", role: "group", "aria-label": words("图例，可点选显示") });
  const status = h("p", { class: "unseen", role: "status" });
  put(root, h("div", { class: "map" }, canvas, legend, tools(), status));
  let page;
  try {
    page = await MapPage.open(ctx, { known, canvas, legend, status, visited: await visitedPoints(box, store) });
  } catch (problem) {
    console.warn(problem);
    fill(root, h("div", { class: "screen" }, notice("warn", words("地图没有打开。请在有网络时打开一次，再离线使用；点位列表不受影响。"))));
    return undefined;
  }
  root.querySelector(".map-tools button").addEventListener("click", () => page.locate());
  return () => page.map.remove();
}

const tools = () => h("div", { class: "map-tools" }, h("button", { type: "button", class: "btn" }, icon("locate"), words("我的位置")));

class MapPage {
  static async open(ctx, given) {
    const [{ ground, fit }, marks] = await Promise.all([import("./map_ground.js"), import("./map_marks.js")]);
    const page = new MapPage();
    Object.assign(page, { ctx, marks, fit, ...given, ...(await ground(given.canvas, given.known)) });
    page.Mark = marks.markKind(page.L);
    page.layers = { open: page.L.layerGroup(), visited: page.L.layerGroup(), tasks: page.L.layerGroup() };
    page.draw();
    return page;
  }

  draw() {
    const { known, layers, marks, visited } = this;
    this.things = [];
    for (const point of known.box.points.filter(isPlaced)) {
      const isVisited = visited.has(point.id);
      this.add(point, isVisited ? "visited" : "open", { parts: marks.partsOfPoint(isVisited), label: point.name, sub: known.typeName(point), href: `#/p/${encodeURIComponent(point.code)}` });
    }
    for (const task of (known.box.tasks ?? []).filter(isPlaced)) {
      this.add(task, "tasks", { parts: marks.partsOfTask(task), label: task.title, sub: `${task.number} · ${task.state_name}`, href: `#/task/${encodeURIComponent(task.number)}` });
    }
    for (const layer of Object.values(layers)) layer.addTo(this.map);
    this.drawLegend();
    const bounds = this.L.latLngBounds(this.things.map(({ lon, lat }) => [lat, lon]));
    this.fit(this.map, bounds.isValid() ? bounds : this.bounds);
    document.documentElement.dataset.drawn = String(this.things.length);
  }

  add({ lon, lat }, layer, { parts, ...thing }) {
    this.things.push({ lon, lat, layer, ...thing });
    new this.Mark([lat, lon], { parts }).on("click", (event) => this.open(event.latlng)).addTo(this.layers[layer]);
  }

  drawLegend() {
    const count = (layer) => this.things.filter((thing) => thing.layer === layer).length;
    const unplaced = this.known.box.points.filter((point) => !isPlaced(point)).length;
    const key = (layer, parts, label) => h("button", {
      type: "button", class: "pick", "aria-pressed": "true",
      onclick: (event) => {
        const isOn = this.map.hasLayer(this.layers[layer]);
        event.currentTarget.setAttribute("aria-pressed", String(!isOn));
        if (isOn) this.map.removeLayer(this.layers[layer]);
        else this.layers[layer].addTo(this.map);
      },
    }, this.marks.legendMark(parts), label);
    fill(this.legend, key("open", this.marks.partsOfPoint(false), words("未查 {n}", { n: count("open") })),
      key("visited", this.marks.partsOfPoint(true), words("已查 {n}", { n: count("visited") })),
      key("tasks", this.marks.partsOfTask({ state: "handling" }), words("任务 {n}", { n: count("tasks") })));
    if (unplaced) this.status.textContent = words("{n} 个点位没有位置，只在列表里", { n: unplaced });
  }

  async open(latlng) {
    const at = this.map.latLngToContainerPoint(latlng);
    const here = this.things.filter((thing) => this.map.hasLayer(this.layers[thing.layer])
      && this.map.latLngToContainerPoint([thing.lat, thing.lon]).distanceTo(at) <= TOGETHER_PX);
    if (!here.length) return;
    const me = this.me && { lon: this.me.lon, lat: this.me.lat };
    const href = await sheet({
      title: here.length === 1 ? here[0].label : words("这里有 {n} 个", { n: here.length }),
      body: here.length === 1 ? [h("p", { class: "muted" }, [here[0].sub, me && metresWords(metres(me, here[0]))].filter(Boolean).join(" · "))] : [],
      actions: [...here.slice(0, 8).map((thing, index) => ({
        label: here.length === 1 ? words("打开") : `${thing.label} · ${thing.sub}`, value: thing.href, kind: index === 0 ? "main" : "quiet",
      })), { label: words("关闭"), value: null }],
    });
    if (href) this.ctx.go(href);
  }

  async locate() {
    const { L } = this;
    try {
      this.me = await askPosition();
    } catch (reason) {
      await sheet({ title: words("没有取到位置"), body: [h("p", {}, words(REASON_WORDS[reason] ?? REASON_WORDS.unavailable))], actions: [{ label: words("知道了"), value: null }] });
      return;
    }
    const { lon, lat, accuracy_m: radius } = this.me;
    this.mine?.remove();
    this.mine = L.layerGroup([
      L.circle([lat, lon], { radius, weight: 1, color: "#1d4ed8", fillOpacity: 0.08, interactive: false }),
      L.circleMarker([lat, lon], { radius: 8, weight: 3, color: "#fff", fillColor: "#1d4ed8", fillOpacity: 1, interactive: false }),
    ]).addTo(this.map);
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), 16));
  }
}
