// Knows the page about me and this phone: sign-in, language, what is kept here, how to leave it clean.

import { announce, fill, h, icon, put, sheet } from "../dom.js";
import { language, setLocale, size, words } from "../words.js";
import { momentWords } from "./dates.js";
import { notice } from "./pieces.js";

const KEPT = ["meta", "package", "drafts", "outbox", "photos", "receipts"];

export async function render(root, ctx) {
  ctx.frame.setTitle(words("我的"), { back: "#/" });
  const redraw = () => draw(root, ctx);
  await redraw();
  document.addEventListener("inspect:update", redraw);
  const stop = ctx.engine.onChange(redraw);
  return () => {
    stop();
    document.removeEventListener("inspect:update", redraw);
  };
}

async function draw(root, ctx) {
  const { store, engine } = ctx;
  const [session, info, counts, drafts] = await Promise.all([store.session(), store.packageInfo(), store.outbox(), store.drafts()]);
  const usage = await navigator.storage?.estimate?.().catch(() => null);
  const update = (await import("../worker.js")).updateReady();
  root.replaceChildren();
  put(root,
    update && notice("info", h("p", {}, words("应用有新版本，手机上的内容不受影响。")), h("button", { type: "button", class: "btn btn-main", onclick: applyUpdate }, words("现在更新"))),
    person(ctx, session),
    section(words("这部手机上"), h("dl", { class: "facts" }, [
      [words("检查数据"), info ? words("{when} 更新 · {size}", { when: momentWords(info.checked_at ?? info.fetched_at), size: size(info.bytes ?? 0) }) : words("没有下载")],
      [words("未上传"), words("{n} 条", { n: counts.length })], [words("草稿"), words("{n} 份", { n: drafts.length })],
      [words("占用空间"), usage?.usage ? size(usage.usage) : "—"],
      [words("长期保存"), engine.persisted ? words("是") : words("浏览器未保证，请尽快上传")],
      [words("离线打开"), engine.installable ? words("可以") : words("此地址不是 https，离线时不能重新打开")],
    ].map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
    h("a", { class: "btn btn-wide", href: "#/outbox" }, icon("upload"), words("待上传清单"))),
    section(words("语言"), languages(ctx)),
    section(words("位置和隐私"), h("p", {}, words("只在您按下定位时取一次位置，随这一次检查或上报保存；没有打卡，不记录行踪，不统计在线时长。"))),
    section(words("离开"), leaving(ctx, { session, waiting: counts.length, drafts: drafts.length })));
}

const section = (title, ...children) => h("section", { class: "section stack" }, h("h2", {}, title), children);

async function applyUpdate() {
  (await import("../worker.js")).applyUpdate();
}

function person({ engine }, session) {
  return h("section", { class: "stack-tight" },
    h("h2", {}, session?.user?.name ?? words("尚未登录")), session?.user && h("p", { class: "muted" }, `${session.user.unit} · ${session.user.username}`),
    engine.signedOut || !session ? notice("warn", h("p", {}, words("没有登录，不能上传和更新数据。手机上的内容都在。")), h("a", { class: "btn btn-main", href: engine.signInUrl() }, words("登录")))
      : h("p", { class: "muted" }, words(engine.session.user ? "已登录" : "上次登录的人；有网络时会再确认")));
}

function languages(ctx) {
  const choose = async (locale) => {
    setLocale(locale);
    await ctx.store.setMeta("session", { ...(await ctx.store.session()), locale });
    if (engineCanAsk(ctx)) {
      await fetch("/locale", {
        method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": ctx.engine.session.csrf }, body: new URLSearchParams({ locale }),
      }).catch(() => {});
    }
    location.reload();
  };
  const one = (locale, label, is) => h("button", { type: "button", class: "pick", lang: locale === "en" ? "en" : "zh-CN", "aria-pressed": String(language() === is), onclick: () => choose(locale) }, label);
  return h("div", { class: "picks", role: "group", "aria-label": words("语言") }, one("zh_Hans_CN", "简体中文", "zh"), one("en", "English", "en"));
}

const engineCanAsk = ({ engine }) => engine.online && engine.session.user;

function leaving(ctx, { session, waiting, drafts }) {
  const problem = h("p", { class: "problem", role: "status", hidden: true });
  return h("div", { class: "stack-tight" },
    waiting > 0 && notice("warn", words("还有 {n} 条未上传。退出登录不会删除它们，但要本人再登录才能上传。", { n: waiting })),
    h("a", { class: "btn btn-wide", href: "/" }, words("打开电脑版页面")),
    h("button", { type: "button", class: "btn btn-wide", disabled: !session || ctx.engine.signedOut, onclick: () => signOut(ctx, { waiting, problem }) }, words("退出登录")),
    h("button", { type: "button", class: "btn btn-wide btn-danger", disabled: waiting > 0, onclick: () => clear(ctx, { drafts, problem }) }, words("清除本机数据")),
    waiting > 0 && h("p", { class: "hint" }, words("全部上传后才能清除。")), problem);
}

async function signOut(ctx, { waiting, problem }) {
  const sure = await sheet({
    title: words("退出登录？"), body: [h("p", {}, words(waiting ? "还有 {n} 条未上传，会留在这部手机上，等您再登录。" : "手机上的数据和草稿会保留，等您再登录。", { n: waiting }))],
    actions: [{ label: words("退出登录"), value: true, kind: "danger" }, { label: words("不退出"), value: null }],
  });
  if (!sure) return;
  try {
    const { csrf } = await ctx.engine.session.refresh();
    await fetch("/logout", { method: "POST", credentials: "same-origin", redirect: "manual", headers: { "X-CSRFToken": csrf } });
    location.assign(ctx.engine.signInUrl());
  } catch {
    fill(problem, words("没有网络，不能退出登录。"));
    problem.hidden = false;
  }
}

/** Empty the phone's store, in one transaction that looks once more whether something waits. */
async function clear(ctx, { drafts, problem }) {
  const sure = await sheet({
    title: words("清除本机数据？"), body: [h("p", {}, words(drafts ? "下载的数据和 {n} 份草稿会从这部手机删除，不能恢复。" : "下载的数据会从这部手机删除，可以重新下载。", { n: drafts }))],
    actions: [{ label: words("清除"), value: true, kind: "danger" }, { label: words("保留"), value: null }],
  });
  if (!sure) return;
  const done = await ctx.store.write(KEPT, async (tx) => {
    if (await tx.objectStore("outbox").count()) return false;
    await Promise.all(KEPT.map((name) => tx.objectStore(name).clear()));
    return true;
  });
  if (!done) {
    fill(problem, words("全部上传后才能清除。"));
    problem.hidden = false;
    return;
  }
  ctx.store.dropPackageCache();
  announce(words("已清除"));
  location.assign("/inspect/");
}
