// Knows the ways to say where: this phone, the photo, a pin on the map, a point, or a community with an address.

import { fill, h, icon, put } from "../dom.js";
import { words } from "../words.js";
import { isPlaced, metres, metresWords } from "./distance.js";
import { picks } from "./pieces.js";
import { askPosition, REASON_WORDS } from "./position.js";

const METHOD_WORDS = { gps: "手机定位", photo: "照片位置", pin: "地图上选的位置" };
const POINTS_SHOWN = 8;

/** Fields over `data.position`, `address`, `community_code`, `point_id`; `changed()` is called at each change, `typed()` at each letter. */
export class PlaceField {
  constructor(known, data, { changed, typed }) {
    Object.assign(this, { known, data, changed, typed });
    this.status = h("p", { role: "status" });
    this.photo = h("button", { type: "button", class: "btn", hidden: true }, icon("gallery"), words("用照片的位置"));
    this.pane = h("div");
    this.element = h("div", { class: "stack-tight" }, this.status, this.buttons(), this.pane, this.words());
    this.tell();
  }

  get isGiven() { return Boolean(this.data.position || this.data.point_id || (this.data.community_code && this.data.address.trim())); }

  tell(problem = "") {
    const { position, point_id: pointId } = this.data;
    const point = this.known.points.get(pointId);
    if (problem) return fill(this.status, h("span", { class: "due-soon" }, problem));
    if (point) return fill(this.status, icon("check"), " ", words("点位：{name}", { name: point.name }));
    if (!position) return fill(this.status, h("span", { class: "muted" }, words("还没有位置")));
    return fill(this.status, words(METHOD_WORDS[position.method]), ` ${position.lon.toFixed(5)}, ${position.lat.toFixed(5)}`,
      position.accuracy_m ? ` · ${words("误差约 {n} 米", { n: Math.round(position.accuracy_m) })}` : "");
  }

  set(position, { pointId = null } = {}) {
    Object.assign(this.data, { position, point_id: pointId });
    this.tell();
    this.changed();
  }

  /** A photo that knows where it was taken. */
  offerPhoto(photo) {
    if (!isPlaced(photo)) return;
    const use = () => this.set({ lon: photo.lon, lat: photo.lat, accuracy_m: null, method: "photo" });
    if (!this.isGiven) use();
    this.photo.hidden = false;
    this.photo.onclick = use;
  }

  buttons() {
    const gps = h("button", { type: "button", class: "btn" }, icon("locate"), words("手机定位"));
    gps.addEventListener("click", async () => {
      gps.disabled = true;
      fill(this.status, words("正在定位…"));
      try {
        this.set(await askPosition());
      } catch (reason) {
        this.tell(words(REASON_WORDS[reason] ?? REASON_WORDS.unavailable));
      }
      gps.disabled = false;
    });
    return h("div", { class: "btn-row" }, gps, this.photo,
      h("button", { type: "button", class: "btn", onclick: () => this.showMap() }, icon("map"), words("地图上选")),
      h("button", { type: "button", class: "btn", onclick: () => this.showPoints() }, icon("point"), words("选点位")));
  }

  async showMap() {
    const box = h("div", { class: "map map-pin", role: "application", "aria-label": words("点地图放图钉") });
    fill(this.pane, box, h("p", { class: "hint" }, words("点一下地图放图钉。")));
    try {
      const { pinMap } = await import("./map_ground.js");
      await pinMap(box, this.known, { place: this.data.position, onPick: (place) => this.set({ ...place, accuracy_m: null, method: "pin" }) });
    } catch {
      fill(this.pane, h("p", { class: "problem" }, words("地图没有打开，请换一种方式给出位置。")));
    }
  }

  showPoints() {
    const list = h("div");
    const search = h("input", { class: "input", type: "search", "aria-label": words("搜索点位"), placeholder: words("名称、编号、地址"), autocomplete: "off" });
    const drawList = () => {
      const text = search.value.trim().toLowerCase();
      const found = this.known.box.points
        .filter((point) => `${point.name} ${point.code} ${point.address}`.toLowerCase().includes(text))
        .map((point) => ({ point, far: metres(this.data.position, point) }))
        .sort((a, b) => a.far - b.far || a.point.code.localeCompare(b.point.code)).slice(0, POINTS_SHOWN);
      fill(list, picks(found.map(({ point, far }) => [point.id, [point.name, metresWords(far)].filter(Boolean).join(" · ")]), {
        label: words("点位"), onPick: (id) => this.choosePoint(this.known.points.get(id)),
      }));
    };
    search.addEventListener("input", drawList);
    fill(this.pane, h("div", { class: "stack-tight" }, h("div", { class: "search" }, icon("search"), search), list));
    drawList();
    search.focus();
  }

  choosePoint(point) {
    fill(this.pane);
    const position = isPlaced(point) ? { lon: point.lon, lat: point.lat, accuracy_m: null, method: "pin" } : this.data.position;
    this.set(position, { pointId: point.id });
  }

  words() {
    const communities = this.known.box.areas.filter((area) => area.level === "community");
    const select = h("select", { class: "input", id: "report-community", value: this.data.community_code ?? "" },
      h("option", { value: "" }, words("按位置确定")), communities.map((area) => h("option", { value: area.code }, area.name)));
    select.addEventListener("change", () => {
      this.data.community_code = select.value || null;
      this.changed();
    });
    const address = h("input", { class: "input", id: "report-address", maxlength: 200, value: this.data.address, autocomplete: "off" });
    address.addEventListener("input", () => {
      this.data.address = address.value;
      this.typed();
    });
    return put(h("div", {}), h("div", { class: "field" }, h("label", { for: "report-address" }, words("地址")), address),
      h("div", { class: "field" }, h("label", { for: "report-community" }, words("社区（村）")), select));
  }
}
