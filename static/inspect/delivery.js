// Knows what each answer of docs/sync.md means for one item: photos by hash in pieces, then the item itself.
//
//   await delivery.bring(item, body, onProgress, {deposit}) -> one of
//     {receipt, state: "received" | "held", reason}      the server has it
//     {state: "refused", problem: {error, message, field, status}}
//     {state: "question", question: {error: "near" | "stale" | "request_reused", …}}
//     {retry_ms, problem}                                  busy: wait at least so long
//   throws RemoteProblem: "network" (no usable answer), "signed_out"

import { ask, RemoteProblem } from "./remote.js";
import { N } from "./words.js";

const PIECE_BYTES = 256 * 1024;
const TIMEOUTS = { item_ms: 45000, piece_ms: 60000 };
/** How often one photo is begun anew before its bytes are believed to be bad. */
const TRIES_OF_A_PHOTO = 3;
const BUSY = new Set([408, 425, 429, 500, 502, 503, 504, 507]);
const QUESTIONS = new Set(["near", "stale", "request_reused"]);

export class Delivery {
  constructor({ store, session, timeouts = {}, piece_bytes = PIECE_BYTES }) {
    this.store = store;
    this.session = session;
    this.timeouts = { ...TIMEOUTS, ...timeouts };
    this.piece = piece_bytes;
    this.complete = new Set();
  }

  headers(deposit) {
    return deposit === undefined ? { "X-CSRFToken": this.session.csrf } : { Authorization: `Deposit ${deposit}` };
  }

  async bring(item, body, onProgress = () => {}, { deposit } = {}) {
    for (let again = 0; ; again += 1) {
      const stopped = await this.bringPhotos(item, onProgress, deposit);
      if (stopped) return stopped;
      const answer = await ask(deposit === undefined ? "/inspect/items" : "/inspect/deposit", {
        method: "POST", body: JSON.stringify(body), timeout_ms: this.timeouts.item_ms,
        headers: { "Content-Type": "application/json", ...this.headers(deposit) },
      });
      const outcome = outcomeOf(answer, item);
      if (!outcome.again) return outcome;
      // the token of a new session, or photos that the server has thrown away since: twice at most
      if (again >= 2) return { retry_ms: 0, problem: outcome.problem };
      if (outcome.again === "csrf") {
        // somebody else may have signed in on this phone meanwhile: the item waits for its own person
        const { user } = await this.session.refresh();
        if (item.user && user.id !== item.user.id) return { retry_ms: 0, problem: outcome.problem };
      } else for (const sha256 of outcome.missing) this.complete.delete(sha256);
    }
  }

  async bringPhotos(item, onProgress, deposit) {
    let sent = 0;
    for (const { uuid, sha256, size } of item.photos) {
      if (!this.complete.has(sha256)) {
        const photo = await this.store.photo(uuid);
        if (!photo) return refused({ error: "photo_gone", message: N("这条的一张照片已不在手机上，无法上传。请去修改，重新拍照。") });
        const stopped = await this.bringPhoto(photo, (part) => onProgress(sent + part, item.bytes), deposit);
        if (stopped) return stopped;
        this.complete.add(sha256);
      }
      sent += size;
      onProgress(sent, item.bytes);
    }
    return null;
  }

  /** null once all bytes are there; else what stops the item. */
  async bringPhoto(photo, onProgress, deposit) {
    const address = `/inspect/photos/${photo.sha256}`;
    let problem = null;
    for (let tries = 0; tries < TRIES_OF_A_PHOTO; tries += 1) {
      const asked = await ask(address, { method: "HEAD", timeout_ms: this.timeouts.item_ms, headers: this.headers(deposit) });
      if (asked.status === 401) throw new RemoteProblem("signed_out", null, 401);
      if (asked.headers.get("Upload-Complete") === "?1") return null;
      const offset = Math.min(Number(asked.headers.get("Upload-Offset")) || 0, photo.size);
      const answer = await this.bringPieces(photo, address, offset, onProgress, deposit);
      if (answer.headers.get("Upload-Complete") === "?1") return null;
      if (answer.status === 401) throw new RemoteProblem("signed_out", null, 401);
      if (answer.body?.error === "csrf") await this.session.refresh();
      else if (BUSY.has(answer.status)) return busy(answer);
      else if (!answer.body) throw new RemoteProblem("network", null, answer.status);
      problem = answer.body;
    }
    return problem.error === "csrf" ? busy({ headers: new Headers(), body: problem }) : refused(problem);
  }

  async bringPieces(photo, address, offset, onProgress, deposit) {
    let at = offset;
    for (let strange = 0; ; ) {
      const body = photo.bytes.slice(at, at + this.piece);
      const answer = await ask(address, {
        method: "PATCH", body, timeout_ms: this.timeouts.piece_ms,
        headers: {
          "Content-Type": "application/octet-stream", "Upload-Offset": String(at), "Upload-Length": String(photo.size),
          ...this.headers(deposit),
        },
      });
      const told = answer.headers.get("Upload-Offset");
      const done = answer.headers.get("Upload-Complete") === "?1";
      // 409: the reply to an earlier piece was lost; go on where the server is
      if (done || (!answer.ok && answer.status !== 409) || told === null) return answer;
      if (answer.status === 409 && (strange += 1) > 5) return answer;
      at = Number(told);
      onProgress(at);
      if (at >= photo.size) return answer;
    }
  }
}

function refused(body, status = 0) {
  return { state: "refused", problem: { error: body?.error ?? "refused", message: body?.message ?? "", field: body?.field ?? null, status } };
}

function busy(answer) {
  const seconds = Number(answer.headers.get("Retry-After")) || 0;
  return { retry_ms: seconds * 1000, problem: { error: answer.body?.error ?? "busy", message: answer.body?.message ?? "" } };
}

/** What an answer to an item means. An answer without JSON comes from something between: as if none had come. */
export function outcomeOf(answer, item) {
  const { status, body } = answer;
  if (status === 401) throw new RemoteProblem("signed_out", null, 401);
  if (!body && !BUSY.has(status) && status !== 413) throw new RemoteProblem("network", null, status);
  if (status === 200 || status === 202) {
    if (body.receipt?.uuid !== item.uuid) throw new RemoteProblem("network", null, status);
    return { receipt: body.receipt, state: body.state === "held" || status === 202 ? "held" : "received", reason: body.reason ?? "" };
  }
  if (status === 409 && body.error === "photos_missing") return { again: "photos", missing: body.missing ?? [], problem: body };
  if (status === 409 && QUESTIONS.has(body.error)) return { state: "question", question: body };
  if (status === 400 && body.error === "csrf") return { again: "csrf", problem: body };
  if (BUSY.has(status)) return busy(answer);
  if (status >= 400) return refused(body, status);
  throw new RemoteProblem("network", null, status);
}
