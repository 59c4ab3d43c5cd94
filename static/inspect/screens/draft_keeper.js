// Knows how a draft outlives the page: written at every tap and letter, one write after the other; what a closing page
// could not write any more is put aside at once and brought back by the next one.

import { words } from "../words.js";

const ASIDE = "inspect:unwritten";

/** Bring back what the last page put aside; every screen with a draft calls it first. */
export async function bringBack(store) {
  const kept = readAside();
  if (!kept) return;
  const known = await store.draft(kept.draft.id);
  if (known || kept.isNew) await store.putDraft(kept.draft);
  dropAside();
}

function readAside() {
  try {
    return JSON.parse(localStorage.getItem(ASIDE));
  } catch {
    return null;
  }
}

function dropAside() {
  try { localStorage.removeItem(ASIDE); } catch { /* nothing is kept there */ }
}

/** Keeps `draft` ({id, kind, subject, data}) in the store; `tell(text, isProblem)` says how it went. */
export class DraftKeeper {
  constructor(store, draft, tell) {
    Object.assign(this, { store, draft, tell });
    this.isNew = !draft.updated_at;
    this.isWaiting = false;
    this.writing = null;
    this.gone = false;
    this.onHide = () => this.putAside();
    window.addEventListener("pagehide", this.onHide);
    document.addEventListener("visibilitychange", this.onHide);
  }

  /** Write; resolves when the newest state is on the phone. Failures are told, and thrown to who waits. */
  save() {
    if (this.gone) return Promise.resolve();
    this.isWaiting = true;
    this.writing ??= this.writeAll().finally(() => { this.writing = null; });
    return this.writing;
  }

  /** The same for who does not wait. */
  soon() { this.save().catch(() => {}); }

  async writeAll() {
    while (this.isWaiting && !this.gone) {
      this.isWaiting = false;
      try {
        await this.store.putDraft(this.asKept());
      } catch (problem) {
        this.isWaiting = true;
        this.tell(words(problem.message), true);
        throw problem;
      }
      this.isNew = false;
    }
    dropAside();
    this.tell(words("已存在手机上"), false);
  }

  asKept() {
    const { id, kind, subject, data, mends } = this.draft;
    return { id, kind, subject, data, ...(mends ? { mends } : {}) };
  }

  /** A page that goes away has no time for the store: the browser writes this at once. */
  putAside() {
    if (this.gone || !(this.isWaiting || this.writing)) return;
    try {
      localStorage.setItem(ASIDE, JSON.stringify({ draft: this.asKept(), isNew: this.isNew }));
    } catch { /* the write under way may still arrive */ }
  }

  /** The draft has become an item, or was thrown away: nothing may write it again. */
  async end() {
    await this.writing?.catch(() => {});
    this.gone = true;
    dropAside();
  }

  async close() {
    window.removeEventListener("pagehide", this.onHide);
    document.removeEventListener("visibilitychange", this.onHide);
    await this.writing?.catch(() => {});
  }
}
