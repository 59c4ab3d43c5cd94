// Knows how photos are taken on a screen: camera first, the phone's own pictures second, thumbnails, removal.

import { announce, fill, h, icon } from "../dom.js";
import { words } from "../words.js";

export const PHOTO_LIMIT = 9;

/** The kept photo as an image; its address is given back once it is drawn. */
export async function photoImage(store, uuid, alt = "") {
  const image = h("img", { alt, data: { uuid } });
  const photo = await store.photo(uuid);
  if (!photo) return image;
  const address = URL.createObjectURL(new Blob([photo.bytes], { type: photo.type ?? "image/jpeg" }));
  image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
  image.addEventListener("error", () => URL.revokeObjectURL(address), { once: true });
  image.src = address;
  return image;
}

function chooser(label, iconName, { capture, many, main, onFiles }) {
  const input = h("input", {
    type: "file", accept: "image/*", capture: capture ? "environment" : null, multiple: many, "aria-label": label,
    onchange: async () => {
      const files = [...input.files];
      input.value = "";
      await onFiles(files);
    },
  });
  return h("span", { class: ["btn", main && "btn-main"] }, icon(iconName), h("span", { "aria-hidden": "true" }, label), input);
}

/**
 * A field for photos of one draft. `uuids` are those it has; `onChange(uuids)` is told at every change and awaited,
 * `onPhoto(photo)` gets what the phone knows of a new one (lon, lat, taken_at).
 */
export function photoField({ store, engine, draft, uuids, label, onChange, onPhoto = () => {}, limit = PHOTO_LIMIT, main = false }) {
  let kept = [...uuids];
  const list = h("ul", { class: "photos" });
  const status = h("p", { class: "problem", role: "status" });
  const add = h("div", { class: ["photo-add", main && "photo-first"] });

  function say(text) {
    status.textContent = text;
    status.hidden = !text;
  }

  async function take(files) {
    say("");
    for (const file of files) {
      if (kept.length >= limit) {
        say(words("最多 {n} 张照片", { n: limit }));
        break;
      }
      add.setAttribute("aria-busy", "true");
      try {
        const photo = await engine.addPhoto(file, { draft });
        kept.push(photo.uuid);
        await onChange([...kept]);
        await draw();
        onPhoto(photo);
        announce(words("照片已保存在手机上，共 {n} 张", { n: kept.length }));
      } catch (problem) {
        say(words(problem?.message || "这张照片无法读取，请重拍"));
      } finally {
        add.removeAttribute("aria-busy");
      }
    }
    drawButtons();
  }

  async function drop(uuid) {
    kept = kept.filter((other) => other !== uuid);
    await onChange([...kept]);
    await store.dropPhoto(uuid);
    await draw();
    drawButtons();
    add.querySelector("input")?.focus();
    announce(words("照片已删除，还有 {n} 张", { n: kept.length }));
  }

  async function draw() {
    const tiles = await Promise.all(kept.map(async (uuid, index) => h("li", { class: "photo" },
      await photoImage(store, uuid, words("照片 {n}", { n: index + 1 })),
      h("button", {
        type: "button", class: "photo-drop", "aria-label": words("删除照片 {n}", { n: index + 1 }), onclick: () => drop(uuid),
      }, icon("remove")))));
    fill(list, tiles);
  }

  function drawButtons() {
    const prominent = main && !kept.length;
    add.classList.toggle("photo-first", prominent);
    fill(add, kept.length < limit && [
      chooser(words(kept.length ? "再拍一张" : "拍照"), "camera", { capture: true, main: prominent, onFiles: take }),
      chooser(words("相册"), "gallery", { many: true, onFiles: take }),
    ]);
  }

  say("");
  drawButtons();
  draw();
  return h("div", { role: "group", "aria-label": label ?? words("照片") }, list, add, status);
}
