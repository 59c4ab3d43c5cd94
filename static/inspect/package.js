// Knows how everything needed without a network comes to the phone, and how old it is.
//
//   await packages.download({onProgress, signal}) -> {fetched_at, checked_at, made_at, bytes, etag}
//   await packages.photo(address)      a task's photo kept with the package: {bytes, type}, or null

import { ask, RemoteProblem } from "./remote.js";
import { N } from "./words.js";

const FORMAT = 1;
/** Of each task the newest photo, of at most so many tasks. */
const PHOTOS_KEPT = 60;

export class Packages {
  constructor(store, session) {
    this.store = store;
    this.session = session;
  }

  async download({ onProgress, signal } = {}) {
    const user = this.session.user ?? (await this.session.refresh()).user;
    const info = await this.store.packageInfo();
    const headers = info?.etag ? { "If-None-Match": info.etag } : {};
    const answer = await ask("/inspect/package", { headers, signal, onProgress, timeout_ms: 60000 });
    const now = new Date().toISOString();
    if (answer.status === 401) this.session.end();
    if (answer.status === 304 && info) await this.touch(now);
    else if (answer.ok && answer.body?.format === FORMAT) await this.keep(answer, user, now);
    else throw refusal(answer);
    await this.keepPhotos(signal).catch(() => {});
    return this.store.packageInfo();
  }

  async touch(now) {
    await this.store.package();
    await this.store.putPackage({ ...this.store.cached, checked_at: now });
  }

  keep(answer, user, now) {
    return this.store.putPackage({
      user_id: user.id, body: answer.body, etag: answer.headers.get("ETag"), fetched_at: now, checked_at: now, bytes: answer.length,
    });
  }

  /** The photos that lie over the camera; without them everything else still works. */
  async keepPhotos(signal) {
    const body = await this.store.package();
    const wanted = new Set((body?.tasks ?? []).map((task) => task.before_photos?.[0]).filter(Boolean).slice(0, PHOTOS_KEPT));
    const kept = await this.store.run((db) => db.getAllKeys("package"));
    for (const key of kept) {
      if (key.startsWith("photo:") && !wanted.has(key.slice(6))) await this.store.run((db) => db.delete("package", key));
    }
    for (const address of wanted) {
      if (!kept.includes(`photo:${address}`)) await this.keepPhoto(address, signal);
    }
  }

  async keepPhoto(address, signal) {
    if (!address.startsWith("/")) return;
    const response = await fetch(address, { signal, credentials: "same-origin" });
    const type = response.headers.get("Content-Type") ?? "";
    if (!response.ok || !type.startsWith("image/")) return;
    const bytes = await response.arrayBuffer();
    await this.store.run((db) => db.put("package", { bytes, type }, `photo:${address}`));
  }

  async photo(address) { return (await this.store.run((db) => db.get("package", `photo:${address}`))) ?? null; }
}

function refusal(answer) {
  if (answer.status === 401) return new RemoteProblem("signed_out", null, 401);
  if (answer.ok && answer.body) {
    return new RemoteProblem("refused", N("服务器的数据格式比这一版应用新，请刷新页面更新应用后再下载。"), answer.status);
  }
  return new RemoteProblem(answer.body ? "refused" : "network", answer.body?.message, answer.status);
}
