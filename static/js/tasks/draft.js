// Knows how an unsent report is kept in this browser, for this person only, until the server has it.

const SENT = "report_sent";

const readCookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.split("=")[1] ?? "";

/** The draft of one form; `owner` keeps people who share a computer apart. */
export class Draft {
  constructor(form, { owner, photos, onRestore }) {
    this.form = form;
    this.key = `report-draft:${owner}`;
    this.photos = photos;
    this.onRestore = onRestore;
    this.names = ["lon", "lat", "accuracy_m", "pos_method", "coords", "coord_sys", "address", "community_code", "category_id",
      "description", "source", "found_at", "no_photo_reason", "measures"];
    const kept = this.read();
    if (kept && kept.request_uuid === readCookie(SENT)) this.forget();
  }

  read() {
    try { return JSON.parse(localStorage.getItem(this.key)); } catch { return null; }
  }

  forget() {
    clearTimeout(this.waiting);
    this.waiting = null;
    try { localStorage.removeItem(this.key); } catch { /* nothing was kept */ }
  }

  /** Save soon; an empty form leaves no draft. Calls `done` when it was saved. */
  saveSoon(done) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.waiting = null;
      if (this.save()) done();
    }, 400);
  }

  /** Save now what was to be saved soon: the page is being left. */
  saveWaiting() {
    if (!this.waiting) return;
    clearTimeout(this.waiting);
    this.waiting = null;
    this.save();
  }

  save() {
    const kept = { request_uuid: this.form.elements.request_uuid.value, at: Date.now(), fields: {}, photos: {} };
    for (const name of this.names) if (this.form.elements[name]) kept.fields[name] = this.form.elements[name].value;
    kept.urgent = this.form.elements.is_urgent.checked;
    kept.mode = this.form.elements.mode?.value ?? "";
    for (const [name, picker] of Object.entries(this.photos)) kept.photos[name] = picker.uuids;
    const typed = ["lon", "coords", "address", "category_id", "description", "no_photo_reason", "measures"].some((name) => kept.fields[name]?.trim());
    if (!typed && !Object.values(kept.photos).flat().length) return false;
    try { localStorage.setItem(this.key, JSON.stringify(kept)); } catch { return false; }
    return true;
  }

  restore() {
    const kept = this.read();
    if (!kept) return;
    // the same request: if it did reach the server before, sending again is answered, not repeated
    this.form.elements.request_uuid.value = kept.request_uuid;
    for (const name of this.names) if (name in kept.fields && this.form.elements[name]) this.form.elements[name].value = kept.fields[name];
    this.form.elements.is_urgent.checked = Boolean(kept.urgent);
    if (kept.mode && this.form.elements.mode) this.form.elements.mode.value = kept.mode;
    for (const [name, uuids] of Object.entries(kept.photos)) for (const uuid of uuids) this.photos[name]?.restore(uuid);
    this.onRestore();
  }
}
