// Knows the cards for what the server asks before it takes an item: join a task nearby, submit against a newer state.

import { h } from "../dom.js";
import { words } from "../words.js";
import { momentWords } from "./dates.js";
import { choices, notice } from "./pieces.js";

export function questionCard(item, context) {
  const { error } = item.question ?? {};
  if (error === "near") return nearCard(item, context);
  if (error === "stale") return staleCard(item, context);
  return reusedCard(item, context);
}

const button = (label, act, kind = "") => h("button", { type: "button", class: ["btn", kind], onclick: act }, label);

/** What a key of `near` is about: the item of the checklist, or the report itself. */
function nameOfKey(key, box) {
  if (key === "report") return words("这次上报");
  for (const edition of box?.editions ?? []) {
    const found = edition.items.find((one) => String(one.id) === String(key));
    if (found) return `${found.code} ${found.text}`;
  }
  return words("检查项 {key}", { key });
}

function nearCard(item, context) {
  const { engine, store } = context;
  const groups = new Map();
  for (const near of item.question.near ?? []) groups.set(String(near.key), [...(groups.get(String(near.key)) ?? []), near]);
  const decided = {};
  const send = button(words("按此提交"), () => engine.outbox.decide(item.uuid, { near: decided }).then(() => engine.sender.wake()), "btn-main");
  const fields = [...groups].map(([key, tasks]) => {
    decided[key] = tasks[0].number;
    const options = [
      ...tasks.map((task) => ({
        value: task.number, label: words("并入 {number}", { number: task.number }),
        sub: [task.title, task.state_name, words("{n} 米", { n: Math.round(task.distance_m) }), momentWords(task.reported_at)].filter(Boolean).join(" · "),
      })),
      { value: "new", label: words("不是同一件，新建任务") },
    ];
    const box = choices(`near-${item.uuid}-${key}`, options, {
      value: decided[key], legend: nameOfKey(key, null), onPick: (value) => { decided[key] = value; },
    });
    store.package().then((given) => { box.querySelector("legend").textContent = nameOfKey(key, given); }, () => {});
    return box;
  });
  return notice("warn", h("p", {}, item.question.message || words("附近近几天已有同类问题，是同一件吗？")), fields, h("div", { class: "btn-row" }, send));
}

function staleCard(item, { engine, removeItem }) {
  const { question } = item;
  const rows = (question.fields ?? []).map(({ label, mine, theirs }) => h("div", { class: "stale-field" },
    h("dt", {}, label),
    h("dd", {}, h("span", { class: "muted" }, words("我填的：")), String(mine || "—")),
    h("dd", {}, h("span", { class: "muted" }, words("现在是：")), h("strong", {}, String(theirs || "—")))));
  const insist = () => engine.outbox.decide(item.uuid, { stale: question.version }).then(() => engine.sender.wake());
  return notice("warn", h("p", {}, question.message || words("您填写之后，别人动过这件任务。")), h("dl", { class: "stale-fields" }, rows),
    !question.still_possible && h("p", {}, words("任务现在的状态不能再提交整改。")),
    h("p", { class: "hint" }, words("放弃后这一条从手机上删除。要留下填写的内容，请先复制，或在本页导出文件。")),
    h("div", { class: "btn-row" },
      question.still_possible && button(words("仍要提交"), insist, "btn-main"),
      button(words("放弃"), removeItem, "btn-danger")));
}

function reusedCard(item, { engine, removeItem }) {
  return notice("warn", h("p", {}, item.question?.message || words("服务器已收到过同一编号、内容不同的一条。")),
    h("div", { class: "btn-row" },
      button(words("作为新的一条重新提交"), () => engine.outbox.asNew(item.uuid).then(() => engine.sender.wake()), "btn-main"),
      button(words("删除"), removeItem, "btn-danger")));
}
