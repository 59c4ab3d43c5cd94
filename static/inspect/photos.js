// Knows how a photo is made small for the road and stays evidence: its time and place are kept, its bytes are named by SHA-256.
//
//   await prepare(file, {position: {lon, lat, accuracy_m} | null, taken_at: RFC 3339 | null})
//     -> {sha256, bytes: ArrayBuffer, size, type, name, lon, lat, taken_at, width, height, shrunk}
//   throws StoreProblem when a photo is too large to keep as it is
//
// What this browser cannot decode (HEIC on Android) is kept as it came, up to 20 MB; the server reads it.

import { sha256 } from "../vendor/sha256/sha256.js";
import { StoreProblem } from "./db.js";
import { loadScript } from "./loading.js";
import { N } from "./words.js";

const LONG_EDGE = 1600;
const MOST_BYTES = 400000;
const MOST_AS_IS = 20 * 1000 * 1000;
const QUALITIES = [0.85, 0.75, 0.65, 0.5];
const ROOM_FOR_EXIF = 4000;
const OFFSET_TIME_ORIGINAL = 36881;

export async function prepare(file, { position = null, taken_at = null } = {}) {
  const [given, drawn] = [await file.arrayBuffer(), await draw(file)];
  if (!drawn) return asItIs(file, given, { position, taken_at });
  const exif = await keptExif(given, { position, taken_at });
  const small = drawn.shrunk || given.byteLength > MOST_BYTES || file.type !== "image/jpeg" || exif.added;
  const made = small ? await encode(drawn.canvas) : { bytes: given, width: drawn.canvas.width, height: drawn.canvas.height };
  const bytes = small ? withExif(made.bytes, exif) : given;
  return {
    sha256: sha256(bytes), bytes, size: bytes.byteLength, type: "image/jpeg", name: file.name ?? "", shrunk: small,
    width: made.width, height: made.height, lon: exif.lon, lat: exif.lat, taken_at: exif.taken_at,
  };
}

function asItIs(file, bytes, { position, taken_at }) {
  if (bytes.byteLength > MOST_AS_IS) throw new StoreProblem(N("这张照片超过 20 MB，手机又无法压缩它。请把相机设为“兼容格式（JPEG）”再拍。"));
  return {
    sha256: sha256(bytes), bytes, size: bytes.byteLength, type: file.type || "application/octet-stream", name: file.name ?? "",
    shrunk: false, width: null, height: null, lon: position?.lon ?? null, lat: position?.lat ?? null, taken_at,
  };
}

/** The picture upright and at most LONG_EDGE long, or null when this browser cannot read it. */
async function draw(file) {
  const picture = await decoded(file);
  if (!picture) return null;
  const [width, height] = [picture.width || picture.naturalWidth, picture.height || picture.naturalHeight];
  const scale = Math.min(1, LONG_EDGE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close?.();
  return { canvas, shrunk: scale < 1 };
}

async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch { /* older browsers refuse the option, or the format */ }
  const address = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** As good as MOST_BYTES allow; a picture full of leaves and gravel is made smaller still. */
async function encode(canvas) {
  for (const quality of QUALITIES) {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
    if (blob.size <= MOST_BYTES - ROOM_FOR_EXIF) return { bytes: await blob.arrayBuffer(), width: canvas.width, height: canvas.height };
  }
  const smaller = document.createElement("canvas");
  smaller.width = Math.round(canvas.width * 0.8);
  smaller.height = Math.round(canvas.height * 0.8);
  smaller.getContext("2d").drawImage(canvas, 0, 0, smaller.width, smaller.height);
  return encode(smaller);
}

// --- EXIF: piexif works on binary strings ---

function binary(buffer) {
  const [bytes, parts] = [new Uint8Array(buffer), []];
  for (let at = 0; at < bytes.length; at += 32768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32768)));
  return parts.join("");
}

function buffer(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes.buffer;
}

/** The tags to write into the small photo, and what they say; `added`: the camera gave less than the act knows. */
async function keptExif(given, { position, taken_at }) {
  await loadScript("../vendor/piexif/piexif.js", () => globalThis.piexif);
  const { piexif } = globalThis;
  let tags = { "0th": {}, Exif: {}, GPS: {} };
  try { tags = { ...tags, ...piexif.load(binary(given)) }; } catch { /* no JPEG, or no EXIF */ }
  const zeroth = pick(tags["0th"], [piexif.ImageIFD.Make, piexif.ImageIFD.Model, piexif.ImageIFD.DateTime, piexif.ImageIFD.Software]);
  const exif = pick(tags.Exif, [
    piexif.ExifIFD.DateTimeOriginal, piexif.ExifIFD.DateTimeDigitized, piexif.ExifIFD.SubSecTimeOriginal, OFFSET_TIME_ORIGINAL,
  ]);
  const gps = { ...tags.GPS };
  const added = addMissing(piexif, exif, gps, { position, taken_at });
  zeroth[piexif.ImageIFD.Orientation] = 1;
  return { tags: { "0th": zeroth, Exif: exif, GPS: gps }, added, ...place(piexif, gps), taken_at: moment(piexif, exif) };
}

function pick(from, names) {
  return Object.fromEntries(names.filter((name) => from?.[name] !== undefined).map((name) => [name, from[name]]));
}

function addMissing(piexif, exif, gps, { position, taken_at }) {
  let added = false;
  if (taken_at && !exif[piexif.ExifIFD.DateTimeOriginal]) {
    // EXIF has no zone: the city's own clock, with its offset beside it where the reader knows the tag
    const city = new Date(new Date(taken_at).getTime() + 8 * 3600000).toISOString();
    exif[piexif.ExifIFD.DateTimeOriginal] = `${city.slice(0, 10).replaceAll("-", ":")} ${city.slice(11, 19)}`;
    added = true;
  }
  if (position && !gps[piexif.GPSIFD.GPSLatitude]) {
    gps[piexif.GPSIFD.GPSLatitudeRef] = position.lat < 0 ? "S" : "N";
    gps[piexif.GPSIFD.GPSLatitude] = degrees(position.lat);
    gps[piexif.GPSIFD.GPSLongitudeRef] = position.lon < 0 ? "W" : "E";
    gps[piexif.GPSIFD.GPSLongitude] = degrees(position.lon);
    added = true;
  }
  return added;
}

/** Degrees, minutes and seconds as fractions, to a hundred-thousandth of a second (0.3 mm). */
function degrees(value) {
  const all = Math.round(Math.abs(value) * 3600 * 1e5);
  const [whole, rest] = [Math.floor(all / 36e7), all % 36e7];
  return [[whole, 1], [Math.floor(rest / 6e6), 1], [rest % 6e6, 1e5]];
}

function place(piexif, gps) {
  const value = (name, ref, negative) => {
    const parts = gps[piexif.GPSIFD[name]];
    if (!parts) return null;
    const [whole, minutes, seconds] = parts.map(([top, bottom]) => (bottom ? top / bottom : 0));
    return (whole + minutes / 60 + seconds / 3600) * (gps[piexif.GPSIFD[ref]] === negative ? -1 : 1);
  };
  return { lat: value("GPSLatitude", "GPSLatitudeRef", "S"), lon: value("GPSLongitude", "GPSLongitudeRef", "W") };
}

function moment(piexif, exif) {
  const text = exif[piexif.ExifIFD.DateTimeOriginal] ?? "";
  const found = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)/.exec(text);
  return found ? `${found[1]}-${found[2]}-${found[3]}T${found[4]}${exif[OFFSET_TIME_ORIGINAL] ?? "+08:00"}` : null;
}

function withExif(jpeg, { tags }) {
  const { piexif } = globalThis;
  const text = binary(jpeg);
  for (const kept of [tags, { ...tags, GPS: tags.GPS, "0th": { [piexif.ImageIFD.Orientation]: 1 } }]) {
    try { return buffer(piexif.insert(piexif.dump(kept), text)); } catch { /* a tag that the camera wrote wrongly */ }
  }
  return jpeg;
}
