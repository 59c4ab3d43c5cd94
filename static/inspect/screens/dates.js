// Knows how moments and limits are said: the city's clock, 11月22日 14:30, 还剩 3 小时, 超期 2 天.

import { language, words } from "../words.js";

const ZONE = "Asia/Shanghai";
const HOUR = 3600e3, DAY = 24 * HOUR;

const parts = (moment) => Object.fromEntries(new Intl.DateTimeFormat("en-CA", {
  timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
}).formatToParts(moment).map(({ type, value }) => [type, value]));

const english = () => language() === "en";
const sameYear = (moment, now) => parts(moment).year === parts(now).year;

function say(moment, options) {
  return new Intl.DateTimeFormat(english() ? "en-GB" : "zh-CN", { timeZone: ZONE, month: english() ? "short" : "long", day: "numeric", ...options }).format(moment);
}

/** 11月22日, with the year only when it is another. */
export function dayWords(iso, now = new Date()) {
  const moment = new Date(iso.length === 10 ? `${iso}T12:00:00+08:00` : iso);
  return say(moment, sameYear(moment, now) ? {} : { year: "numeric" });
}

/** 11月22日 14:30. */
export function momentWords(iso, now = new Date()) {
  const moment = new Date(iso);
  const { hour, minute } = parts(moment);
  return `${dayWords(iso, now)} ${hour}:${minute}`;
}

/** A moment just past: 刚刚, 20 分钟前, 3 小时前, then the date. */
export function agoWords(iso, now = new Date()) {
  const gone = now - new Date(iso);
  if (gone < 60e3) return words("刚刚");
  if (gone < HOUR) return words("{n} 分钟前", { n: Math.floor(gone / 60e3) });
  if (gone < DAY) return words("{n} 小时前", { n: Math.floor(gone / HOUR) });
  return momentWords(iso, now);
}

/** overdue, due-soon or empty, as the desk says it: past its deadline, or past the moment the package names. */
export function bandOf(task, now = new Date()) {
  if (!task.due_at) return "";
  if (new Date(task.due_at) < now) return "overdue";
  return task.due_soon_at && new Date(task.due_soon_at) <= now ? "due-soon" : "";
}

/** {words, kind} of a task's limit; kind is `bandOf`. */
export function dueWords(task, now = new Date()) {
  const iso = task.due_at;
  if (!iso) return { words: words("无时限"), kind: "" };
  const left = new Date(iso) - now;
  const span = Math.abs(left);
  const n = span < DAY ? Math.max(1, Math.floor(span / HOUR)) : Math.floor(span / DAY);
  const kind = bandOf(task, now);
  if (left < 0) return { words: words(span < DAY ? "超期 {n} 小时" : "超期 {n} 天", { n }), kind };
  return { words: words(span < DAY ? "还剩 {n} 小时" : "还剩 {n} 天", { n }), kind };
}

/** Days of the city's calendar from today to `day` (YYYY-MM-DD); negative when it is past. */
export function daysUntil(day, now = new Date()) {
  const { year, month, day: date } = parts(now);
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${year}-${month}-${date}T00:00:00Z`)) / DAY);
}

/** The same for a day: 今天截止, 还剩 3 天, 超期 2 天. */
export function dayDueWords(day, now = new Date()) {
  const n = daysUntil(day, now);
  if (n === 0) return { words: words("今天截止"), kind: "due-soon" };
  if (n < 0) return { words: words("超期 {n} 天", { n: -n }), kind: "overdue" };
  return { words: words("还剩 {n} 天", { n }), kind: n <= 1 ? "due-soon" : "" };
}

/** The moment now with the offset of this device, as the server asks (RFC 3339). */
export function nowStamp(now = new Date()) {
  const minutes = -now.getTimezoneOffset();
  const shifted = new Date(now.getTime() + minutes * 60e3).toISOString().slice(0, 19);
  const two = (value) => String(Math.trunc(Math.abs(value))).padStart(2, "0");
  return `${shifted}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
