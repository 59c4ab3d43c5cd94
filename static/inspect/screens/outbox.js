// Knows the outbox page: what was not sent yet, why, and what its person may do about it.

import { announce, fill, h, icon, sheet } from "../dom.js";
import { KINDS, STATES } from "../outbox.js";
import { ago, size, words } from "../words.js";
import { notice } from "./pieces.js";
import { questionCard } from "./outbox_questions.js";

const CHIPS = { waiting: "chip-wait", sending: "chip-handling", refused: "chip-overdue", question: "chip-overdue", received: "chip-done", held: "chip-suspended" };
/** A page of thousands would be slow on a phone; the figures above it count all. */
const ITEMS_SHOWN = 200;
const RECEIPTS_SHOWN = 30;

export async function render(root, context) {
  const { engine, frame } = context;
  frame?.setTitle(words("待上传"), { back: "#/" });
  const places = { head: h("div", { class: "stack" }), items: h("div", { class: "section" }), receipts: h("div", { class: "section" }) };
  fill(root, places.head, places.items, places.receipts);
  const drawn = new Map();
  const draw = () => redraw(places, drawn, context).catch((error) => fill(places.head, notice("bad", words(error.message))));
  await draw();
  return engine.onChange(draw);
}

async function redraw(places, drawn, context) {
  const { store, engine } = context;
  const [items, receipts, session] = await Promise.all([engine.outbox.items(), store.receipts(), store.session()]);
  fill(places.head, head(items, session, context));
  fill(places.items, items.length
    ? h("ul", { class: "list" }, items.slice(0, ITEMS_SHOWN).map((item) => kept(drawn, item, session, context)))
    : h("div", { class: "empty" }, h("strong", {}, words("全部已上传")), words("离线填写的检查、上报和整改提交会先出现在这里，收到回执后才移走。")));
  fill(places.receipts, receipts.length > 0 && [
    h("h2", {}, words("回执")), h("ul", { class: "list" }, receipts.slice(0, RECEIPTS_SHOWN).map(receiptElement)),
  ]);
}

/** The element of an item that has not changed stays: what its person is choosing in it must not be lost. */
function kept(drawn, item, session, context) {
  const { content: _content, tries: _tries, ...seen } = item;
  const sign = JSON.stringify([seen, session?.user?.id, ago(item.made_at)]);
  const before = drawn.get(item.uuid);
  if (before?.sign === sign) return before.element;
  const element = itemElement(item, session, context);
  drawn.set(item.uuid, { sign, element });
  return element;
}

// --- the whole outbox ---

function head(items, session, context) {
  const { engine } = context;
  const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
  return [
    h("p", { class: "strong", "data-total": String(items.length) }, words("{n} 条未上传，共 {size}", { n: items.length, size: size(bytes) })),
    stateNotice(items, session, context),
    h("div", { class: "btn-row" },
      h("button", { type: "button", class: "btn btn-main", disabled: !items.length, onclick: (event) => sendNow(event.currentTarget, engine) }, icon("upload"), words("立即上传")),
      h("button", { type: "button", class: "btn", disabled: !items.length, onclick: (event) => exportAll(event.currentTarget, context) }, icon("download"), words("导出文件"))),
    !engine.installable && notice("warn", words("这个地址不是 https，手机不能离线打开本页。请保持页面开着；填写的内容仍存在手机里，联网后上传。")),
    items.length > 0 && !engine.persisted && h("p", { class: "muted small" }, words("浏览器没有保证长期保存数据，请尽快上传，不要清理浏览器数据。")),
  ];
}

function stateNotice(items, session, context) {
  const { engine } = context;
  const { reason } = engine.sender.state;
  if (engine.signedOut) {
    return notice("warn", words("登录已过期，请重新登录；手机上的内容都还在。"),
      h("a", { class: "btn btn-main btn-wide", href: engine.signInUrl() }, words("登录")),
      items.length > 0 && h("button", { type: "button", class: "btn btn-wide", onclick: () => deposit(session, context) }, words("账号已停用，转交区迎检办")));
  }
  if (!engine.online) return notice("info", words("没有网络，联网后自动上传。"));
  if (reason === "network" && items.length) return notice("info", words("没有连上服务器，稍后自动再试。"));
  if (reason === "other_tab" && items.length) return notice("info", words("另一个打开的页面正在上传。"));
  return null;
}

async function sendNow(button, engine) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  await engine.sender.now();
  const { total } = await engine.counts();
  announce(total ? words("{n} 条未上传", { n: total }) : words("全部已上传"));
  button.disabled = total === 0;
  button.removeAttribute("aria-busy");
}

async function exportAll(button, { store }) {
  button.disabled = true;
  const { build, handOver } = await import("../exportfile.js");
  await handOver(await build(store));
  button.disabled = false;
  announce(words("文件已导出。手机上的内容没有删除，交给区迎检办导入后仍可上传，不会重复。"));
}

async function deposit(session, { engine }) {
  const sure = await sheet({
    title: words("转交区迎检办？"), body: [h("p", {}, words("账号无法登录时用：内容和照片原样交给区迎检办，由办公室决定是否补录。"))],
    actions: [{ label: words("转交"), value: true, kind: "main" }, { label: words("取消"), value: null }],
  });
  if (!sure) return;
  const { left, kept, problem } = await engine.sender.deposit(session?.user?.id);
  const text = words("已转交 {left} 条，{kept} 条仍在手机上。", { left, kept });
  await sheet({
    title: text, body: kept ? [h("p", {}, words(problem || "没有转交成功的，请导出文件交给区迎检办。"))] : [],
    actions: [{ label: words("知道了"), value: true, kind: "main" }],
  });
}

// --- one item ---

function itemElement(item, session, context) {
  const foreign = item.user && item.user.id !== session?.user?.id;
  const moving = item.state === "sending";
  return h("li", { class: "outbox-item stack-tight", "data-uuid": item.uuid, "data-state": item.state },
    h("div", { class: "row" },
      h("span", { class: "row-main" },
        h("span", { class: "row-title" }, item.title || words(KINDS[item.kind])),
        h("span", { class: "row-sub" }, [words(KINDS[item.kind]), ago(item.made_at), size(item.bytes),
          item.photos.length > 0 && words("{n} 张照片", { n: item.photos.length })].filter(Boolean).join(" · ")),
        foreign && h("span", { class: "row-sub" }, words("属于 {name}，由本人登录后上传", { name: item.user.name }))),
      h("span", { class: "row-side" }, h("span", { class: `chip ${CHIPS[item.state]}` }, words(STATES[item.state])))),
    moving && item.total > 0 && h("progress", { max: item.total, value: item.sent, "aria-label": words("正在上传") }),
    item.state === "waiting" && item.problem && h("p", { class: "muted small" }, words(item.problem.message || "没有连上服务器，稍后自动再试。")),
    item.state === "refused" && refusedCard(item, context),
    item.state === "question" && questionCard(item, { ...context, removeItem: () => remove(item, context) }));
}

function refusedCard(item, context) {
  const { engine } = context;
  return notice("bad", h("p", {}, words(item.problem?.message || "服务器没有接受这个请求。")),
    h("div", { class: "btn-row" },
      h("button", { type: "button", class: "btn btn-main", onclick: () => mend(item, context) }, words("去修改")),
      h("button", { type: "button", class: "btn", onclick: () => engine.outbox.retry(item.uuid).then(() => engine.sender.wake()) }, words("重新上传")),
      h("button", { type: "button", class: "btn", onclick: () => engine.outbox.asNew(item.uuid).then(() => engine.sender.wake()) }, words("作为新的一条重新提交")),
      h("button", { type: "button", class: "btn btn-danger", onclick: () => remove(item, context) }, words("删除"))));
}

async function mend(item, { engine, go }) {
  const draft = await engine.outbox.mend(item.uuid);
  if (!draft) return;
  const addresses = {
    visit: `#/visit/${draft.id}`, report: `#/report/${draft.id}`, submit: `#/task/${encodeURIComponent(item.content.number)}/${draft.id}`,
  };
  go(addresses[item.kind]);
}

/** Asked twice: what is deleted here was never received. */
async function remove(item, { engine }) {
  const questions = [
    [words("删除这一条？"), words("它还没有被服务器收到，删除后找不回来。"), words("删除")],
    [words("真的删除？"), words("“{title}”和它的 {n} 张照片将从手机上删除。", { title: item.title || words(KINDS[item.kind]), n: item.photos.length }), words("确认删除")],
  ];
  for (const [title, text, label] of questions) {
    const sure = await sheet({
      title, body: [h("p", {}, text)],
      actions: [{ label: words("保留"), value: null, kind: "main" }, { label, value: true, kind: "danger" }],
    });
    if (!sure) return;
  }
  await engine.outbox.remove(item.uuid);
}

function receiptElement(kept) {
  const { receipt, state } = kept;
  const number = receipt.number ?? "";
  return h("li", { "data-receipt": kept.uuid },
    h("div", { class: "row" },
      h("span", { class: "row-main" },
        h("span", { class: "row-title" }, kept.title || words(KINDS[kept.kind])),
        h("span", { class: "row-sub" }, [words(KINDS[kept.kind]), ago(kept.received_at), number,
          typeof receipt.score === "number" && words("{n} 分", { n: receipt.score })].filter(Boolean).join(" · ")),
        state === "held" && h("span", { class: "row-sub" }, kept.reason),
        receipt.tasks?.length > 0 && h("span", { class: "row-sub" }, receipt.tasks.map((task) =>
          words(task.joined ? "已并入 {number}" : "已生成 {number}", { number: task.number })).join("；")),
        (receipt.notices ?? []).map((sentence) => h("span", { class: "row-sub" }, sentence)),
        receipt.url?.startsWith("/") && h("a", { href: receipt.url }, words("在网页上查看"))),
      h("span", { class: "row-side" }, h("span", { class: `chip ${CHIPS[state]}` }, words(STATES[state])))));
}
