// Knows how a category is found among two hundred: by typing, by 七乱一占 tag, among those used last.

const KEPT = 6;
const SHOWN = 30;

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
};

/** Turns the plain select inside `root` into search, chips and list; the select stays the value. */
export class CategoryPicker {
  constructor(root) {
    this.root = root;
    this.select = root.querySelector("select");
    this.key = `categories:${root.dataset.owner}`;
    this.options = Array.from(this.select.options).filter((option) => option.value).map((option) => ({
      id: option.value, label: option.label, code: option.dataset.code, find: option.dataset.find,
      tags: option.dataset.tags.split(" "), group: option.parentElement.label,
    }));
    this.tag = "";
    this.build();
    this.select.addEventListener("change", () => this.showChosen());
    this.showChosen();
  }

  build() {
    this.select.classList.add("visually-hidden");
    this.select.tabIndex = -1;
    this.select.setAttribute("aria-hidden", "true");
    this.chosen = element("div", "category-chosen");
    this.finder = element("div", "category-finder");
    this.input = element("input", "form-control");
    Object.assign(this.input, { type: "search", id: "category-search", placeholder: this.root.dataset.search, autocomplete: "off", maxLength: 40 });
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-expanded", "true");
    this.input.setAttribute("aria-controls", "category-list");
    this.root.querySelector("label").htmlFor = "category-search";
    this.recent = element("div", "category-chips");
    this.tags = element("div", "category-chips category-tags");
    this.list = element("ul", "category-list");
    Object.assign(this.list, { id: "category-list" });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.root.dataset.all);
    this.finder.append(this.input, this.recent, this.tags, this.list);
    this.root.append(this.chosen, this.finder);
    this.drawTags();
    this.input.addEventListener("input", () => this.drawList());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
  }

  drawTags() {
    this.tags.append(element("span", "chips-title", this.root.dataset.tagsLabel));
    for (const [code, name] of JSON.parse(this.root.dataset.tags)) {
      const chip = element("button", "pick-chip", name);
      chip.type = "button";
      chip.setAttribute("aria-pressed", "false");
      chip.addEventListener("click", () => {
        this.tag = this.tag === code ? "" : code;
        for (const other of this.tags.querySelectorAll("button")) other.setAttribute("aria-pressed", String(other === chip && this.tag === code));
        this.drawList();
      });
      this.tags.append(chip);
    }
  }

  drawRecent() {
    const used = this.used().map((id) => this.options.find((option) => option.id === id)).filter(Boolean);
    this.recent.replaceChildren();
    if (!used.length) return;
    this.recent.append(element("span", "chips-title", this.root.dataset.recent));
    for (const option of used) {
      const chip = element("button", "pick-chip", option.label);
      chip.type = "button";
      chip.addEventListener("click", () => this.choose(option.id));
      this.recent.append(chip);
    }
  }

  matching() {
    const words = this.input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (option) => (!this.tag || option.tags.includes(this.tag)) && words.every((word) => option.find.includes(word));
    const rank = (option) => (words.length && (option.code.startsWith(words[0]) || option.label.toLowerCase().startsWith(words[0])) ? 0 : 1);
    return this.options.filter(fits).sort((a, b) => rank(a) - rank(b));
  }

  drawList() {
    this.list.replaceChildren();
    this.active = -1;
    this.input.removeAttribute("aria-activedescendant");
    const wanted = this.input.value.trim() || this.tag;
    const found = this.matching();
    let group = "";
    for (const option of wanted ? found.slice(0, SHOWN) : found) {
      if (!wanted && option.group !== group) {
        group = option.group;
        const title = element("li", "category-group", group);
        title.setAttribute("role", "presentation");
        this.list.append(title);
      }
      this.list.append(this.row(option));
    }
    if (!found.length) {
      const none = element("li", "category-none", this.root.dataset.none);
      none.setAttribute("role", "presentation");
      this.list.append(none);
    }
    this.list.scrollTop = 0;
  }

  row(option) {
    const row = element("li", "category-option");
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.id = `category-${option.id}`;
    row.dataset.id = option.id;
    row.append(element("span", "", option.label), element("span", "category-code", option.code));
    row.addEventListener("click", () => this.choose(option.id));
    return row;
  }

  onKey(event) {
    const rows = Array.from(this.list.querySelectorAll(".category-option"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.active = Math.max(0, Math.min(rows.length - 1, this.active + (event.key === "ArrowDown" ? 1 : -1)));
      rows.forEach((row, rank) => row.setAttribute("aria-selected", String(rank === this.active)));
      rows[this.active]?.scrollIntoView({ block: "nearest" });
      if (rows[this.active]) this.input.setAttribute("aria-activedescendant", rows[this.active].id);
    } else if (event.key === "Enter") {
      event.preventDefault(); // Enter picks; it must not send the report
      const row = rows[this.active] ?? (this.input.value.trim() ? rows[0] : null);
      if (row) this.choose(row.dataset.id);
    }
  }

  choose(id, { focus = true } = {}) {
    this.select.value = id;
    this.remember(id);
    this.select.dispatchEvent(new Event("change", { bubbles: true }));
    if (focus) this.chosen.querySelector("button")?.focus();
  }

  showChosen() {
    const option = this.options.find((other) => other.id === this.select.value);
    this.chosen.replaceChildren();
    this.finder.hidden = Boolean(option);
    this.chosen.hidden = !option;
    if (!option) {
      this.drawRecent();
      this.drawList();
      return;
    }
    const words = element("span", "chosen-words");
    words.append(element("strong", "", option.label), element("span", "category-code", `${option.code} · ${option.group.replace(/^\S+\s/, "")}`));
    const change = element("button", "btn btn-sm", this.root.dataset.change);
    change.type = "button";
    change.addEventListener("click", () => {
      this.select.value = "";
      this.select.dispatchEvent(new Event("change", { bubbles: true }));
      this.input.value = "";
      this.drawList();
      this.input.focus();
    });
    this.chosen.append(words, change);
  }

  used() {
    try { return JSON.parse(localStorage.getItem(this.key)) ?? []; } catch { return []; }
  }

  remember(id) {
    const used = [id, ...this.used().filter((other) => other !== id)].slice(0, KEPT);
    try { localStorage.setItem(this.key, JSON.stringify(used)); } catch { /* private browsing */ }
  }
}
