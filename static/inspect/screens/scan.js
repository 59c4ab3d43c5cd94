// Knows how a point's QR code is read with the camera, where the browser can read codes itself.

import { h, sheet } from "../dom.js";
import { words } from "../words.js";

const LOOK_MS = 250;

const canScan = () => "BarcodeDetector" in globalThis && Boolean(navigator.mediaDevices?.getUserMedia);

/** The text of the first QR code seen, or null when the person gave up or the camera is not to be had. */
export async function scan() {
  if (!canScan()) return explain();
  const video = h("video", { autoplay: true, muted: true, playsInline: true });
  const status = h("p", { class: "muted", role: "status" }, words("把二维码放进画面里"));
  const answer = sheet({
    title: words("扫点位二维码"), body: [h("div", { class: "scanner" }, video), status],
    actions: [{ label: words("关闭"), value: null }],
  });
  let stream = null, timer = null;
  const found = new Promise((resolve) => {
    (async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.srcObject = stream;
        const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
        timer = setInterval(async () => {
          const [code] = await detector.detect(video).catch(() => []);
          if (code) resolve(code.rawValue);
        }, LOOK_MS);
      } catch {
        status.textContent = words("相机打不开。请用手机自带的相机扫码，会打开本页。");
      }
    })();
  });
  const text = await Promise.race([found, answer]);
  clearInterval(timer);
  stream?.getTracks().forEach((track) => track.stop());
  video.closest("dialog")?.close();
  return text;
}

/** The browser cannot read codes: the phone's own scanner opens the same address. */
async function explain() {
  await sheet({
    title: words("扫点位二维码"), body: [h("p", {}, words("这个浏览器不能直接扫码。请用手机自带的相机或微信扫一扫，会打开这个点位。"))],
    actions: [{ label: words("知道了"), value: null }],
  });
  return null;
}
