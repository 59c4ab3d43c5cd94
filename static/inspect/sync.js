// Knows how the outbox gets to the server (docs/sync.md): photos in pieces, then the item, again until a receipt comes.
//
//   sender.start(), stop()     sends whenever there is something and a network
//   sender.wake()              something new may be sent; keeps to the pauses
//   await sender.now()         立即上传: forgets the pauses; resolves when nothing more can be sent at this moment
//   await sender.deposit()     the account is locked: leaves everything that waits for the office; -> {left, kept}
//   sender.state               {running, reason: "" | "network" | "signed_out" | "other_tab", again_at}
//
// Items of one subject go strictly in order, different subjects up to three at once. An answer that asks or refuses stops
// only its own subject. Only a receipt that names the item lets it go; whatever else happens, it stays and is tried again.

import { bodyOf } from "./outbox.js";
import { Delivery } from "./delivery.js";
import { oneSender, whenFree } from "./one_sender.js";
import { RemoteProblem } from "./remote.js";

const AT_ONCE = 3;
const RETRY = { base_ms: 500, cap_ms: 300000 };

/** Milliseconds to wait after so many failures in a row: doubled each time, half of it by chance. */
export function pause(failures, { base_ms, cap_ms } = RETRY) {
  const full = Math.min(cap_ms, base_ms * 2 ** Math.min(failures - 1, 20));
  return full * (0.5 + Math.random() / 2);
}

/** The first item of each subject, in order; what is asked about, refused or another person's is not among them. */
export function nextItems(items, userId, busy) {
  const seen = new Set();
  return items.filter((item) => {
    const first = !seen.has(item.subject);
    seen.add(item.subject);
    return first && item.state === "waiting" && !busy.has(item.subject) && (!item.user || item.user.id === userId);
  });
}

export class Sender {
  constructor({ store, outbox, session, retry = RETRY, timeouts = {}, piece_bytes }) {
    this.store = store;
    this.outbox = outbox;
    this.session = session;
    this.retry = retry;
    this.delivery = new Delivery({ store, session, timeouts, piece_bytes });
    this.busy = new Map();
    this.waits = new Map();
    this.failures = 0;
    this.notBefore = 0;
    this.state = { running: false, reason: "", again_at: 0 };
    this.stopped = true;
    this.round = null;
    this.timer = null;
    this.comeBack = false;
    this.ourTurn = null;
    this.outbox.onChange((change) => this.noteChange(change));
  }

  /** An item that another tab put in is sent by the one that sends. */
  noteChange({ uuid, state, brief }) {
    if (uuid && state !== "waiting" && state !== "sending") this.waits.delete(uuid);
    if (brief) this.wake();
  }

  start() {
    if (!this.stopped) return;
    this.stopped = false;
    this.heard = () => this.now();
    this.seen = () => {
      this.outbox.forget();
      if (document.visibilityState === "visible") this.now();
    };
    addEventListener("online", this.heard);
    addEventListener("pageshow", this.seen);
    document.addEventListener("visibilitychange", this.seen);
    this.unsubscribe = this.session.onChange((session) => session && this.wake());
    this.wake();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener("online", this.heard);
    removeEventListener("pageshow", this.seen);
    document.removeEventListener("visibilitychange", this.seen);
    this.unsubscribe?.();
  }

  wake() {
    if (this.stopped) return;
    this.turn().catch((error) => console.warn(error));
  }

  async now() {
    this.failures = 0;
    this.notBefore = 0;
    this.waits.clear();
    if (this.session.signedOut || !this.session.user) await this.session.refresh().catch(() => {});
    return this.turn();
  }

  /** Send until nothing more can be sent; a turn under way looks once more instead of beginning a second one. */
  turn() {
    this.lookAgain = true;
    this.round ??= oneSender(this.store, (held) => this.drain(held))
      .catch((error) => this.failed(error))
      .then((ours) => this.rest(ours === false ? "other_tab" : ""))
      .finally(() => {
        this.round = null;
        if (this.lookAgain) this.wake();
      });
    return this.round;
  }

  async drain(held) {
    this.tell({ running: true, reason: "" });
    this.lookAgain = true;
    while ((this.lookAgain || this.busy.size) && !this.stopped && held()) {
      this.lookAgain = false;
      this.comeBack = false;
      if (!(await this.mayAsk())) {
        this.lookAgain = false;
        break;
      }
      await this.fill();
      if (this.busy.size) await Promise.race(this.busy.values());
    }
    await Promise.allSettled(this.busy.values());
    if (this.stopped || !held() || this.session.signedOut) this.lookAgain = false;
  }

  async mayAsk() {
    if (this.session.signedOut) return false;
    if (Date.now() < this.notBefore) {
      this.comeBack = true;
      return false;
    }
    if (this.session.user) return true;
    if (![...(await this.outbox.briefs()).values()].some((item) => item.state === "waiting")) return false;
    try {
      await this.session.refresh();
      return true;
    } catch (problem) {
      if (problem.kind !== "signed_out") {
        this.backOff();
        this.comeBack = true;
      }
      return false;
    }
  }

  async fill() {
    const items = nextItems([...(await this.outbox.briefs()).values()], this.session.user?.id, this.busy);
    const ready = items.filter((item) => (this.waits.get(item.uuid) ?? 0) <= Date.now());
    for (const item of ready.slice(0, AT_ONCE - this.busy.size)) {
      const work = this.carry(item).catch((error) => this.failed(error)).finally(() => {
        this.busy.delete(item.subject);
        this.lookAgain = true;
      });
      this.busy.set(item.subject, work);
    }
  }

  /** Bring one item; never throws for what a network or a server does. */
  async carry({ uuid }) {
    const item = await this.store.item(uuid);
    if (item?.state !== "waiting") {
      this.outbox.forget();
      return;
    }
    this.waits.delete(uuid);
    const onProgress = (sent, total) => this.outbox.tell({ uuid: item.uuid, state: "sending", sent, total });
    onProgress(0, item.bytes);
    try {
      const outcome = await this.delivery.bring(item, bodyOf(item), onProgress);
      this.failures = 0;
      await this.settle(item, outcome);
    } catch (problem) {
      if (!(problem instanceof RemoteProblem)) throw problem;
      if (problem.kind === "signed_out") this.session.end();
      else this.backOff();
      await this.outbox.postpone(item.uuid, { error: problem.kind, message: problem.message });
    } finally {
      this.outbox.underWay.delete(item.uuid);
    }
  }

  async settle(item, outcome) {
    if (outcome.receipt) {
      await this.outbox.settle(item, outcome);
    } else if (outcome.retry_ms !== undefined) {
      const failures = item.tries + 1;
      this.waits.set(item.uuid, Date.now() + Math.max(outcome.retry_ms, pause(failures, this.retry)));
      await this.outbox.postpone(item.uuid, outcome.problem);
    } else {
      await this.outbox.note(item.uuid, { state: outcome.state, problem: outcome.problem ?? null, question: outcome.question ?? null });
    }
  }

  /** The phone's own store did not do what it should: nothing is lost, it is tried again. */
  failed(error) {
    console.warn(error);
    this.backOff();
    this.comeBack = true;
  }

  backOff() {
    this.failures += 1;
    this.notBefore = Date.now() + pause(this.failures, this.retry);
  }

  /** Nothing more at this moment: say why, and come again by itself. */
  rest(reason) {
    if (reason) this.lookAgain = false;
    const now = Date.now();
    const why = reason || (this.session.signedOut ? "signed_out" : this.notBefore > now ? "network" : "");
    const times = [...this.waits.values(), ...(this.comeBack ? [this.notBefore] : [])];
    const at = times.length && why !== "signed_out" ? Math.max(now + 5, Math.min(...times)) : 0;
    clearTimeout(this.timer);
    if (!this.stopped && reason) this.waitForTurn();
    else if (!this.stopped && at) this.timer = setTimeout(() => this.wake(), at - now);
    this.tell({ running: false, reason: why, again_at: at });
  }

  waitForTurn() {
    this.ourTurn ??= whenFree(this.store).finally(() => {
      this.ourTurn = null;
      this.outbox.forget();
      this.wake();
    });
  }

  tell(state) {
    this.state = { ...this.state, ...state };
    this.outbox.tell({}, { here: true });
  }

  /** Leave all of one person's waiting items for the office with the right kept from the last sign-in. */
  async deposit(userId) {
    const result = { left: 0, kept: 0, problem: "" };
    await oneSender(this.store, async () => {
      for (const item of await this.store.outbox()) {
        const owner = item.user?.id ?? userId;
        if (owner !== userId || item.state === "refused") continue;
        const right = await this.session.deposit(owner);
        try {
          const outcome = await this.delivery.bring(item, bodyOf(item), () => {}, { deposit: right?.token ?? "" });
          await this.settle(item, outcome);
          result[outcome.receipt ? "left" : "kept"] += 1;
        } catch (problem) {
          if (!(problem instanceof RemoteProblem)) throw problem;
          result.kept += 1;
          result.problem = problem.message;
        }
      }
    });
    return result;
  }
}
