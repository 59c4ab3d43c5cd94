// Knows what stands around every screen: title and way back, connection, "n 条未上传", the tabs.

import { announce, fill, h, icon } from "./dom.js";
import { addEnglish, language } from "./words.js";
import english from "./words_screens.js";

addEnglish(english);

const TABS = [
  ["#/", "home", "首页"], ["#/points", "point", "点位"], ["#/report", "report", "上报"],
  ["#/tasks", "task", "任务"], ["#/map", "map", "地图"],
];
/** Screens that belong to a tab besides its own address. */
const UNDER = [[/^#\/(p|visit)\//, "#/points"], [/^#\/task\//, "#/tasks"], [/^#\/report/, "#/report"], [/^#\/(me|outbox)/, "#/"]];

const here = () => {
  const [address] = (location.hash || "#/").split("?");
  return UNDER.find(([pattern]) => pattern.test(address))?.[1] ?? address;
};

/** Build the frame once; returns {setTitle(title, {back}), refresh()}. */
export function mountFrame({ words, engine }) {
  const bar = document.getElementById("bar");
  const tabs = document.getElementById("tabs");
  bar.classList.add("bar");
  tabs.classList.add("tabs");
  const heading = h("h1", { tabindex: "-1" });
  const back = h("a", { class: "bar-back", hidden: true }, icon("back"));
  const mark = h("span", { class: "bar-mark", role: "status" });
  const waiting = h("a", { class: "bar-waiting", href: "#/outbox", hidden: true }, h("span"));
  const row = h("div", { class: "bar-row" }, back, heading, waiting, mark);
  let shown = "", first = true;

  function setTitle(title, { back: address = null, focus = true } = {}) {
    back.hidden = !address;
    row.classList.toggle("has-back", Boolean(address));
    if (address) back.href = address;
    back.setAttribute("aria-label", words("返回"));
    drawTabs();
    refresh();
    if (!title) return;
    heading.textContent = title;
    document.title = `${title} · ${words("网格督办")}`;
    if (focus && !first) heading.focus({ preventScroll: true });
    first = false;
  }

  function drawTabs() {
    const current = here();
    tabs.setAttribute("aria-label", words("主要页面"));
    fill(tabs, TABS.map(([href, name, label]) =>
      h("a", { href, "aria-current": href === current ? "page" : null }, icon(name), h("span", {}, words(label)))));
  }

  async function refresh() {
    const online = engine.online;
    const now = `${online} ${language()}`;
    if (now !== shown) {
      shown = now;
      mark.classList.toggle("is-offline", !online);
      mark.title = words(online ? "已连接网络" : "没有网络，填写的内容存在手机上");
      fill(mark, icon(online ? "online" : "offline"), h("span", { class: online && "unseen" }, words(online ? "在线" : "离线")));
    }
    const { total, refused, question } = await engine.counts();
    waiting.hidden = total === 0;
    waiting.classList.toggle("is-refused", refused + question > 0);
    const text = words("{n} 条未上传", { n: total });
    if (waiting.textContent !== text) {
      waiting.firstChild.textContent = text;
      if (total) announce(text);
    }
  }

  fill(bar, row);
  drawTabs();
  refresh();
  engine.onChange(refresh);
  return { setTitle, refresh };
}
