// Knows how an after-photo is taken from the same place: the before-photo lies translucent over the live camera.

import { announce, fill, h, icon, put } from "../dom.js";
import { words } from "../words.js";
import { nowStamp } from "./dates.js";
import { PHOTO_LIMIT, photoField, photoImage } from "./photo_field.js";
import { empty, needsPackage, notice } from "./pieces.js";
import { askPosition, REASON_WORDS } from "./position.js";
import { beforeUrls, submission } from "./task.js";

const QUALITY = 0.92;

export async function render(root, ctx) {
  const { store, params, frame } = ctx;
  const back = `#/task/${encodeURIComponent(params.number)}`;
  frame.setTitle(words("整改后照片"), { back });
  const box = await store.package();
  if (!box) return void root.append(needsPackage());
  const task = (box.tasks ?? []).find((one) => one.number === params.number);
  if (!task) return void root.append(empty(words("本手机的数据里没有这件任务"), words("可能已办结、已转派，或数据还没有更新。")));
  const draft = await submission(store, task);
  const urls = [];
  const before = await beforeUrls(ctx, task, urls);
  const stream = await openCamera();
  const screen = { root, ctx, task, draft, before, back };
  if (stream) live(screen, stream);
  else await sideBySide(screen);
  return () => {
    stream?.getTracks().forEach((track) => track.stop());
    for (const url of urls) URL.revokeObjectURL(url);
  };
}

/** The camera at the back, or null: no secure context, none there, or not allowed. */
async function openCamera() {
  if (!globalThis.isSecureContext || !navigator.mediaDevices?.getUserMedia) return null;
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode: { ideal: "environment" }, width: { ideal: 1920 }, height: { ideal: 1440 } } });
  } catch {
    return null;
  }
}

async function keep({ ctx, draft }, uuid) {
  draft.data.photos = [...draft.data.photos, uuid];
  const { id, kind, subject, data, mends } = draft;
  await ctx.store.putDraft({ id, kind, subject, data, ...(mends ? { mends } : {}) });
}

function live(screen, stream) {
  const { root, ctx, draft, before, back } = screen;
  const video = h("video", { autoplay: true, muted: true, playsInline: true, srcObject: stream, "aria-label": words("相机画面") });
  const ghost = h("img", { alt: words("整改前照片"), src: before[0] ?? null, hidden: !before.length });
  const strength = h("input", { class: "range", id: "ghost-strength", type: "range", min: 0, max: 100, value: "45" });
  const weaken = () => { ghost.style.opacity = String(strength.value / 100); };
  strength.addEventListener("input", weaken);
  weaken();
  const status = h("p", { role: "status", class: "muted" });
  const last = h("div", { class: "camera-side" });
  const count = () => { status.textContent = words("已拍 {n} 张", { n: draft.data.photos.length }); };
  const shutter = h("button", { type: "button", class: "shutter", "aria-label": words("拍照") }, icon("camera"));
  shutter.addEventListener("click", async () => {
    shutter.disabled = true;
    try {
      const file = await frameOf(video);
      const photo = await ctx.engine.addPhoto(file, { draft: draft.id, taken_at: nowStamp(), position: place.position });
      await keep(screen, photo.uuid);
      fill(last, h("span", { class: "photo" }, await photoImage(ctx.store, photo.uuid, words("刚拍的照片"))));
      count();
      announce(words("照片已保存在手机上，共 {n} 张", { n: draft.data.photos.length }));
    } catch (problem) {
      status.textContent = words(problem?.message || "没有拍成，请再按一次");
    }
    shutter.disabled = draft.data.photos.length >= PHOTO_LIMIT;
  });
  const others = before.length > 1 && h("div", { class: "picks" }, before.map((url, index) => h("button", {
    type: "button", class: "pick", onclick: () => { ghost.src = url; },
  }, words("对照第 {n} 张", { n: index + 1 }))));
  const place = placeField();
  count();
  put(root,
    before.length ? null : notice("info", words("没有可对照的整改前照片（离线时只有下载过的）。")),
    h("div", { class: "camera" }, video, ghost), others,
    before.length > 0 && h("div", { class: "field" }, h("label", { for: "ghost-strength" }, words("整改前照片的浓淡")), strength),
    h("div", { class: "camera-foot" }, last, shutter, h("div", { class: "camera-side" }, torch(stream))),
    status, place.element, h("a", { class: "btn btn-wide", href: back }, words("拍好了")));
}

/** A live picture knows no place of its own; on a tap the photos that follow carry the one taken now. */
function placeField() {
  const place = { position: null };
  const status = h("p", { class: "muted", role: "status" }, words("接着拍的照片会带上位置，便于核查；只记这一次，不记录行踪。"));
  const button = h("button", { type: "button", class: "btn btn-wide" }, icon("locate"), words("附上当前位置"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    status.textContent = words("正在定位…");
    try {
      place.position = await askPosition();
      status.textContent = words("已附位置，误差约 {n} 米", { n: Math.round(place.position.accuracy_m) });
      fill(button, icon("check"), words("重新记录位置"));
    } catch (reason) {
      status.textContent = `${words(REASON_WORDS[reason] ?? REASON_WORDS.unavailable)} ${words("不附也能提交。")}`;
    }
    button.disabled = false;
  });
  return { get position() { return place.position; }, element: h("div", { class: "stack-tight section" }, button, status) };
}

/** One picture of the live camera as a file. */
function frameOf(video) {
  const canvas = h("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    if (!canvas.width) reject(new Error());
    else canvas.toBlob((blob) => (blob ? resolve(new File([blob], "after.jpg", { type: "image/jpeg" })) : reject(new Error())), "image/jpeg", QUALITY);
  });
}

function torch(stream) {
  const [track] = stream.getVideoTracks();
  if (!track?.getCapabilities?.().torch) return null;
  let on = false;
  const button = h("button", { type: "button", class: "btn", "aria-pressed": "false", "aria-label": words("补光灯") }, icon("torch"));
  button.addEventListener("click", async () => {
    on = !on;
    await track.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
    button.setAttribute("aria-pressed", String(on));
  });
  return button;
}

/** Without a live camera: the phone's own camera, and both pictures next to each other. */
async function sideBySide(screen) {
  const { root, ctx, draft, before, back } = screen;
  const after = h("div");
  const show = async () => {
    const newest = draft.data.photos.at(-1);
    fill(after, newest ? await photoImage(ctx.store, newest, words("整改后照片")) : h("div", { class: "pair-none" }, words("还没有拍")));
  };
  const photos = photoField({
    store: ctx.store, engine: ctx.engine, draft: draft.id, uuids: draft.data.photos, label: words("整改后照片"),
    onChange: async (uuids) => {
      draft.data.photos = uuids;
      const { id, kind, subject, data, mends } = draft;
      await ctx.store.putDraft({ id, kind, subject, data, ...(mends ? { mends } : {}) });
      await show();
    },
  });
  await show();
  put(root, h("p", { class: "muted" }, words("站到原来的位置，照着左边的照片拍。")),
    h("div", { class: "pair section" },
      h("figure", {}, h("figcaption", {}, words("整改前")), before.length ? h("img", { src: before[0], alt: words("整改前照片") }) : h("div", { class: "pair-none" }, words("没有可对照的照片"))),
      h("figure", {}, h("figcaption", {}, words("整改后")), after)),
    h("div", { class: "section" }, photos), h("div", { class: "section" }, h("a", { class: "btn btn-wide", href: back }, words("拍好了"))));
}
