// Knows who is signed in, with which token requests are sent, and the right to leave items for the office.
//
//   session.user, session.csrf, session.can    of the last answer of this page's life (null before)
//   await session.refresh()                    asks the server; keeps the answer; RemoteProblem when it cannot
//   session.signedOut                          the server said 401 since
//   await session.deposit(user_id)             {token, expires_at} kept for this account, or null
//   session.onChange(fn) -> unsubscribe

import { ask, RemoteProblem } from "./remote.js";

export class Session {
  constructor(store) {
    this.store = store;
    this.current = null;
    this.signedOut = false;
    this.listeners = new Set();
    this.asking = null;
  }

  get user() { return this.current?.user ?? null; }

  get csrf() { return this.current?.csrf ?? ""; }

  get can() { return this.current?.can ?? {}; }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    for (const listener of this.listeners) listener(this.current);
  }

  /** One question at a time, however many wait for its answer. */
  refresh() {
    this.asking ??= this.fetch().finally(() => { this.asking = null; });
    return this.asking;
  }

  async fetch() {
    const answer = await ask("/inspect/session", { timeout_ms: 20000 });
    if (answer.status === 401) {
      this.end();
      throw new RemoteProblem("signed_out", answer.body?.message, answer.status);
    }
    if (!answer.ok || !answer.body?.user) throw new RemoteProblem(answer.body ? "refused" : "network", answer.body?.message, answer.status);
    const before = await this.store.session();
    this.current = answer.body;
    this.signedOut = false;
    await this.keep(answer.body);
    if (before?.user?.id !== answer.body.user.id) this.store.dropPackageCache();
    this.changed();
    return answer.body;
  }

  async keep({ deposit, csrf: _, ...known }) {
    await this.store.write(["meta"], async (tx) => {
      await tx.store.put(known, "session");
      if (deposit?.token) await tx.store.put(deposit, `deposit:${known.user.id}`);
    });
  }

  end() {
    this.signedOut = true;
    this.current = null;
    this.changed();
  }

  async deposit(userId) { return (await this.store.meta(`deposit:${userId}`)) ?? null; }
}
