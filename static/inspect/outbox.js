// Knows what waits to be sent, in which order, and how an item leaves: by its receipt, or by its person's own wish.
//
//   const outbox = new Outbox(store)
//   await outbox.add({kind, content, photos: [uuid | {uuid}], title, subject?, draft?, made_at?, uuid?, decisions?}) -> item
//        kind "visit" | "report" | "submit"; content as in docs/sync.md, naming photos by uuid; the photos lie in the
//        store already (engine.addPhoto). `draft`: id of the draft that it was; it goes in the same transaction, and if it
//        mends a refused item it takes that item's place and id.
//   await outbox.items()                 [{uuid, seq, kind, subject, title, state, content, photos, bytes, made_at, problem, question, …}]
//   await outbox.counts()                {total, waiting, refused, question, others, bytes}
//   await outbox.decide(uuid, {near: {"1": "JW-…" | "new"}} | {stale: 5})   answers a question and sends again
//   await outbox.retry(uuid)             sends a refused item again as it is
//   await outbox.asNew(uuid)             the same content under a new id
//   await outbox.mend(uuid)              -> draft {id, kind, subject, data: content, mends}; the item stays until the draft is sent
//   await outbox.remove(uuid)            the person's explicit wish, asked twice by the page
//   outbox.onChange(fn) -> unsubscribe   fn({uuid, state, sent, total} | {}) also when another tab changed something
//
// States: waiting, sending (only while it is under way, never stored), received and held (in the receipts), refused, question.

import { dropPhotosOf } from "./db.js";
import { newUuid } from "./uuid.js";
import { N } from "./words.js";

export const STATES = {
  waiting: N("待上传"), sending: N("正在上传"), received: N("已收到"), held: N("已转区迎检办补录"), refused: N("被退回"),
  question: N("等您决定"),
};
export const KINDS = { visit: N("检查"), report: N("上报"), submit: N("整改提交") };

/** What must stay in order: visits of one point, submissions of one task. A report stands for itself. */
export function subjectOf(kind, content, uuid) {
  if (kind === "visit") return `point:${content.point_id}`;
  if (kind === "submit") return `task:${content.number}`;
  return `report:${uuid}`;
}

/** The item as the server reads it. */
export function bodyOf(item) {
  const { uuid, kind, made_at, photos, content, decisions } = item;
  const body = { uuid, kind, made_at, photos: photos.map((photo) => ({ uuid: photo.uuid, sha256: photo.sha256 })), content };
  return decisions && Object.keys(decisions).length ? { ...body, decisions } : body;
}

/** `value` with every text that is a key of `names` replaced: photos get new names with a new item. */
function renamed(value, names) {
  if (typeof value === "string") return names.get(value) ?? value;
  if (Array.isArray(value)) return value.map((inner) => renamed(inner, names));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner, names)]));
  }
  return value;
}

const GONE = new Set(["received", "held", "removed"]);
const briefOf = ({ uuid, seq, subject, state, user, bytes }) => ({ uuid, seq, subject, state, user, bytes });

const FRESH = { state: "waiting", tries: 0, problem: null, question: null };

export class Outbox {
  constructor(store) {
    this.store = store;
    this.listeners = new Set();
    this.underWay = new Map();
    this.known = null;
    this.told = 0;
    this.channel = globalThis.BroadcastChannel ? new BroadcastChannel(`${store.name}-outbox`) : null;
    this.channel?.addEventListener("message", (event) => this.tell(event.data, { here: true }));
  }

  close() { this.channel?.close(); }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What the outbox holds without the contents, by order; read whole once, then kept by what is told. */
  async briefs() {
    if (!this.channel) this.known = null;
    while (!this.known) {
      const told = this.told;
      const read = new Map((await this.store.outbox()).map((item) => [item.uuid, briefOf(item)]));
      // what changed while it was read is read again
      if (told === this.told) this.known = read;
    }
    return this.known;
  }

  /** A page that slept may have missed what another one told. */
  forget() { this.known = null; }

  remember({ uuid, state, brief }) {
    if (!uuid || state === "sending") return;
    this.told += 1;
    if (!this.known) return;
    if (GONE.has(state)) this.known.delete(uuid);
    else if (brief) this.known.set(uuid, brief);
    else if (this.known.has(uuid)) this.known.get(uuid).state = state;
    else this.known = null;
  }

  tell(change = {}, { here = false } = {}) {
    this.remember(change);
    if (change.uuid && change.state === "sending") this.underWay.set(change.uuid, change);
    else if (change.uuid) this.underWay.delete(change.uuid);
    for (const listener of this.listeners) listener(change);
    if (!here) this.channel?.postMessage(change);
  }

  async items() {
    const found = await this.store.outbox();
    return found.map((item) => {
      const moving = item.state === "waiting" && this.underWay.get(item.uuid);
      return moving ? { ...item, state: "sending", sent: moving.sent, total: moving.total } : item;
    });
  }

  async counts() {
    const [items, session] = [await this.briefs(), await this.store.session()];
    const counts = { total: items.size, waiting: 0, refused: 0, question: 0, others: 0, bytes: 0 };
    for (const item of items.values()) {
      counts[item.state] += 1;
      counts.bytes += item.bytes;
      if (item.user && item.user.id !== session?.user?.id) counts.others += 1;
    }
    return counts;
  }

  async add({ kind, content, photos = [], title = "", subject, draft, made_at, uuid, decisions = {} }) {
    const user = (await this.store.session())?.user ?? null;
    const names = photos.map((photo) => (typeof photo === "string" ? photo : photo.uuid));
    const item = await this.store.write(["outbox", "photos", "drafts", "meta"], async (tx) => {
      const source = draft ? await tx.objectStore("drafts").get(draft) : null;
      const id = source?.mends ?? uuid ?? newUuid();
      const before = await tx.objectStore("outbox").get(id);
      if (before && !source?.mends) return before;
      const kept = await adopt(tx, names, id);
      await dropPhotosOf(tx, id, new Set(names));
      if (draft) {
        await dropPhotosOf(tx, draft);
        await tx.objectStore("drafts").delete(draft);
      }
      const made = {
        uuid: id, seq: before?.seq ?? (await nextSeq(tx)), kind, content, title, decisions,
        subject: subject ?? subjectOf(kind, content, id), made_at: made_at ?? new Date().toISOString(),
        photos: kept.map((photo) => ({ uuid: photo.uuid, sha256: photo.sha256, size: photo.size })),
        user: user && { id: user.id, name: user.name, username: user.username }, ...FRESH,
      };
      made.bytes = JSON.stringify(bodyOf(made)).length + kept.reduce((sum, photo) => sum + photo.size, 0);
      await tx.objectStore("outbox").put(made);
      return made;
    });
    this.tell({ uuid: item.uuid, state: item.state, brief: briefOf(item) });
    return item;
  }

  async change(uuid, change) {
    const item = await this.store.changeItem(uuid, change);
    this.tell({ uuid, state: item?.state });
    return item;
  }

  decide(uuid, decision) {
    return this.change(uuid, (item) => ({
      ...FRESH,
      decisions: { ...item.decisions, ...decision, near: { ...item.decisions?.near, ...decision.near } },
    }));
  }

  retry(uuid) { return this.change(uuid, () => FRESH); }

  /** What the sender found out: `change` holds state, problem, question. Never deletes. */
  note(uuid, change) { return this.change(uuid, () => change); }

  /** The sender could not deliver; the item stays as it is and is tried again. */
  postpone(uuid, problem) { return this.change(uuid, (item) => ({ tries: item.tries + 1, problem })); }

  /** The server has it: its receipt takes its place. */
  async settle(item, { state, receipt, reason = "" }) {
    const kept = {
      uuid: item.uuid, kind: item.kind, subject: item.subject, title: item.title, state, receipt, reason, made_at: item.made_at,
      photos: item.photos.length, bytes: item.bytes, user: item.user, received_at: new Date().toISOString(),
    };
    await this.store.settle(item.uuid, kept);
    this.tell({ uuid: item.uuid, state });
  }

  async asNew(uuid) {
    const made = await this.store.write(["outbox", "photos", "meta"], async (tx) => {
      const item = await tx.objectStore("outbox").get(uuid);
      if (!item) return null;
      const names = new Map([[uuid, newUuid()]]);
      for (const photo of item.photos) names.set(photo.uuid, newUuid());
      const id = names.get(uuid);
      for (const photo of item.photos) {
        const kept = await tx.objectStore("photos").get(photo.uuid);
        await tx.objectStore("photos").delete(photo.uuid);
        await tx.objectStore("photos").put({ ...kept, uuid: names.get(photo.uuid), owner: id });
      }
      const fresh = {
        ...item, ...FRESH, uuid: id, content: renamed(item.content, names),
        photos: item.photos.map((photo) => ({ ...photo, uuid: names.get(photo.uuid) })),
        subject: item.subject === `report:${uuid}` ? `report:${id}` : item.subject,
      };
      await tx.objectStore("outbox").delete(uuid);
      await tx.objectStore("outbox").put(fresh);
      return fresh;
    });
    this.tell({ uuid, state: "removed" });
    if (made) this.tell({ uuid: made.uuid, state: "waiting", brief: briefOf(made) });
    return made;
  }

  async mend(uuid) {
    const [item, drafts] = [await this.store.item(uuid), await this.store.drafts()];
    const begun = drafts.find((draft) => draft.mends === uuid);
    if (!item || begun) return begun ?? null;
    return this.store.putDraft({ id: newUuid(), kind: item.kind, subject: item.subject, data: item.content, mends: uuid });
  }

  async remove(uuid) {
    await this.store.write(["outbox", "photos", "drafts"], async (tx) => {
      for (const draft of await tx.objectStore("drafts").getAll()) {
        if (draft.mends === uuid) {
          await dropPhotosOf(tx, draft.id);
          await tx.objectStore("drafts").delete(draft.id);
        }
      }
      await dropPhotosOf(tx, uuid);
      await tx.objectStore("outbox").delete(uuid);
    });
    this.tell({ uuid, state: "removed" });
  }
}

async function adopt(tx, names, owner) {
  const photos = tx.objectStore("photos");
  const kept = [];
  for (const name of names) {
    const photo = await photos.get(name);
    if (!photo) throw new Error(`photo ${name} is not in the store`);
    const owned = { ...photo, owner };
    await photos.put(owned);
    kept.push(owned);
  }
  return kept;
}

async function nextSeq(tx) {
  const seq = ((await tx.objectStore("meta").get("seq")) ?? 0) + 1;
  await tx.objectStore("meta").put(seq, "seq");
  return seq;
}
