// Knows a visit under way: items in groups, every tap kept at once, how much is left, the score so far.

import { announce, fill, h, put, sheet } from "../dom.js";
import { words } from "../words.js";
import { bringBack, DraftKeeper } from "./draft_keeper.js";
import { knowledge } from "./knowledge.js";
import { empty, needsPackage } from "./pieces.js";
import { facts, gapList, openTaskList } from "./point.js";
import { score, scoreWords } from "./scoring.js";
import { finishVisit } from "./visit_finish.js";
import { itemElement } from "./visit_item.js";

const GROUP_WORDS = { common: "通用检查项", own: "{type}专项" };

export async function render(root, ctx) {
  const { store, params, frame } = ctx;
  frame.setTitle(words("检查"), { back: "#/points" });
  await bringBack(store);
  const [box, draft] = await Promise.all([store.package(), store.draft(params.draft)]);
  if (!box) return void root.append(needsPackage());
  if (!draft) return void root.append(gone());
  const known = knowledge(box);
  const point = known.points.get(draft.data.point_id);
  if (!point) return void root.append(empty(words("本手机的数据里没有这个点位"), words("草稿还在。请回首页更新数据后再打开。")));
  frame.setTitle(point.name, { back: `#/p/${encodeURIComponent(point.code)}` });
  const visit = new VisitScreen(root, ctx, { known, point, draft });
  visit.draw();
  return () => visit.keeper.close();
}

const gone = () => empty(words("这份草稿已经不在了"), words("可能已提交，或在另一个页面里删除。"),
  h("div", {}, h("a", { class: "btn", href: "#/points" }, words("回到点位"))));

/** One visit on the screen; its answers by item id, in memory as in the draft. */
export class VisitScreen {
  constructor(root, ctx, { known, point, draft }) {
    Object.assign(this, { root, ctx, known, point, draft });
    this.groups = known.groups(point);
    this.items = this.groups.flatMap((group) => group.items.map((item) => ({ item, edition: group.edition })));
    const given = new Map((draft.data.answers ?? []).map((answer) => [answer.item_id, answer]));
    this.answers = new Map(this.items.map(({ item }) => {
      const { result = null, note = "", photos = [], near = null } = given.get(item.id) ?? {};
      return [item.id, { result, note, photos: [...photos], near }];
    }));
    this.saved = h("span", { role: "status" });
    this.state = h("p", { class: "foot-state" });
    this.keeper = new DraftKeeper(ctx.store, draft, (text, isProblem) => {
      this.saved.textContent = ` · ${text}`;
      this.saved.className = isProblem ? "overdue" : "";
    });
    this.elements = new Map();
    this.changed = () => {
      this.gather();
      this.tell();
      return this.keeper.save().catch(() => {});
    };
  }

  get answered() { return this.items.filter(({ item }) => this.answers.get(item.id).result); }

  get open() { return this.items.filter(({ item }) => !this.answers.get(item.id).result); }

  /** The score of what is answered so far. */
  get score() {
    return score(this.answered.map(({ item }) => ({ result: this.answers.get(item.id).result, weight: item.weight, is_critical: item.is_critical })));
  }

  /** Write the answers into the draft in the shape of the contract (with `near`, which is no part of it). */
  gather() {
    this.draft.data.answers = this.items
      .map(({ item }) => ({ item_id: item.id, ...this.answers.get(item.id) }))
      .filter((answer) => answer.result || answer.note || answer.photos.length);
  }

  draw() {
    this.root.classList.add("has-foot");
    put(this.root, this.draft.mends && h("p", { class: "due-soon" }, words("这次检查被退回，请改好后重新提交。")),
      gapList(this.known, this.point, (item) => this.goTo(item)),
      openTaskList(this.point),
      h("details", { class: "section" }, h("summary", {}, words("点位信息")), facts(this.known, this.point)),
      this.groups.map((group) => this.drawGroup(group)),
      this.drawFoot());
    this.tell();
  }

  drawGroup(group) {
    const title = group.title === "card" ? group.edition.name : words(GROUP_WORDS[group.title], { type: this.known.typeName(this.point) });
    const gaps = new Set(this.point.gaps ?? []);
    const ctx = { store: this.ctx.store, engine: this.ctx.engine, draft: this.draft.id };
    return h("section", {}, h("div", { class: "group-head" }, h("h2", {}, title),
      h("span", { class: "sample" }, group.edition.is_sample && words("示例清单"))),
      group.items.map((item) => {
        const element = itemElement({
          ctx, known: this.known, point: this.point, edition: group.edition, item,
          answer: this.answers.get(item.id), isGap: gaps.has(item.id), changed: this.changed,
        });
        this.elements.set(item.id, element);
        return element;
      }));
  }

  drawFoot() {
    this.rest = h("button", { type: "button", class: "btn", onclick: () => this.answerRest() }, words("其余全部符合"));
    this.main = h("button", { type: "button", class: "btn btn-main", onclick: () => this.next() });
    return h("div", { class: "foot" }, this.state, h("div", { class: "foot-row" }, this.rest, this.main));
  }

  tell() {
    const [done, all] = [this.answered.length, this.items.length];
    const { value, failedCritically } = this.score;
    fill(this.state, h("strong", {}, words("已答 {done}/{all}", { done, all })), ` · ${words("得分 {score}", { score: scoreWords(value) })}`,
      failedCritically && h("span", { class: "overdue" }, ` · ${words("否决项不符合")}`), this.saved);
    this.rest.hidden = done === all;
    fill(this.main, words(done === all ? "完成检查" : "下一个未答"));
  }

  async next() {
    const [first] = this.open;
    if (first) this.goTo(first.item);
    else await finishVisit(this);
  }

  goTo(item) {
    const element = this.elements.get(item.id);
    element.scrollIntoView({ block: "start", behavior: "smooth" });
    element.focus({ preventScroll: true });
  }

  async answerRest() {
    const rest = this.open;
    const critical = rest.filter(({ item }) => item.is_critical).length;
    const sure = await sheet({
      title: words("把其余 {n} 项记为符合？", { n: rest.length }),
      body: [h("p", {}, words("请确认这些项目现场都看过。之后仍可逐项修改。")),
        critical > 0 && h("p", { class: "overdue" }, words("其中有 {n} 个否决项。", { n: critical }))],
      actions: [{ label: words("现场都看过，记为符合"), value: true, kind: "main" }, { label: words("返回逐项看"), value: null }],
    });
    if (!sure) return;
    for (const { item } of rest) {
      this.answers.get(item.id).result = "conform";
      this.elements.get(item.id).show();
    }
    await this.changed();
    announce(words("{n} 项已记为符合", { n: rest.length }));
    this.main.focus();
  }
}
