// Knows the page of one point, as opened from the list or from its QR code: what it is, what was missing, begin.

import { h, icon, put } from "../dom.js";
import { words } from "../words.js";
import { newUuid } from "../uuid.js";
import { dayWords, momentWords } from "./dates.js";
import { knowledge, roundFor } from "./knowledge.js";
import { empty, needsPackage, notice, stateChip } from "./pieces.js";
import { scoreWords } from "./scoring.js";

export async function render(root, { store, params, frame, go, query }) {
  frame.setTitle(words("点位"), { back: "#/points" });
  const box = await store.package();
  if (!box) return void root.append(needsPackage());
  const known = knowledge(box);
  const point = known.pointByCode(params.code);
  if (!point) return void root.append(notFound(params.code));
  frame.setTitle(point.name, { back: "#/points" });
  const [drafts, items] = await Promise.all([store.drafts("visit"), store.outbox()]);
  const begun = drafts.find((draft) => draft.data.point_id === point.id);
  const waiting = items.find((item) => item.kind === "visit" && item.content.point_id === point.id);
  const groups = known.groups(point);
  const count = groups.reduce((sum, group) => sum + group.items.length, 0);
  const begin = async () => {
    const draft = newVisit(known, point, Number(query.round) || null);
    await store.putDraft(draft);
    go(`#/visit/${draft.id}`, { replace: true });
  };
  root.classList.add("has-foot");
  put(root,
    waiting && notice("good", words("{when} 检查过，待上传。可以再查一次。", { when: momentWords(waiting.made_at) })),
    facts(known, point),
    gapList(known, point),
    openTaskList(point),
    h("div", { class: "foot" }, h("div", { class: "foot-row" }, begun
      ? h("a", { class: "btn btn-main", href: `#/visit/${begun.id}` }, icon("pen"), words("接着检查"))
      : h("button", { type: "button", class: "btn btn-main", disabled: count === 0, onclick: begin },
        icon("point"), count ? words("开始检查（{n} 项）", { n: count }) : words("此类点位没有检查项")))));
}

const notFound = (code) => empty(words("本手机的数据里没有这个点位"),
  words("编号 {code}。可能不在您的范围内，或数据还没有更新。", { code }),
  h("div", {}, h("a", { class: "btn", href: "#/" }, words("去首页更新数据"))));

/** A visit not yet begun, in the shape of docs/sync.md. */
export function newVisit(known, point, wanted) {
  return {
    id: newUuid(), kind: "visit", subject: `point:${point.id}`,
    data: { point_id: point.id, point_version: point.version, round_id: roundFor(known, point, wanted)?.id ?? null, note: "", position: null, answers: [] },
  };
}

export function facts(known, point) {
  const rounds = known.roundsOf(point).map((round) => round.name).join("、");
  const rows = [
    ["类型", known.typeName(point)], ["编号", point.code], ["位置", [point.community, point.address].filter(Boolean).join(" · ")],
    ["责任单位", [point.unit, point.person].filter(Boolean).join(" · ")], ["督查批次", rounds],
    ["上次检查", point.last_visit_at && words("{day} · {score} 分", { day: dayWords(point.last_visit_at), score: scoreWords(point.last_score) })],
  ];
  return h("dl", { class: "facts section" }, rows.filter(([, value]) => value).map(([label, value]) => [h("dt", {}, words(label)), h("dd", {}, value)]));
}

/** What failed last time; `onOpen(item)` makes each a button that leads to it. */
export function gapList(known, point, onOpen = null) {
  const wanted = new Set(point.gaps ?? []);
  const items = known.groups(point).flatMap((group) => group.items).filter((item) => wanted.has(item.id));
  if (!items.length) return null;
  return h("section", { class: "gaps section" }, h("h2", {}, words("上次缺项 {n} 项，请先看", { n: items.length })),
    h("ul", {}, items.map((item) => h("li", {}, onOpen
      ? h("a", { href: `#item-${item.id}`, onclick: (event) => { event.preventDefault(); onOpen(item); } }, `${item.code} ${item.text}`)
      : `${item.code} ${item.text}`))));
}

export function openTaskList(point) {
  const tasks = point.open_tasks ?? [];
  if (!tasks.length) return null;
  return h("section", { class: "section" }, h("h2", {}, words("此处未结任务 {n} 件", { n: tasks.length })),
    h("ul", { class: "list" }, tasks.map((task) => h("li", { class: "row" },
      h("span", { class: "row-main" }, h("span", { class: "row-title" }, task.title), h("span", { class: "row-sub" }, `${task.number} · ${dayWords(task.reported_at)}`)),
      h("span", { class: "row-side" }, stateChip(task))))));
}
