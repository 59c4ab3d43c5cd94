// Knows the outbox file of docs/sync.md: what waits, with its photos and a seal, for the office to take in on /held/.
//
//   await build(store)      -> [{name, blob, items}]: one file for each person, more where one would be too large
//   await handOver(files)   -> "shared" | "saved" | "cancelled"
//
// Nothing leaves the outbox by being exported.

import { sha256 } from "../vendor/sha256/sha256.js";
import { bodyOf } from "./outbox.js";

/** The office takes 64 MB; base64 makes four bytes of three. */
const MOST_BYTES = 44e6;

function base64(buffer) {
  const [bytes, parts] = [new Uint8Array(buffer), []];
  // a multiple of three, so that the pieces join
  for (let at = 0; at < bytes.length; at += 24573) parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 24573))));
  return parts.join("");
}

function portions(items) {
  const found = [];
  let [size, user] = [0, undefined];
  for (const item of [...items].sort((a, b) => (a.user?.id ?? 0) - (b.user?.id ?? 0) || a.seq - b.seq)) {
    if (!found.length || (item.user?.id ?? 0) !== user || size + item.bytes > MOST_BYTES) {
      found.push([]);
      [size, user] = [0, item.user?.id ?? 0];
    }
    found.at(-1).push(item);
    size += item.bytes;
  }
  return found;
}

/** HMAC-SHA-256 in hex over the items' digests, keyed with the SHA-256 of the deposit token; "" without a token. */
export function seal(bodies, token) {
  return token ? sha256.hmac.hex(sha256(token), bodies.map((body) => sha256(body)).join("\n")) : "";
}

async function fileOf(store, items, number, of) {
  const bodies = items.map((item) => JSON.stringify(bodyOf(item)));
  const user = items[0].user;
  const right = user && (await store.meta(`deposit:${user.id}`));
  const head = { format: "tracker-outbox/1", user, made_at: new Date().toISOString(), seal: seal(bodies, right?.token) };
  const parts = [JSON.stringify(head).slice(0, -1), ',"items":[', bodies.join(","), '],"photos":{'];
  const written = new Set();
  for (const { uuid, sha256: name } of items.flatMap((item) => item.photos)) {
    const photo = written.has(name) ? null : await store.photo(uuid);
    if (!photo) continue;
    parts.push(written.size ? "," : "", `${JSON.stringify(name)}:"${base64(photo.bytes)}"`);
    written.add(name);
  }
  parts.push("}}");
  const day = head.made_at.slice(0, 16).replace(/[-:T]/g, "");
  const name = ["outbox", user?.username ?? "unknown", day, of > 1 ? number : ""].filter(Boolean).join("-");
  return { name: `${name}.json`, blob: new Blob(parts, { type: "application/json" }), items: items.length };
}

export async function build(store) {
  const groups = portions(await store.outbox());
  const files = [];
  for (const [index, items] of groups.entries()) files.push(await fileOf(store, items, index + 1, groups.length));
  return files;
}

function save({ name, blob }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

export async function handOver(files) {
  const shared = files.map(({ name, blob }) => new File([blob], name, { type: "application/json" }));
  if (navigator.canShare?.({ files: shared })) {
    try {
      await navigator.share({ files: shared });
      return "shared";
    } catch (error) {
      if (error.name === "AbortError") return "cancelled";
    }
  }
  for (const file of files) save(file);
  return "saved";
}
