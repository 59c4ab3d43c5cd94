// Knows the small pieces that several screens show: notices, empty states, task rows, pick buttons, state words.

import { h, icon } from "../dom.js";
import { words } from "../words.js";
import { dueWords } from "./dates.js";

const ICONS = { warn: "alert", bad: "alert", good: "check", info: "info" };

export const notice = (kind, ...children) =>
  h("div", { class: ["notice", kind !== "info" && `notice-${kind}`] }, icon(ICONS[kind]), h("div", {}, ...children));

export const empty = (title, text, ...more) => h("div", { class: "empty" }, h("strong", {}, title), text, ...more);

/** Shown where a screen cannot work without the package. */
export const needsPackage = () => empty(words("还没有下载检查数据"), words("下载后，没有网络也能查点位、填检查、上报。"),
  h("div", {}, h("a", { class: "btn btn-main", href: "#/" }, icon("download"), words("去首页下载"))));

export const stateChip = (task) => h("span", { class: `chip chip-${task.state}` }, task.state_name);

export const dueText = (task) => {
  const due = dueWords(task);
  return h("span", { class: due.kind }, due.words);
};

/** A row of the list of tasks; `mark` is shown in place of the limit. */
export const taskRow = (task, mark = null) => h("li", {},
  h("a", { class: "row", href: `#/task/${encodeURIComponent(task.number)}` },
    h("span", { class: "row-main" }, h("span", { class: "row-title" }, task.title),
      h("span", { class: "row-sub" }, [task.community, task.address].filter(Boolean).join(" · ") || "—"),
      h("span", { class: "row-sub" }, task.number)),
    h("span", { class: "row-side" }, mark ?? [h("strong", {}, dueText(task)), stateChip(task)])));

/** Buttons of which one is pressed: `options` are [value, label]; the pressed one may be let go when `loose`. */
export function picks(options, { value, onPick, label, scroll = false, loose = false }) {
  let chosen = value;
  const box = h("div", { class: ["picks", scroll && "picks-scroll"], role: "group", "aria-label": label });
  const buttons = options.map(([key, text]) => h("button", {
    type: "button", class: "pick", "aria-pressed": String(key === chosen),
    onclick: () => {
      chosen = loose && key === chosen ? null : key;
      buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(options[index][0] === chosen)));
      onPick(chosen);
    },
  }, text));
  box.append(...buttons);
  return box;
}

/** One of several, each on a line of its own: `options` are {value, label, sub}. */
export function choices(name, options, { value, onPick, legend }) {
  return h("fieldset", {}, h("legend", { class: "legend" }, legend), h("div", { class: "choices" },
    options.map((option) => h("label", { class: "choice" },
      h("input", { type: "radio", name, checked: option.value === value, onchange: () => onPick(option.value) }),
      h("span", {}, option.label, option.sub && h("span", { class: "row-sub" }, option.sub))))));
}

/** Phrases that are put into a text when pressed. */
export const phraseButtons = (phrases, textarea, onUse) => phrases.length > 0 && h("div", {
  class: "picks picks-scroll", role: "group", "aria-label": words("常用语"),
}, phrases.map(({ text, category_id: categoryId }) => h("button", {
  type: "button", class: "pick",
  onclick: () => {
    const typed = textarea.value.trimEnd();
    if (!typed.includes(text)) textarea.value = typed ? `${typed}；${text}` : text;
    onUse(textarea.value, categoryId);
  },
}, text)));
