// Knows how the parts of the phone's application are put together; screens get this one object.
//
//   engine.store, engine.outbox, engine.sender, engine.session     the parts (db.js, outbox.js, sync.js, session.js)
//   await engine.send({kind, content, photos, title, draft})       into the outbox (outbox.add), then sent when it can be
//   await engine.counts()                    {total, waiting, refused, question, others, bytes}
//   engine.onChange(fn) -> unsubscribe       outbox, network, session or package changed; several changes at once are one call
//   engine.online                            the browser believes in a network
//   engine.signedOut                         the server asks to sign in again
//   engine.signInUrl()                       where to sign in, and back here
//   await engine.download({onProgress, signal})   fetches the package: onProgress({received}); throws RemoteProblem
//   await engine.addPhoto(file, {draft, position, taken_at}) -> {uuid, sha256, lon, lat, taken_at, width, height, size, shrunk}
//   await engine.photoUrl(uuid)              blob: address of a kept photo (revoke it when the screen goes), or null
//   await engine.dropPhoto(uuid)
//   await engine.beforePhotoUrl(address)     blob: address of a task's photo kept with the package, or null
//   engine.persisted, engine.installable     the browser keeps the data for good; a service worker is possible

import { Outbox } from "./outbox.js";
import { Packages } from "./package.js";
import { Session } from "./session.js";
import { Sender } from "./sync.js";
import { newUuid } from "./uuid.js";

const TELL_MS = 150;

export class Engine {
  constructor({ store, OutboxKind = Outbox, SenderKind = Sender, options = {} }) {
    this.store = store;
    this.listeners = new Set();
    this.session = new Session(store);
    this.outbox = new OutboxKind(store);
    this.packages = new Packages(store, this.session);
    this.sender = new SenderKind({ store, outbox: this.outbox, session: this.session, ...options });
    this.outbox.onChange(() => this.changed());
    this.session.onChange(() => this.changed());
    for (const name of ["online", "offline"]) addEventListener(name, () => this.changed());
  }

  get online() { return navigator.onLine !== false; }

  get signedOut() { return this.session.signedOut; }

  get persisted() { return this.store.persisted; }

  get installable() { return globalThis.isSecureContext && "serviceWorker" in navigator; }

  signInUrl() { return `/login?next=${encodeURIComponent("/inspect/")}`; }

  /** Ask who is signed in, then send what waits; never throws. */
  async start() {
    await this.session.refresh().catch(() => {});
    this.sender.start();
  }

  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Told at most every TELL_MS: a screen that reads the whole outbox must not do so for each piece of a photo. */
  changed() {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      for (const listener of this.listeners) listener();
    }, TELL_MS);
  }

  counts() { return this.outbox.counts(); }

  async send(given) {
    const item = await this.outbox.add(given);
    this.sender.wake();
    return item;
  }

  async download(options) {
    const info = await this.packages.download(options);
    this.changed();
    return info;
  }

  async addPhoto(file, { draft, position = null, taken_at = null } = {}) {
    const { prepare } = await import("./photos.js");
    const photo = { ...(await prepare(file, { position, taken_at })), uuid: newUuid(), owner: draft };
    await this.store.putPhoto(photo);
    const { bytes: _, ...about } = photo;
    return about;
  }

  async photoUrl(uuid) {
    const photo = await this.store.photo(uuid);
    return photo ? URL.createObjectURL(new Blob([photo.bytes], { type: photo.type })) : null;
  }

  dropPhoto(uuid) { return this.store.dropPhoto(uuid); }

  async beforePhotoUrl(address) {
    const kept = await this.packages.photo(address);
    return kept ? URL.createObjectURL(new Blob([kept.bytes], { type: kept.type })) : null;
  }

  close() {
    this.sender.stop();
    this.outbox.close();
    this.store.close();
  }
}
