// Knows the first page: who I am, whether the data for today are on the phone, my rounds, what is begun, the four deeds.

import { announce, fill, h, icon, sheet } from "../dom.js";
import { size, words } from "../words.js";
import { agoWords, dayDueWords, daysUntil, dayWords, momentWords } from "./dates.js";
import { bringBack } from "./draft_keeper.js";
import { knowledge } from "./knowledge.js";
import { notice } from "./pieces.js";
import { submittedTasks, visitsSince } from "./visited.js";

const NONE = { waiting: new Set(), received: new Set() };
/** How long the files of the application may take; without them the data are there all the same. */
const SHELL_MS = 20000;
const STALE_MS = 24 * 3600e3;

export async function render(root, { store, engine, frame }) {
  frame.setTitle(words("督导检查"));
  const places = { hello: h("div"), trouble: h("div"), package: h("div"), deeds: h("div"), drafts: h("div"), rounds: h("div") };
  root.append(places.hello, h("div", { class: "section stack-tight" }, places.trouble, places.package), ...["deeds", "rounds", "drafts"].map((name) => {
    places[name].className = "section";
    return places[name];
  }));
  const redraw = () => draw(places, { store, engine, redraw });
  await redraw();
  return engine.onChange(() => places.package.querySelector("[aria-busy]") || redraw());
}

async function draw(places, ctx) {
  const { store } = ctx;
  await bringBack(store);
  const [session, box, info, drafts] = await Promise.all([store.session(), store.package(), store.packageInfo(), store.drafts()]);
  const known = box && knowledge(box);
  fill(places.hello, hello(session, ctx.engine));
  fill(places.trouble, trouble(ctx));
  if (!places.package.querySelector("[aria-busy]")) fill(places.package, packageBox(ctx, places.package, { info, box }));
  fill(places.deeds, deeds(box, box ? await submittedTasks(box, store) : NONE));
  fill(places.drafts, draftList(drafts, known, ctx));
  fill(places.rounds, box && rounds(box, await visitsSince(box, store)));
}

/** Until the server has answered once, nobody is called signed out. */
const hello = (session, engine) => h("div", { class: "hello" },
  h("p", {}, h("span", { class: "strong" }, session?.user?.name ?? words(engine.signedOut || !navigator.onLine ? "尚未登录" : "正在确认登录…")),
    session?.user?.unit && h("span", { class: "muted" }, ` · ${session.user.unit}`)),
  h("a", { href: "#/me", "aria-label": words("我的") }, icon("me")));

function trouble({ engine }) {
  if (!engine.signedOut) return null;
  return notice("warn", h("p", {}, words("登录已过期。手机上的内容都在，登录后会接着上传。")),
    h("a", { class: "btn", href: engine.signInUrl() }, words("登录")));
}

function packageBox(ctx, place, { info, box }) {
  const isStale = info && Date.now() - new Date(info.checked_at ?? info.fetched_at) > STALE_MS;
  const bar = h("progress", { hidden: true, "aria-label": words("下载进度") });
  const problem = h("p", { class: "problem", role: "status", hidden: true });
  const button = h("button", { type: "button", class: ["btn", "btn-wide", (!info || isStale) && "btn-main"] }, icon("download"),
    words(info ? "更新数据" : "下载检查数据"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    bar.hidden = false;
    problem.hidden = true;
    try {
      await ctx.engine.download({ onProgress: ({ received, total }) => showProgress(bar, received, total ?? info?.bytes) });
      await shellKept();
      button.removeAttribute("aria-busy");
      announce(words("数据已更新，可以离线使用"));
      await ctx.redraw();
    } catch (reason) {
      problem.textContent = words(reason.message);
      problem.hidden = false;
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
      bar.hidden = true;
    }
  });
  return h("section", { class: "package", "aria-label": words("检查数据") },
    info ? packageFacts(info, box, isStale) : [h("p", { class: "strong" }, words("出门前请先下载")),
      h("p", { class: "muted" }, words("下载后，没有网络也能查点位、填检查、上报。"))],
    bar, problem, button);
}

/** The data are of use offline only when the pages are kept as well; a first visit is still fetching them. */
async function shellKept() {
  if (!globalThis.isSecureContext || !navigator.serviceWorker) return;
  const patience = new Promise((resolve) => { setTimeout(resolve, SHELL_MS); });
  await Promise.race([navigator.serviceWorker.ready, patience]);
}

function showProgress(bar, received, total) {
  if (!total) return;
  bar.max = Math.max(total, received);
  bar.value = received;
}

const packageFacts = (info, box, isStale) => [
  h("p", { class: "strong" }, words("{when}更新的数据", { when: agoWords(info.checked_at ?? info.fetched_at) }),
    isStale && h("span", { class: "due-soon" }, ` · ${words("出门前请先下载")}`)),
  h("p", { class: "muted" }, words("{points} 个点位 · {tasks} 件待整改 · {size}，离线可用", {
    points: box.points.length, tasks: (box.tasks ?? []).length, size: size(info.bytes ?? 0),
  })),
  box.counts && box.counts.shown < box.counts.points && h("p", { class: "due-soon" },
    words("共 {points} 个点位，手机上只放 {shown} 个：督查批次的点位优先。", box.counts)),
];

function deeds(box, { waiting, received }) {
  const due = (box?.tasks ?? []).filter((task) => !waiting.has(task.number) && !received.has(task.number)).length;
  const deed = (href, name, label, count, main) => h("a", { class: ["deed", main && "deed-main"], href }, icon(name),
    h("span", {}, label, count && h("span", { class: "deed-count" }, count)));
  return h("nav", { class: "deeds", "aria-label": words("要做的事") },
    deed("#/points", "point", words("点位检查"), box && words("{n} 个点位", { n: box.points.length }), true),
    deed("#/report", "report", words("上报问题")),
    deed("#/tasks", "task", words("整改反馈"), due > 0 && words("{n} 件待整改", { n: due })),
    deed("#/map", "map", words("地图")));
}

const DRAFT_WORDS = { visit: "检查", report: "上报", submit: "整改反馈" };

function draftWay(draft) {
  if (draft.kind === "visit") return `#/visit/${draft.id}`;
  if (draft.kind === "report") return `#/report/${draft.id}`;
  return `#/task/${encodeURIComponent(draft.data.number)}/${draft.id}`;
}

function draftName(draft, known) {
  if (draft.kind === "visit") return known?.points.get(draft.data.point_id)?.name ?? words("点位");
  if (draft.kind === "report") return known?.categories.get(draft.data.category_id)?.name ?? words("未选类别");
  return known?.box.tasks.find((task) => task.number === draft.data.number)?.title ?? draft.data.number;
}

function draftList(drafts, known, { store, redraw }) {
  if (!drafts.length) return null;
  const drop = async (draft) => {
    const sure = await sheet({
      title: words("删除这份草稿？"), body: [h("p", {}, words("「{name}」已填的内容和照片会从手机上删除，不能恢复。", { name: draftName(draft, known) }))],
      actions: [{ label: words("删除草稿"), value: true, kind: "danger" }, { label: words("保留"), value: null }],
    });
    if (!sure) return;
    await store.dropDraft(draft.id);
    await redraw();
  };
  return [h("h2", {}, words("没填完的")), h("ul", { class: "list" }, drafts.map((draft) => h("li", { class: "draft" },
    h("a", { class: "row", href: draftWay(draft) }, icon("pen"), h("span", { class: "row-main" },
      h("span", { class: "row-title" }, `${words(DRAFT_WORDS[draft.kind] ?? "草稿")} · ${draftName(draft, known)}`),
      h("span", { class: "row-sub" }, words(draft.mends ? "被退回，待修改 · {when}" : "存于 {when}", { when: momentWords(draft.updated_at) })))),
    h("button", { type: "button", class: "btn btn-link", "aria-label": words("删除草稿：{name}", { name: draftName(draft, known) }), onclick: () => drop(draft) }, icon("remove")))))];
}

function rounds(box, visits) {
  const mine = (box.rounds ?? []).map((round) => ({ ...round, own: round.points.filter((one) => one.mine) }));
  const title = h("h2", {}, words("我的督查批次"));
  const route = navigator.onLine && h("p", {}, h("a", { class: "btn btn-wide", href: "/inspect/route" }, icon("map"), words("今日检查路线（需联网）")));
  if (!mine.length) return [title, h("p", { class: "muted" }, words("现在没有进行中的督查批次。任何点位都可以从「点位」页检查。")), route];
  return [title, h("ul", { class: "list" }, mine.map((round) => roundRow(round, visits))), route];
}

function roundRow(round, visits) {
  const since = new Set(visits.filter((visit) => visit.round_id === undefined || visit.round_id === round.id).map((visit) => visit.point_id));
  const done = round.own.filter((one) => one.visited_at || since.has(one.point_id)).length;
  const due = dayDueWords(round.due_on);
  const review = round.review_on && daysUntil(round.review_on);
  return h("li", { class: ["round", done === round.own.length && "is-done"] },
    h("div", { class: "round-head" }, h("a", { href: `#/points?round=${round.id}&left=1` }, round.name),
      h("span", { class: ["round-due", due.kind] }, done === round.own.length ? words("已完成") : due.words)),
    round.review_on && h("p", { class: review >= 0 ? "due-soon" : "muted" },
      review > 0 ? words("距迎检还有 {n} 天（{day}）", { n: review, day: dayWords(round.review_on) }) : words(review === 0 ? "今天迎检" : "迎检已结束")),
    h("progress", { max: Math.max(1, round.own.length), value: done, "aria-label": words("已查 {done} / {all}", { done, all: round.own.length }) }),
    h("p", { class: "count-line muted" }, h("span", {}, words("已查 {done} / {all}", { done, all: round.own.length })),
      h("span", {}, `${round.kind_name} · ${words("{day} 截止", { day: dayWords(round.due_on) })}`)));
}
