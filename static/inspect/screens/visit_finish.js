// Knows how a visit is finished: a look at the whole, one position if wanted, into the outbox.

import { announce, fill, h, icon, sheet } from "../dom.js";
import { words } from "../words.js";
import { dayDueWords } from "./dates.js";
import { metres, metresWords } from "./distance.js";
import { notice } from "./pieces.js";
import { askPosition, REASON_WORDS } from "./position.js";
import { scoreWords } from "./scoring.js";

const RESULTS = ["conform", "basic", "fail", "na"];

/** Show the summary of `screen` (a VisitScreen); when it is confirmed the draft becomes an item of the outbox. */
export async function finishVisit(screen) {
  const { draft, known, point, keeper, ctx } = screen;
  const status = h("p", { class: "problem", role: "status", hidden: true });
  const sure = await sheet({
    title: words("提交这次检查"),
    body: [summary(screen), failures(screen), roundField({ known, point, draft, keeper }), noteField({ draft, keeper }),
      positionField({ draft, keeper, point }), status],
    actions: [{ label: words("提交"), value: true, kind: "main" }, { label: words("返回修改"), value: null }],
  });
  if (!sure) return;
  try {
    await keeper.end();
    await ctx.engine.send({ ...itemOf(screen), draft: draft.id });
  } catch (problem) {
    keeper.gone = false;
    await sheet({ title: words("没有提交"), body: [h("p", {}, words(problem.message))], actions: [{ label: words("知道了"), value: null }] });
    return;
  }
  announce(words("已存入待上传"));
  ctx.go(`#/p/${encodeURIComponent(point.code)}`, { replace: true });
}

/** The visit as the contract has it. */
export function itemOf({ draft, point, items, answers }) {
  const near = {};
  const given = items.map(({ item }) => {
    const { result, note, photos, near: join } = answers.get(item.id);
    if (join && item.makes_task.includes(result)) near[item.id] = join;
    return { item_id: item.id, result, note: note.trim(), photos };
  });
  const { point_id, point_version, round_id, note, position } = draft.data;
  return {
    kind: "visit", title: point.name, photos: given.flatMap((answer) => answer.photos),
    content: { point_id, point_version, round_id, note: note.trim(), position, answers: given },
    decisions: Object.keys(near).length ? { near } : {},
  };
}

function summary({ items, answers, score: found }) {
  const counts = Object.fromEntries(RESULTS.map((result) => [result, 0]));
  for (const { item } of items) counts[answers.get(item.id).result] += 1;
  const labels = new Map(items[0].edition.results);
  return h("div", { class: "stack-tight" },
    h("p", {}, words("得分"), " ", h("span", { class: "score" }, scoreWords(found.value)),
      found.failedCritically && h("span", { class: "overdue" }, ` · ${words("否决项不符合，本点位判为不合格")}`)),
    h("div", { class: "tally" }, RESULTS.map((result) => h("div", {}, h("strong", {}, String(counts[result])), labels.get(result) ?? words("基本符合")))));
}

function failures({ known, items, answers }) {
  const failed = items.filter(({ item }) => item.makes_task.includes(answers.get(item.id).result));
  if (!failed.length) return null;
  const bare = failed.filter(({ item }) => !answers.get(item.id).photos.length).length;
  return h("div", { class: "stack-tight" }, h("h3", {}, words("{n} 个问题将交办整改", { n: failed.length })),
    h("ul", { class: "list" }, failed.map(({ item }) => {
      const { near, photos } = answers.get(item.id);
      return h("li", { class: "row" }, h("span", { class: "row-main" }, h("span", { class: "row-title" }, item.text),
        h("span", { class: "row-sub" }, near && near !== "new" ? words("并入 {number}", { number: near }) : words("新任务 · {category}", { category: known.categories.get(item.category_id)?.name ?? "—" }))),
        h("span", { class: "row-side" }, words("{n} 张照片", { n: photos.length })));
    })),
    bare > 0 && notice("warn", words("{n} 个问题没有照片，整改单位可能找不到位置。可以返回补拍，也可以直接提交。", { n: bare })));
}

function roundField({ known, point, draft, keeper }) {
  const rounds = known.roundsOf(point).filter((round) => round.points.some((one) => one.point_id === point.id && one.mine));
  if (!rounds.length) return null;
  const select = h("select", { class: "input", id: "visit-round", value: String(draft.data.round_id ?? "") },
    rounds.map((round) => h("option", { value: String(round.id) }, `${round.name}（${dayDueWords(round.due_on).words}）`)),
    h("option", { value: "" }, words("不计入批次")));
  select.addEventListener("change", () => {
    draft.data.round_id = Number(select.value) || null;
    keeper.save().catch(() => {});
  });
  return h("div", { class: "field" }, h("label", { for: "visit-round" }, words("计入督查批次")), select);
}

function noteField({ draft, keeper }) {
  const note = h("textarea", { class: "input", id: "visit-note", maxlength: 1000, value: draft.data.note });
  note.addEventListener("input", () => {
    draft.data.note = note.value;
    keeper.soon();
  });
  return h("div", { class: "field" }, h("label", { for: "visit-note" }, words("总的说明（可不填）")), note);
}

/** One position of this act, only when the person wants to give it. */
function positionField({ draft, keeper, point }) {
  const status = h("p", { class: "muted", role: "status" });
  const button = h("button", { type: "button", class: "btn btn-wide" });
  const show = () => {
    const { position } = draft.data;
    fill(button, icon(position ? "check" : "locate"), words(position ? "重新记录位置" : "附上当前位置"));
    const far = metres(position, point);
    status.textContent = position
      ? [words("已附位置，误差约 {n} 米", { n: Math.round(position.accuracy_m) }), Number.isFinite(far) && words("距点位 {far}", { far: metresWords(far) })].filter(Boolean).join(" · ")
      : words("只记这一次，不记录行踪；不附也能提交。");
  };
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = words("正在定位…");
    try {
      draft.data.position = await askPosition();
      await keeper.save();
      show();
    } catch (reason) {
      status.textContent = `${words(REASON_WORDS[reason] ?? REASON_WORDS.unavailable)} ${words("不附也能提交。")}`;
    }
    button.disabled = false;
  });
  show();
  return h("div", { class: "stack-tight" }, button, status);
}
