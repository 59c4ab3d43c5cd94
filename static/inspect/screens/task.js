// Knows one task to rectify: why it came back, what it looked like before, photos and words of what was done.

import { announce, field, fill, h, icon, put, sheet } from "../dom.js";
import { newUuid } from "../uuid.js";
import { words } from "../words.js";
import { momentWords } from "./dates.js";
import { bringBack, DraftKeeper } from "./draft_keeper.js";
import { photoField } from "./photo_field.js";
import { dueText, empty, needsPackage, notice, stateChip } from "./pieces.js";

export async function render(root, ctx) {
  const { store, params, frame } = ctx;
  if (params.draft === "photo") return (await import("./task_photo.js")).render(root, ctx);
  frame.setTitle(words("整改任务"), { back: "#/tasks" });
  await bringBack(store);
  const [box, items] = await Promise.all([store.package(), store.outbox()]);
  if (!box) return void root.append(needsPackage());
  const task = (box.tasks ?? []).find((one) => one.number === params.number);
  if (!task) return void root.append(empty(words("本手机的数据里没有这件任务"), words("可能已办结、已转派，或数据还没有更新。")));
  const draft = await submission(store, task, params.draft);
  const waiting = items.find((item) => item.kind === "submit" && item.content.number === task.number);
  const urls = [];
  const { keeper, element } = form(ctx, task, draft);
  root.classList.add("has-foot");
  put(root,
    task.rework_reason && notice("bad", h("p", { class: "strong" }, words("被退回返工")), h("p", {}, task.rework_reason)),
    waiting && !draft.mends && notice("good", words("{when} 已填好，待上传。", { when: momentWords(waiting.made_at) })),
    head(task), h("section", { class: "section" }, h("h2", {}, words("整改前")), await befores(ctx, task, urls)),
    (!waiting || draft.mends) && element);
  return () => {
    for (const url of urls) URL.revokeObjectURL(url);
    return keeper.close();
  };
}

/** The begun submission of a task, else an empty one that is written at its first change. */
export async function submission(store, task, id = null) {
  const kept = id ? await store.draft(id) : (await store.drafts("submit")).find((draft) => draft.data.number === task.number);
  return kept ?? {
    id: newUuid(), kind: "submit", subject: `task:${task.number}`,
    data: { number: task.number, version: task.version, measures: "", no_photo_reason: "", photos: [] },
  };
}

const head = (task) => h("div", { class: "stack-tight section" },
  h("h2", {}, task.title),
  h("p", {}, stateChip(task), " ", h("span", { class: "strong" }, dueText(task)), task.due_at && h("span", { class: "muted" }, ` · ${words("{when} 前", { when: momentWords(task.due_at) })}`)),
  task.description !== task.title && h("p", {}, task.description),
  h("dl", { class: "facts" }, [["编号", task.number], ["类别", task.category], ["位置", [task.community, task.address].filter(Boolean).join(" · ")]]
    .filter(([, value]) => value).map(([label, value]) => [h("dt", {}, words(label)), h("dd", {}, value)])));

/** Addresses of the before-photos that can be shown now: kept ones first, the others only with a network. */
export async function beforeUrls({ engine }, task, urls = []) {
  const found = [];
  for (const address of task.before_photos ?? []) {
    const kept = await engine.beforePhotoUrl(address);
    if (kept) urls.push(kept);
    if (kept || engine.online) found.push(kept ?? address);
  }
  return found;
}

async function befores(ctx, task, urls) {
  const found = await beforeUrls(ctx, task, urls);
  if (!found.length) return h("p", { class: "muted" }, words(task.before_photos?.length ? "照片在有网络时可看" : "没有整改前照片"));
  const box = h("div", { class: "befores" });
  for (const [index, url] of found.entries()) {
    const image = h("img", { src: url, alt: words("整改前照片 {n}", { n: index + 1 }), loading: "lazy" });
    image.addEventListener("error", () => image.replaceWith(h("p", { class: "muted" }, words("照片在有网络时可看"))));
    box.append(image);
  }
  return box;
}

function form(ctx, task, draft) {
  const { data } = draft;
  const saved = h("p", { class: "foot-state", role: "status", hidden: true });
  const keeper = new DraftKeeper(ctx.store, draft, (text, isProblem) => {
    saved.textContent = text;
    saved.hidden = false;
    saved.classList.toggle("overdue", isProblem);
  });
  const status = h("p", { class: "problem", role: "alert", hidden: true });
  const typed = (name, control) => {
    control.addEventListener("input", () => {
      data[name] = control.value;
      keeper.soon();
    });
    return control;
  };
  const measures = typed("measures", h("textarea", { class: "input", maxlength: 1000, value: data.measures }));
  const reason = h("details", { hidden: data.photos.length > 0, open: Boolean(data.no_photo_reason) }, h("summary", {}, words("拍不了照片？")),
    field(words("没有照片的原因"), typed("no_photo_reason", h("input", { class: "input", maxlength: 100, value: data.no_photo_reason }))));
  const photos = photoField({
    store: ctx.store, engine: ctx.engine, draft: draft.id, uuids: data.photos, label: words("整改后照片"),
    onChange: async (uuids) => {
      data.photos = uuids;
      reason.hidden = uuids.length > 0;
      await keeper.save();
    },
  });
  const send = h("button", { type: "button", class: "btn btn-main", onclick: () => submit(ctx, { task, draft, keeper, status }) }, icon("upload"), words("提交核查"));
  return {
    keeper,
    element: h("section", { class: "section stack" }, h("h2", {}, words("整改后")),
      task.before_photos?.length > 0 && h("a", { class: "btn btn-wide", href: `#/task/${encodeURIComponent(task.number)}/photo` }, icon("camera"), words("对着整改前照片拍")),
      photos, reason, field(words("怎么整改的"), measures), status,
      h("div", { class: "foot" }, saved, h("div", { class: "foot-row" }, send))),
  };
}

async function submit(ctx, { task, draft, keeper, status }) {
  const { data } = draft;
  const lack = (!data.photos.length && !data.no_photo_reason.trim() && words("请拍整改后照片，或写明没有照片的原因"))
    || (!data.measures.trim() && words("请写怎么整改的"));
  fill(status, lack || "");
  status.hidden = !lack;
  if (lack) {
    status.scrollIntoView({ block: "center" });
    return;
  }
  try {
    await keeper.save();
    await keeper.end();
    await ctx.engine.send({
      kind: "submit", title: task.title, photos: data.photos, draft: draft.id,
      content: { ...data, measures: data.measures.trim(), no_photo_reason: data.photos.length ? "" : data.no_photo_reason.trim() },
    });
  } catch (problem) {
    keeper.gone = false;
    await sheet({ title: words("没有提交"), body: [h("p", {}, words(problem.message))], actions: [{ label: words("知道了"), value: null }] });
    return;
  }
  announce(words("已存入待上传"));
  ctx.go("#/tasks", { replace: true });
}
