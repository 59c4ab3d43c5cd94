// Knows the list of points: nearest first when the place is known, found by words, round, type, and what is left to visit.

import { announce, fill, h, icon, later } from "../dom.js";
import { words } from "../words.js";
import { dayWords } from "./dates.js";
import { isPlaced, metres, metresWords } from "./distance.js";
import { knowledge } from "./knowledge.js";
import { empty, needsPackage, picks } from "./pieces.js";
import { askPosition, REASON_WORDS } from "./position.js";
import { scan } from "./scan.js";
import { scoreWords } from "./scoring.js";
import { visitedPoints } from "./visited.js";

const PORTION = 40;
/** The last place asked for, for as long as the page lives: the list is the same on the way back. */
let place = null;

export async function render(root, { store, query, frame, go }) {
  frame.setTitle(words("点位"));
  const box = await store.package();
  if (!box) return void root.append(needsPackage());
  const known = knowledge(box);
  const state = {
    text: "", round: Number(query.round) || null, left: query.left === "1", type: query.type ?? null, shown: PORTION,
    visited: await visitedPoints(box, store),
  };
  const list = h("div");
  const status = h("p", { class: "count-line muted", role: "status" });
  const redraw = () => drawList({ list, status, known, state });
  root.append(tools({ state, known, redraw, go, status }), h("div", { class: "section" }, status, list));
  redraw();
}

function tools({ state, known, redraw, go, status }) {
  const search = h("input", { class: "input", type: "search", "aria-label": words("搜索点位"), placeholder: words("名称、编号、地址"), autocomplete: "off" });
  search.addEventListener("input", later(() => again({ text: search.value.trim().toLowerCase() }), 120));
  const again = (change) => {
    Object.assign(state, change, { shown: PORTION });
    redraw();
  };
  const near = h("button", { type: "button", class: "btn" }, icon("locate"), words("由近到远"));
  near.addEventListener("click", async () => {
    near.disabled = true;
    status.textContent = words("正在定位…");
    try {
      place = await askPosition();
      again({});
    } catch (reason) {
      redraw();
      status.prepend(h("span", { class: "due-soon" }, words(REASON_WORDS[reason] ?? REASON_WORDS.unavailable)));
    }
    near.disabled = false;
  });
  const type = h("select", { class: "input", "aria-label": words("点位类型"), onchange: () => again({ type: type.value || null }) },
    h("option", { value: "" }, words("全部类型")), typeGroups(known), );
  type.value = state.type ?? "";
  const rounds = known.box.rounds ?? [];
  return h("div", { class: "stack-tight" },
    h("div", { class: "search" }, icon("search"), search),
    h("div", { class: "btn-row" }, near,
      h("button", { type: "button", class: "btn", onclick: async () => openScanned(await scan(), known, go) }, icon("scan"), words("扫码"))),
    picks([["left", words("只看未查")], ...rounds.map((round) => [round.id, round.name])], {
      value: state.round ?? (state.left ? "left" : null), label: words("筛选"), scroll: true, loose: true,
      onPick: (value) => again({ left: value === "left" || (typeof value === "number" && state.left), round: typeof value === "number" ? value : null }),
    }),
    type);
}

function typeGroups(known) {
  const used = new Set(known.box.points.map((point) => point.site_type));
  const groups = new Map();
  for (const type of known.box.site_types) {
    if (used.has(type.code)) groups.set(type.group, [...(groups.get(type.group) ?? []), type]);
  }
  return [...groups].map(([label, types]) => h("optgroup", { label }, types.map((one) => h("option", { value: one.code }, one.name))));
}

function openScanned(text, known, go) {
  if (!text) return;
  const code = decodeURIComponent(/#\/p\/([^/?#]+)/.exec(text)?.[1] ?? text.trim());
  if (known.pointByCode(code)) go(`#/p/${encodeURIComponent(code)}`);
  else announce(words("这不是本手机数据里的点位：{code}", { code }));
}

function matching({ known, state }) {
  const round = (known.box.rounds ?? []).find((one) => one.id === state.round);
  const inRound = round && new Map(round.points.map((one) => [one.point_id, one]));
  const fits = (point) => (!inRound || inRound.has(point.id)) && (!state.type || point.site_type === state.type)
    && (!state.left || !(inRound ? inRound.get(point.id).visited_at || state.visited.get(point.id) === "waiting" : state.visited.has(point.id)))
    && (!state.text || `${point.name} ${point.code} ${point.address} ${point.community}`.toLowerCase().includes(state.text));
  const found = known.box.points.filter(fits).map((point) => ({ point, far: metres(place, point), order: inRound?.get(point.id).position ?? Infinity }));
  return found.sort((a, b) => (place && a.far !== b.far ? a.far - b.far : 0) || a.order - b.order || a.point.code.localeCompare(b.point.code));
}

function drawList({ list, status, known, state }) {
  const found = matching({ known, state });
  fill(status, h("span", {}, words("{n} 个点位", { n: found.length })), place && h("span", {}, words("由近到远")));
  if (!found.length) {
    fill(list, empty(words("没有符合的点位"), words("换个词，或去掉筛选再试。")));
    return;
  }
  const more = found.length > state.shown && h("button", {
    type: "button", class: "btn btn-wide",
    onclick: () => {
      state.shown += PORTION;
      drawList({ list, status, known, state });
    },
  }, words("再看 {n} 个", { n: Math.min(PORTION, found.length - state.shown) }));
  fill(list, h("ul", { class: "list" }, found.slice(0, state.shown).map(({ point, far }) => pointRow({ point, far, known, round: state.round, visited: state.visited.get(point.id) }))), more);
}

const VISITED = { sent: ["chip-done", "已查"], waiting: ["chip-wait", "已查，待上传"] };

function pointRow({ point, far, known, round, visited }) {
  const tasks = (point.open_tasks ?? []).length;
  const mark = VISITED[visited];
  return h("li", {}, h("a", { class: "row", href: `#/p/${encodeURIComponent(point.code)}${round ? `?round=${round}` : ""}` },
    h("span", { class: "row-main" }, h("span", { class: "row-title" }, point.name),
      h("span", { class: "row-sub" }, [known.typeName(point), point.community].filter(Boolean).join(" · ")),
      h("span", { class: "row-sub" }, point.last_visit_at
        ? words("上次 {day} · {score} 分", { day: dayWords(point.last_visit_at), score: scoreWords(point.last_score) }) : words("还没有检查过"),
        tasks > 0 && h("span", { class: "due-soon" }, ` · ${words("{n} 件未结", { n: tasks })}`))),
    h("span", { class: "row-side" }, h("strong", {}, place ? (isPlaced(point) ? metresWords(far) : words("无位置")) : null),
      mark && h("span", { class: `chip ${mark[0]}` }, words(mark[1])))));
}
