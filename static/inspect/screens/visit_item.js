// Knows one check item on the screen: its standard, the results in the edition's words, and below a failure all that it needs.

import { fill, h, icon, put } from "../dom.js";
import { words } from "../words.js";
import { metresWords } from "./distance.js";
import { phrasesOf, tasksForItem } from "./knowledge.js";
import { photoField } from "./photo_field.js";
import { choices, phraseButtons } from "./pieces.js";

/**
 * The element of `item`; `answer` is {result, note, photos, near} and is changed in place, each change is told by
 * `changed()` (awaited). `isGap`: it failed last time.
 */
export function itemElement({ ctx, known, point, edition, item, answer, isGap, changed }) {
  const body = h("div", { class: "item-body", hidden: true });
  const open = h("button", { type: "button", class: "btn", "aria-expanded": "false" }, icon("note"), words("备注、照片"));
  const element = h("fieldset", { class: "item", id: `item-${item.id}`, tabindex: "-1", data: { result: answer.result ?? "" } },
    h("legend", { class: "unseen" }, `${item.code} ${item.text}`),
    h("div", { class: "item-head" }, h("h3", {}, h("span", { class: "item-code" }, item.code), item.text),
      item.is_critical && h("span", { class: "chip chip-critical" }, words("否决项"))),
    item.standard && h("p", { class: "item-standard" }, item.standard, item.method && `（${item.method}）`),
    isGap && h("p", { class: "item-last due-soon" }, words("上次缺项")));

  function showBody() {
    if (body.hidden) fill(body, bodyOf({ ctx, known, point, item, answer, changed }));
    body.hidden = false;
    tools.hidden = true;
    open.setAttribute("aria-expanded", "true");
  }

  function show() {
    element.dataset.result = answer.result ?? "";
    const failed = item.makes_task.includes(answer.result);
    if (failed) {
      body.hidden = true; // drawn anew: a failure shows more
      showBody();
    } else if (answer.note || answer.photos.length) {
      body.hidden = true;
      showBody();
    } else {
      body.hidden = true;
      tools.hidden = !answer.result;
      open.setAttribute("aria-expanded", "false");
    }
    for (const input of element.querySelectorAll(`input[name="result-${item.id}"]`)) input.checked = input.value === answer.result;
  }

  const results = h("div", { class: ["results", edition.results.length === 3 && "results-3"] }, edition.results.map(([value, label]) =>
    h("label", { class: `result result-${value}` },
      h("input", {
        type: "radio", name: `result-${item.id}`, value,
        onchange: async () => {
          answer.result = value;
          show();
          await changed();
        },
      }), h("span", {}, label))));
  open.addEventListener("click", () => {
    showBody();
    body.querySelector("textarea")?.focus();
  });
  const tools = h("div", { class: "item-tools" }, open);
  put(element, results, tools, body);
  element.show = show;
  show();
  return element;
}

function bodyOf({ ctx, known, point, item, answer, changed }) {
  const failed = item.makes_task.includes(answer.result);
  const note = h("textarea", { class: "input", "aria-label": words("备注"), placeholder: words("说明（可不填）"), maxlength: 500, value: answer.note });
  const write = (text) => {
    answer.note = text;
    changed();
  };
  note.addEventListener("input", () => write(note.value));
  return h("div", { class: "stack" },
    failed && h("p", {}, h("span", { class: "strong" }, words("将生成任务：")), known.categories.get(item.category_id)?.name ?? words("由区迎检办选类别")),
    failed && joinChoice({ known, point, item, answer, changed }),
    photoField({
      ...ctx, uuids: answer.photos, label: words("{item} 的照片", { item: item.text }),
      onChange: async (uuids) => {
        answer.photos = uuids;
        await changed();
      },
    }),
    phraseButtons(failed ? phrasesOf(known, item.category_id) : [], note, write),
    note);
}

/** Open tasks that this failure may be one with; nothing is chosen for the person where it is not the same item. */
function joinChoice({ known, point, item, answer, changed }) {
  const tasks = tasksForItem(known, point, item);
  if (!tasks.length) return null;
  if (!answer.near) answer.near = tasks[0].same_item ? tasks[0].number : "new";
  return choices(`near-${item.id}`, [
    ...tasks.slice(0, 4).map((task) => ({
      value: task.number, label: words("并入：{title}", { title: task.title }),
      sub: [task.number, task.state_name, Number.isFinite(task.distance_m) && metresWords(task.distance_m)].filter(Boolean).join(" · "),
    })),
    { value: "new", label: words("不是同一处，另立任务") },
  ], {
    value: answer.near, legend: words(tasks[0].same_item ? "这一项已有未结任务，是同一个问题吗？" : "附近有同类未结任务，是同一个问题吗？"),
    onPick: (value) => {
      answer.near = value;
      changed();
    },
  });
}
