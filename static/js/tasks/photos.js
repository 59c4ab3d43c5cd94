// Knows how chosen photos travel: at once, two at a time, with progress, retry and removal; the form waits for them.

const AT_ONCE = 2;
const PATIENCE_MS = 180000;

/** A UUID (version 4); crypto.randomUUID is missing on plain http, which an intranet may use. */
export function newUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function send(item, { url, token, proves, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    item.request = request;
    request.open("POST", url);
    request.timeout = PATIENCE_MS;
    request.setRequestHeader("X-Requested-With", "fetch");
    request.setRequestHeader("X-CSRFToken", token);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onload = () => {
      let answer = null;
      try { answer = JSON.parse(request.responseText); } catch { /* a page: the session has ended */ }
      if (request.status === 200 && answer?.uuid) resolve(answer);
      else reject(answer ?? { error: "signed_out" });
    };
    request.onerror = request.ontimeout = () => reject({ error: "network" });
    const body = new FormData();
    body.append("uuid", item.uuid);
    for (const [name, value] of Object.entries(proves)) body.append(name, value);
    body.append("photo", item.file, item.file.name);
    request.send(body);
  });
}

/** One picker on the page; `element` is its fieldset. Emits photos:added (detail: the server's answer) and photos:changed. */
export class PhotoPicker {
  constructor(element) {
    this.element = element;
    this.list = element.querySelector("[data-photo-list]");
    this.status = element.querySelector("[data-photo-status]");
    this.text = element.dataset;
    this.limit = Number(element.dataset.limit);
    this.items = [];
    this.held = null;
    for (const tile of this.list.querySelectorAll("[data-uuid]")) this.adopt(tile);
    for (const input of element.querySelectorAll("input[type=file]")) {
      input.removeAttribute("name"); // with scripts the files travel on their own
      input.addEventListener("change", () => this.take(input));
    }
    this.listenForDrops();
    element.closest("form")?.addEventListener("submit", (event) => this.holdBack(event));
    // on a slow network a photo may be chosen before this script has arrived; the page's others listen by then
    const early = () => { for (const input of element.querySelectorAll("input[type=file]")) this.take(input); };
    if (document.readyState === "complete") early();
    else addEventListener("load", early, { once: true });
  }

  take(input) {
    if (!input.files.length) return;
    this.add(input.files);
    input.value = "";
  }

  get uuids() { return this.items.filter((item) => item.state === "done").map((item) => item.uuid); }

  /** Show a photo that the server already keeps, e.g. of a draft; it goes away by itself if it is gone. */
  restore(uuid) {
    if (this.items.some((item) => item.uuid === uuid)) return;
    const tile = document.createElement("li");
    tile.dataset.uuid = uuid;
    tile.className = "photo-tile is-done";
    const image = document.createElement("img");
    image.alt = "";
    tile.append(image, this.hidden(uuid));
    this.list.append(tile);
    const item = this.adopt(tile);
    image.addEventListener("error", () => this.remove(item, { tell: false }));
    image.src = `${this.text.url}${uuid}/thumb`;
  }

  add(files) {
    this.say("");
    for (const file of files) {
      if (this.items.length >= this.limit) {
        this.say(this.text.textTooMany);
        break;
      }
      const item = { uuid: newUuid(), file, state: "waiting" };
      this.items.push(item);
      this.draw(item);
    }
    this.changed();
    this.pump();
  }

  adopt(tile) {
    const item = { uuid: tile.dataset.uuid, state: "done", tile, note: document.createElement("div") };
    item.note.className = "photo-note";
    tile.append(item.note, this.dropButton(item));
    this.items.push(item);
    return item;
  }

  draw(item) {
    const tile = document.createElement("li");
    tile.className = "photo-tile";
    item.image = document.createElement("img");
    item.image.alt = "";
    item.preview = URL.createObjectURL(item.file);
    item.image.src = item.preview;
    item.bar = document.createElement("progress");
    item.bar.max = 1;
    item.bar.value = 0;
    item.bar.setAttribute("aria-label", this.text.textSending);
    item.note = document.createElement("div");
    item.note.className = "photo-note";
    item.note.textContent = this.text.textWait;
    tile.append(item.image, item.bar, item.note, this.dropButton(item));
    item.tile = tile;
    this.list.append(tile);
  }

  dropButton(item) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "photo-drop";
    button.setAttribute("aria-label", this.text.textRemove);
    button.innerHTML = '<i class="ti ti-x" aria-hidden="true"></i>';
    button.addEventListener("click", () => this.remove(item));
    return button;
  }

  hidden(uuid) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = this.text.name;
    input.value = uuid;
    return input;
  }

  pump() {
    const sending = this.items.filter((item) => item.state === "sending").length;
    const next = this.items.filter((item) => item.state === "waiting").slice(0, AT_ONCE - sending);
    for (const item of next) this.upload(item);
  }

  async upload(item) {
    item.state = "sending";
    item.note.textContent = this.text.textSending;
    item.tile.classList.remove("is-failed");
    item.tile.querySelector(".photo-again")?.remove();
    item.bar.hidden = false;
    try {
      const answer = await send(item, {
        url: this.text.url, token: this.text.token, proves: this.proves, onProgress: (part) => { item.bar.value = part; },
      });
      if (this.items.includes(item)) this.finish(item, answer);
    } catch (problem) {
      if (this.items.includes(item)) this.fail(item, problem);
    }
    this.pump();
    this.release();
  }

  finish(item, answer) {
    item.state = "done";
    item.answer = answer;
    item.bar.hidden = true;
    item.tile.dataset.uuid = answer.uuid;
    item.tile.classList.add("is-done");
    item.tile.append(this.hidden(answer.uuid));
    item.image.src = answer.thumb_url;
    URL.revokeObjectURL(item.preview);
    item.note.textContent = this.text.textDone;
    if (answer.taken_text) item.note.textContent = `${this.text.textTaken} ${answer.taken_text}`;
    if (answer.evidence?.reasons.length) {
      item.tile.classList.add(`is-${answer.evidence.level}`);
      item.note.textContent = [answer.evidence.label, ...answer.evidence.reasons].join(" · ");
    } else if (answer.seen_before?.length || answer.seen_elsewhere) {
      item.tile.classList.add("is-seen");
      item.note.textContent = [this.text.textSeen, ...answer.seen_before].join(" ");
    }
    this.changed();
    this.element.dispatchEvent(new CustomEvent("photos:added", { bubbles: true, detail: answer }));
  }

  fail(item, problem) {
    item.state = "failed";
    item.bar.hidden = true;
    item.tile.classList.add("is-failed");
    item.note.textContent = problem.error === "signed_out" ? this.text.textSignedOut : problem.message || this.text.textFailed;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "photo-again";
    again.textContent = this.text.textRetry;
    again.addEventListener("click", () => {
      item.state = "waiting";
      this.say("");
      this.pump();
    });
    item.tile.append(again);
  }

  remove(item, { tell = true } = {}) {
    this.items = this.items.filter((other) => other !== item);
    item.request?.abort();
    item.tile.remove();
    this.say("");
    if (tell && item.state === "done") {
      fetch(`${this.text.url}${item.uuid}`, {
        method: "DELETE", headers: { "X-CSRFToken": this.text.token, "X-Requested-With": "fetch" },
      }).catch(() => { /* it stays in the tray, which nobody else sees */ });
    }
    this.changed();
    this.pump();
    this.release();
  }

  /** The task whose work the photos are to prove: the answer then says what speaks against one. */
  get proves() { return this.text.task ? { task: this.text.task, phase: this.text.phase } : {}; }

  get busy() { return this.items.some((item) => item.state === "waiting" || item.state === "sending"); }

  get failed() { return this.items.some((item) => item.state === "failed"); }

  holdBack(event) {
    if (this.busy) {
      event.preventDefault();
      this.held = { form: event.target, submitter: event.submitter };
      this.say(this.text.textHold);
    } else if (this.failed) {
      event.preventDefault();
      this.say(this.text.textMend);
      this.element.scrollIntoView({ block: "center" });
    }
  }

  release() {
    if (!this.held || this.busy) return;
    const { form, submitter } = this.held;
    this.held = null;
    this.say(this.failed ? this.text.textMend : "");
    if (!this.failed) form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  }

  listenForDrops() {
    const over = (on) => (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.element.classList.toggle("is-over", on);
      if (event.type === "drop") this.add(event.dataTransfer.files);
    };
    this.element.addEventListener("dragover", over(true));
    this.element.addEventListener("dragleave", over(false));
    this.element.addEventListener("drop", over(false));
  }

  say(text) { this.status.textContent = text; }

  changed() { this.element.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true })); }
}

/** Every picker inside `root`, made once. */
export function pickersIn(root) {
  return Array.from(root.querySelectorAll("[data-photo-picker]"), (element) => {
    element.picker ??= new PhotoPicker(element);
    return element.picker;
  });
}

pickersIn(document);
document.addEventListener("htmx:load", (event) => pickersIn(event.target));
