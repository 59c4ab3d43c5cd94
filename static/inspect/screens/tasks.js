// Knows the list of tasks that this person may rectify, the most urgent first.

import { h, put } from "../dom.js";
import { words } from "../words.js";
import { bandOf } from "./dates.js";
import { empty, needsPackage, picks, taskRow } from "./pieces.js";
import { submittedTasks } from "./visited.js";

export async function render(root, { store, frame }) {
  frame.setTitle(words("整改任务"));
  const [box, drafts] = await Promise.all([store.package(), store.drafts("submit")]);
  if (!box) return void root.append(needsPackage());
  const { waiting, received } = await submittedTasks(box, store);
  const begun = new Set(drafts.map((draft) => draft.data.number));
  const tasks = (box.tasks ?? []).filter((task) => !received.has(task.number)).sort(byDue);
  if (!tasks.length) return void root.append(empty(words("没有待整改的任务"), words("派给您或您单位的任务会出现在这里；更新数据后可见。")));
  const list = h("ul", { class: "list" });
  const overdue = (task) => bandOf(task) === "overdue";
  const kinds = { all: () => true, overdue, rework: (task) => task.rework_reason, waiting: (task) => waiting.has(task.number) };
  const count = (name) => tasks.filter(kinds[name]).length;
  const show = (name) => list.replaceChildren(...tasks.filter(kinds[name]).map((task) => taskRow(task, markOf(task, { waiting, begun }))));
  const options = [["all", words("全部 {n}", { n: tasks.length })], ["overdue", words("超期 {n}", { n: count("overdue") })],
    ["rework", words("返工 {n}", { n: count("rework") })], ["waiting", words("待上传 {n}", { n: count("waiting") })]];
  const offered = options.filter(([name]) => name === "all" || count(name));
  put(root, offered.length > 1 && picks(offered, { value: "all", label: words("筛选"), scroll: true, onPick: show }),
    h("div", { class: "section" }, list));
  show("all");
}

function byDue(one, other) {
  const time = (task) => (task.due_at ? Date.parse(task.due_at) : Infinity);
  return time(one) - time(other) || one.number.localeCompare(other.number);
}

function markOf(task, { waiting, begun }) {
  if (waiting.has(task.number)) return h("span", { class: "chip chip-wait" }, words("已填，待上传"));
  if (begun.has(task.number)) return h("span", { class: "chip chip-handling" }, words("没填完"));
  return null;
}
