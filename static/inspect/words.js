// Knows the phone's words: the Chinese sentence is the key, English stands beside it.
//
//   words("离线也能用")            the sentence in the reader's language
//   words("{n} 条未上传", {n: 3})   with values put in
//   language()                     "zh" or "en"; setLocale("en") changes it (app.js does, from the session)
//   N("待上传")                     marks a sentence that is translated where it is shown: words(item.label)
//   addEnglish({"中文": "English"}) a screen's own sentences; a test asks that every one is there

import english from "./words_engine.js";

const table = new Map(Object.entries(english));
let current = "zh";

export function words(sentence, values = {}) {
  const text = current === "en" ? table.get(sentence) ?? sentence : sentence;
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
}

export const N = (sentence) => sentence;

export function addEnglish(sentences) {
  for (const [chinese, text] of Object.entries(sentences)) table.set(chinese, text);
}

export const language = () => current;

/** `locale` as the server names it: "zh_Hans_CN", "zh_CN" or "en". */
export function setLocale(locale) {
  current = String(locale ?? "").startsWith("en") ? "en" : "zh";
  document.documentElement.lang = current === "en" ? "en" : "zh-CN";
}

/** "3 分钟前", "2 天前"; `at` is a Date, a number of milliseconds or an RFC 3339 text. */
export function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - new Date(at).getTime()) / 60000));
  if (minutes < 1) return words("刚刚");
  if (minutes < 60) return words("{n} 分钟前", { n: minutes });
  if (minutes < 48 * 60) return words("{n} 小时前", { n: Math.floor(minutes / 60) });
  return words("{n} 天前", { n: Math.floor(minutes / 1440) });
}

/** "350 kB", "1.2 MB". */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 999500 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
