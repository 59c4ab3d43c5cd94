// Knows what the phone keeps, and where: one IndexedDB, opened once, asked to be kept for good.
//
//   const store = await openStore()          throws StoreProblem (its .message is for people)
//   await store.session()                    the last {user, can, locale, …}, also offline; null: never signed in here
//   await store.package()                    the JSON of /inspect/package of this person, or null
//   await store.packageInfo()                {made_at, fetched_at, checked_at, bytes, etag} or null
//   await store.drafts([kind])               [{id, kind, subject, updated_at, data, mends}], newest first
//   await store.draft(id); putDraft({id, kind, subject, data, mends}); dropDraft(id)   (its photos go with it)
//   await store.outbox()                     items by order: {uuid, seq, kind, subject, title, content, state, made_at, …}
//   await store.photo(uuid)                  {uuid, sha256, bytes: ArrayBuffer, size, type, taken_at, lon, lat, owner}
//   await store.photosOf(owner)              photos of a draft (its id) or an item (its uuid), without their bytes
//   await store.receipts()                   [{uuid, kind, title, state, receipt, received_at}], newest first
//
// Photos are ArrayBuffers: Blobs in IndexedDB are lost by some versions of Safari. Only this module opens transactions;
// everything that must hold together (an item, its photos, its draft) is one transaction, written with strict durability.

import { openDB } from "../vendor/idb/idb.js";
import { N } from "./words.js";

export const NAME = "tracker-inspect";
export const VERSION = 1;
const STRICT = { durability: "strict" };
/** Of the received ones so many receipts are kept to be looked up. */
const RECEIPTS_KEPT = 500;

/** What went wrong with the phone's store, in words for people. */
export class StoreProblem extends Error {
  constructor(message, cause) {
    super(message);
    this.name = "StoreProblem";
    this.cause = cause;
  }
}

/** The sentence (not yet translated) for an error of IndexedDB. */
export function problemOf(error) {
  if (error instanceof StoreProblem) return error;
  const name = error?.name ?? "";
  if (name === "QuotaExceededError" || error?.inner?.name === "QuotaExceededError") {
    return new StoreProblem(N("手机存储空间不足，没有保存。请先上传，或删除手机里不用的照片和应用，再试一次。"), error);
  }
  if (name === "VersionError") {
    return new StoreProblem(N("手机上的数据来自更新的版本。请关闭所有检查页面，再重新打开。"), error);
  }
  if (["SecurityError", "InvalidStateError", "NotAllowedError"].includes(name) || !globalThis.indexedDB) {
    return new StoreProblem(N("这个浏览器不允许保存数据（可能处于无痕模式）。请换用普通模式，否则离线填写的内容会丢失。"), error);
  }
  return new StoreProblem(N("手机上的数据读写失败，刚才的内容可能没有保存。请重试；仍不行请关闭页面再打开。"), error);
}

function upgrade(db, from) {
  if (from < 1) {
    db.createObjectStore("meta");
    db.createObjectStore("package");
    db.createObjectStore("drafts", { keyPath: "id" });
    db.createObjectStore("outbox", { keyPath: "uuid" }).createIndex("seq", "seq");
    db.createObjectStore("photos", { keyPath: "uuid" }).createIndex("owner", "owner");
    db.createObjectStore("receipts", { keyPath: "uuid" }).createIndex("received_at", "received_at");
  }
}

async function connect(name, store) {
  return openDB(name, VERSION, {
    upgrade,
    // another tab wants a newer version: let it go on, this one opens again when asked
    blocking: (_old, _new, event) => { event.target.close(); store.forgetConnection(); },
    terminated: () => store.forgetConnection(),
  });
}

/** Open the store; asks the browser to keep it even when space is short. */
export async function openStore({ name = NAME } = {}) {
  const store = new Store(name);
  await store.run((db) => db.get("meta", "session"));
  store.persisted = await askToKeep();
  return store;
}

async function askToKeep() {
  try {
    return (await navigator.storage?.persisted?.()) || (await navigator.storage?.persist?.()) || false;
  } catch {
    return false;
  }
}

export class Store {
  constructor(name) {
    this.name = name;
    this.connection = null;
    this.cached = null;
    this.persisted = false;
  }

  forgetConnection() { this.connection = null; }

  /** Run `work(db)`; a connection that the browser has closed meanwhile is opened once more. */
  async run(work) {
    for (let again = false; ; again = true) {
      try {
        this.connection ??= connect(this.name, this);
        return await work(await this.connection);
      } catch (error) {
        this.forgetConnection();
        if (again || error?.name !== "InvalidStateError") throw problemOf(error);
      }
    }
  }

  /** One transaction over `stores`; `work(tx)` may await requests of this transaction only. */
  async write(stores, work) {
    return this.run(async (db) => {
      const tx = db.transaction(stores, "readwrite", STRICT);
      try {
        const [given] = await Promise.all([work(tx), tx.done]);
        return given;
      } catch (error) {
        try { tx.abort(); } catch { /* it has ended already */ }
        await tx.done.catch(() => {});
        throw error;
      }
    });
  }

  close() {
    this.connection?.then((db) => db.close(), () => {});
    this.forgetConnection();
  }

  // --- meta ---

  meta(key) { return this.run((db) => db.get("meta", key)); }

  setMeta(key, value) { return this.run((db) => db.put("meta", value, key)); }

  async session() { return (await this.meta("session")) ?? null; }

  // --- package ---

  async package() {
    const user = (await this.session())?.user?.id ?? null;
    if (this.cached?.user_id !== user) this.cached = null;
    if (!this.cached) {
      const kept = await this.run((db) => db.get("package", "current"));
      this.cached = kept?.user_id === user ? kept : null;
    }
    return this.cached?.body ?? null;
  }

  async packageInfo() {
    if (!(await this.package())) return null;
    const { body, ...about } = this.cached;
    return { ...about, made_at: body.made_at };
  }

  async putPackage(kept) {
    await this.run((db) => db.put("package", kept, "current"));
    this.cached = kept;
  }

  dropPackageCache() { this.cached = null; }

  // --- drafts ---

  async drafts(kind) {
    const all = await this.run((db) => db.getAll("drafts"));
    return all.filter((draft) => !kind || draft.kind === kind).sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
  }

  draft(id) { return this.run((db) => db.get("drafts", id)); }

  putDraft(draft) {
    return this.write(["drafts"], async (tx) => {
      const kept = { ...(await tx.store.get(draft.id)), ...draft, updated_at: new Date().toISOString() };
      await tx.store.put(kept);
      return kept;
    });
  }

  dropDraft(id) {
    return this.write(["drafts", "photos"], async (tx) => {
      await dropPhotosOf(tx, id);
      await tx.objectStore("drafts").delete(id);
    });
  }

  // --- photos ---

  photo(uuid) { return this.run((db) => db.get("photos", uuid)); }

  putPhoto(photo) { return this.write(["photos"], (tx) => tx.store.put(photo)); }

  /** Away with a photo of a draft; one that belongs to an item of the outbox stays with it. */
  dropPhoto(uuid) {
    return this.write(["photos", "outbox"], async (tx) => {
      const photo = await tx.objectStore("photos").get(uuid);
      if (photo && !(await tx.objectStore("outbox").get(photo.owner))) await tx.objectStore("photos").delete(uuid);
    });
  }

  async photosOf(owner) {
    const found = await this.run((db) => db.getAllFromIndex("photos", "owner", owner));
    return found.map(({ bytes: _, ...about }) => about);
  }

  // --- outbox and receipts ---

  outbox() { return this.run((db) => db.getAllFromIndex("outbox", "seq")); }

  item(uuid) { return this.run((db) => db.get("outbox", uuid)); }

  /** Change one item inside a transaction; `change(item)` returns what differs, nothing is done if the item is gone. */
  changeItem(uuid, change) {
    return this.write(["outbox"], async (tx) => {
      const item = await tx.store.get(uuid);
      if (!item) return null;
      const changed = { ...item, ...change(item) };
      await tx.store.put(changed);
      return changed;
    });
  }

  async receipts() {
    const all = await this.run((db) => db.getAllFromIndex("receipts", "received_at"));
    return all.reverse();
  }

  /** The item's receipt takes its place: one transaction, the only way by which a sent item leaves the store. */
  settle(uuid, receipt) {
    return this.write(["outbox", "photos", "receipts"], async (tx) => {
      await tx.objectStore("receipts").put(receipt);
      await dropPhotosOf(tx, uuid);
      await tx.objectStore("outbox").delete(uuid);
      await dropOldest(tx.objectStore("receipts"));
    });
  }
}

/** Delete the photos of a draft or an item, but those named in `kept`. */
export async function dropPhotosOf(tx, owner, kept = new Set()) {
  const photos = tx.objectStore("photos");
  for (const key of await photos.index("owner").getAllKeys(owner)) {
    if (!kept.has(key)) await photos.delete(key);
  }
}

async function dropOldest(receipts) {
  const more = (await receipts.count()) - RECEIPTS_KEPT;
  if (more <= 0) return;
  let cursor = await receipts.index("received_at").openCursor();
  for (let gone = 0; cursor && gone < more; gone += 1) {
    await cursor.delete();
    cursor = await cursor.continue();
  }
}
