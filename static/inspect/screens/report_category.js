// Knows how a category is found among two hundred: used last, by 七乱一占 tag, by typing.

import { fill, h, icon, later } from "../dom.js";
import { words } from "../words.js";
import { picks } from "./pieces.js";

const KEY = "inspect:categories";
const KEPT = 6;
const SHOWN = 12;

function lastUsed() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

/** Keep `id` among those used last on this phone. */
export function rememberCategory(id) {
  try {
    localStorage.setItem(KEY, JSON.stringify([id, ...lastUsed().filter((other) => other !== id)].slice(0, KEPT)));
  } catch { /* a convenience only */ }
}

/** Chips, tags and search over `data.category_id`; `changed()` is called when it is chosen. */
export class CategoryField {
  constructor(known, data, changed) {
    Object.assign(this, { known, data, changed });
    this.tag = null;
    this.element = h("div", { class: "stack-tight" });
    this.draw();
  }

  draw() {
    const chosen = this.known.categories.get(this.data.category_id);
    if (chosen) {
      fill(this.element, h("div", { class: "hello" }, h("p", {}, h("span", { class: "strong" }, chosen.name), h("span", { class: "muted" }, ` · ${chosen.major}`)),
        h("button", { type: "button", class: "btn", onclick: () => this.choose(null) }, words("改选"))));
      return;
    }
    const tags = [...new Set(this.known.box.categories.flatMap((category) => category.tags ?? []))];
    const search = h("input", { class: "input", type: "search", "aria-label": words("搜索类别"), placeholder: words("搜类别，如：垃圾、停车"), autocomplete: "off" });
    this.list = h("div");
    search.addEventListener("input", later(() => this.drawList(search.value), 120));
    fill(this.element, h("div", { class: "search" }, icon("search"), search),
      tags.length > 0 && picks(tags.map((tag) => [tag, tag]), {
        label: words("七乱一占"), scroll: true, loose: true,
        onPick: (tag) => {
          this.tag = tag;
          this.drawList(search.value);
        },
      }), this.list);
    this.drawList("");
  }

  drawList(typed) {
    const text = typed.trim().toLowerCase();
    const all = this.known.box.categories;
    const used = lastUsed().map((id) => this.known.categories.get(id)).filter(Boolean);
    const found = !text && !this.tag ? (used.length ? used : all.filter((category) => category.tags?.length))
      : all.filter((category) => (!this.tag || category.tags?.includes(this.tag))
        && (!text || `${category.name} ${category.code} ${category.major} ${(category.tags ?? []).join(" ")}`.toLowerCase().includes(text)));
    fill(this.list,
      !text && !this.tag && used.length > 0 && h("p", { class: "hint" }, words("最近用过")),
      found.length ? picks(found.slice(0, SHOWN).map((category) => [category.id, category.name]), { label: words("类别"), onPick: (id) => this.choose(id) })
        : h("p", { class: "muted" }, words("没有这样的类别，换个词试试。")),
      found.length > SHOWN && h("p", { class: "hint" }, words("还有 {n} 个，请输入名称查找。", { n: found.length - SHOWN })));
  }

  choose(id, { focus = true } = {}) {
    this.data.category_id = id;
    this.draw();
    if (focus) this.element.querySelector("button, input")?.focus({ preventScroll: true });
    this.changed();
  }
}
