// Knows a free report: photo first, then place, category, words; what is open near by is offered before it is sent.

import { announce, field, fill, h, icon, put, sheet } from "../dom.js";
import { newUuid } from "../uuid.js";
import { words } from "../words.js";
import { nowStamp } from "./dates.js";
import { bringBack, DraftKeeper } from "./draft_keeper.js";
import { metresWords } from "./distance.js";
import { knowledge, phrasesOf, tasksNear } from "./knowledge.js";
import { photoField } from "./photo_field.js";
import { choices, empty, needsPackage, phraseButtons } from "./pieces.js";
import { CategoryField, rememberCategory } from "./report_category.js";
import { PlaceField } from "./report_place.js";

export async function render(root, ctx) {
  const { store, params, frame } = ctx;
  frame.setTitle(words("上报问题"), { back: "#/" });
  await bringBack(store);
  const [box, session, kept] = await Promise.all([store.package(), store.session(), reportDraft(store, params.draft)]);
  if (!box) return void root.append(needsPackage());
  if (session?.can?.report === false) {
    return void root.append(empty(words("您的账号不能上报问题"), words("请联系区迎检办调整权限。")));
  }
  if (!kept) return void root.append(empty(words("这份草稿已经不在了"), words("可能已提交，或在另一个页面里删除。"), h("div", {}, h("a", { class: "btn", href: "#/report" }, words("另写一份")))));
  const screen = new ReportScreen(root, ctx, { known: knowledge(box), can: session?.can ?? {}, draft: kept });
  screen.draw();
  return () => screen.keeper.close();
}

/** The draft asked for, else the newest begun report, else an empty one that is written at its first change. */
async function reportDraft(store, id) {
  if (id) return store.draft(id);
  const [newest] = (await store.drafts("report")).filter((draft) => !draft.mends);
  return newest ?? { id: newUuid(), kind: "report", subject: null, data: { photos: [] }, fresh: true };
}

const BLANK = {
  category_id: null, description: "", source: null, found_at: null, is_urgent: false, position: null, address: "",
  community_code: null, point_id: null, no_photo_reason: "", photos: [], self_handled: null, near: null,
};

class ReportScreen {
  constructor(root, ctx, { known, can, draft }) {
    Object.assign(this, { root, ctx, known, can, draft });
    this.data = draft.data = { ...BLANK, ...draft.data };
    this.data.source ??= can.sources?.[0]?.[0] ?? "inspection";
    this.saved = h("span", { role: "status" });
    this.keeper = new DraftKeeper(ctx.store, draft, (text, isProblem) => {
      this.saved.textContent = text;
      this.saved.className = isProblem ? "overdue" : "muted";
    });
    this.status = h("p", { class: "problem", role: "alert", hidden: true });
    this.near = h("div");
    this.phrases = h("div");
    this.photosOf = { store: ctx.store, engine: ctx.engine, draft: draft.id };
  }

  save() {
    this.data.found_at ??= nowStamp();
    return this.keeper.save().catch(() => {});
  }

  draw() {
    this.root.classList.add("has-foot");
    this.place = new PlaceField(this.known, this.data, { changed: () => this.changed(), typed: () => this.keeper.soon() });
    this.category = new CategoryField(this.known, this.data, () => this.changed());
    put(this.root,
      this.draft.mends && h("p", { class: "due-soon" }, words("这次上报被退回，请改好后重新提交。")),
      !this.draft.fresh && !this.draft.mends && h("p", { class: "count-line" }, h("span", { class: "muted" }, words("接着上次没填完的。")),
        h("button", { type: "button", class: "btn btn-link", onclick: () => this.startAnew() }, words("清空重填"))),
      this.section(words("照片"), this.photos()),
      this.section(words("位置"), this.place.element),
      this.section(words("类别"), this.category.element),
      this.section(words("情况说明"), this.description()),
      this.near,
      this.section(words("处置"), this.more()),
      h("div", { class: "foot" }, h("p", { class: "foot-state" }, this.saved), h("div", { class: "foot-row" },
        h("button", { type: "button", class: "btn btn-main", onclick: () => this.send() }, icon("upload"), words("上报")))));
    this.refresh();
  }

  section(title, ...children) { return h("section", { class: "section" }, h("h2", {}, title), children); }

  photos() {
    const reason = h("details", { open: Boolean(this.data.no_photo_reason) }, h("summary", {}, words("拍不了照片？")),
      field(words("没有照片的原因"), this.text("no_photo_reason", { maxlength: 100 })));
    const show = () => { reason.hidden = this.data.photos.length > 0; };
    show();
    return [photoField({
      ...this.photosOf, uuids: this.data.photos, main: true, label: words("现场照片"),
      onChange: async (uuids) => {
        this.data.photos = uuids;
        show();
        await this.save();
      },
      onPhoto: (photo) => this.place.offerPhoto(photo),
    }), reason];
  }

  text(name, { maxlength, long = false } = {}) {
    const control = h(long ? "textarea" : "input", { class: "input", maxlength, value: this.data[name] ?? "" });
    control.addEventListener("input", () => {
      this.data[name] = control.value;
      this.data.found_at ??= nowStamp();
      this.keeper.soon();
    });
    return control;
  }

  description() {
    this.words = this.text("description", { long: true, maxlength: 1000 });
    this.words.setAttribute("aria-label", words("情况说明"));
    this.words.placeholder = words("什么问题，在什么地方");
    return h("div", { class: "stack-tight" }, this.phrases, this.words);
  }

  more() {
    const urgent = h("label", { class: "tick" }, h("input", {
      type: "checkbox", checked: this.data.is_urgent,
      onchange: (event) => {
        this.data.is_urgent = event.target.checked;
        this.save();
      },
    }), words("紧急，影响安全或正在扩大"));
    const sources = this.can.sources ?? [];
    const source = sources.length > 1 && field(words("来源"), h("select", {
      class: "input", value: this.data.source,
      onchange: (event) => {
        this.data.source = event.target.value;
        this.save();
      },
    }, sources.map(([value, label]) => h("option", { value }, label))));
    return h("div", { class: "stack-tight" }, urgent, source, this.can.self_handle && this.selfHandled());
  }

  selfHandled() {
    const box = h("div", { class: "item-body stack", hidden: !this.data.self_handled });
    const drawBox = () => {
      const handled = this.data.self_handled;
      box.hidden = !handled;
      if (!handled) return fill(box);
      const measures = h("textarea", { class: "input", maxlength: 500, value: handled.measures });
      measures.addEventListener("input", () => {
        handled.measures = measures.value;
        this.keeper.soon();
      });
      return fill(box, field(words("怎么处理的"), measures), h("h3", {}, words("处理后照片")), photoField({
        ...this.photosOf, uuids: handled.photos, label: words("处理后照片"),
        onChange: async (uuids) => {
          handled.photos = uuids;
          await this.save();
        },
      }));
    };
    drawBox();
    return h("div", {}, h("label", { class: "tick" }, h("input", {
      type: "checkbox", checked: Boolean(this.data.self_handled),
      onchange: (event) => {
        this.data.self_handled = event.target.checked ? this.kept ?? { measures: "", photos: [] } : null;
        this.kept = this.data.self_handled ?? this.kept;
        drawBox();
        this.save();
      },
    }), words("已当场处理好")), box);
  }

  changed() {
    this.refresh();
    return this.save();
  }

  refresh() {
    fill(this.phrases, phraseButtons(phrasesOf(this.known, this.data.category_id), this.words, (text, categoryId) => {
      this.data.description = text;
      this.keeper.soon();
      if (!this.data.category_id) this.category.choose(categoryId, { focus: false });
    }));
    this.drawNear();
  }

  drawNear() {
    const tasks = tasksNear(this.known, { place: this.data.position, categoryId: this.data.category_id });
    if (!tasks.some((task) => task.number === this.data.near)) this.data.near = null;
    if (!tasks.length) return fill(this.near);
    return fill(this.near, h("section", { class: "section gaps" }, choices("report-near", [
      ...tasks.slice(0, 4).map((task) => ({
        value: task.number, label: words("是这件：{title}", { title: task.title }),
        sub: [task.number, task.state_name, metresWords(task.distance_m)].filter(Boolean).join(" · "),
      })),
      { value: "new", label: words("不是同一处，另立任务") },
    ], {
      value: this.data.near, legend: words("附近 {n} 件同类未结任务，是同一个问题吗？", { n: tasks.length }),
      onPick: (value) => {
        this.data.near = value;
        this.save();
      },
    })));
  }

  /** What still lacks, as [sentence, element to go to], or null. */
  lack() {
    const { data } = this;
    if (!data.photos.length && !data.no_photo_reason.trim()) return [words("请拍一张照片，或写明没有照片的原因"), this.root.querySelector(".section")];
    if (!this.place.isGiven) return [words("请给出位置：定位、地图、点位或地址"), this.place.element];
    if (!data.category_id) return [words("请选类别"), this.category.element];
    if (!data.description.trim()) return [words("请写情况说明"), this.words];
    if (data.self_handled && !data.self_handled.measures.trim()) return [words("请写怎么处理的"), this.status];
    return null;
  }

  async send() {
    const lack = this.lack();
    this.status.remove();
    if (lack) {
      const [text, element] = lack;
      this.status.textContent = text;
      this.status.hidden = false;
      element.before(this.status);
      this.status.scrollIntoView({ block: "center" });
      element.querySelector?.("input, select, button")?.focus({ preventScroll: true });
      return;
    }
    try {
      await this.save();
      await this.keeper.end();
      await this.ctx.engine.send({ ...itemOf(this.data, this.known), draft: this.draft.id });
    } catch (problem) {
      this.keeper.gone = false;
      await sheet({ title: words("没有提交"), body: [h("p", {}, words(problem.message))], actions: [{ label: words("知道了"), value: null }] });
      return;
    }
    rememberCategory(this.data.category_id);
    announce(words("已存入待上传"));
    this.ctx.go("#/outbox", { replace: true });
  }

  async startAnew() {
    const sure = await sheet({
      title: words("清空这份上报？"), body: [h("p", {}, words("已填的内容和照片会从手机上删除，不能恢复。"))],
      actions: [{ label: words("清空"), value: true, kind: "danger" }, { label: words("保留"), value: null }],
    });
    if (!sure) return;
    await this.keeper.end();
    await this.ctx.store.dropDraft(this.draft.id);
    this.ctx.go("#/report", { replace: true });
  }
}

/** The report as the contract has it. */
export function itemOf(data, known) {
  const { near, ...content } = data;
  const after = content.self_handled?.photos ?? [];
  return {
    kind: "report", title: known.categories.get(content.category_id)?.name ?? "", photos: [...content.photos, ...after],
    content: { ...content, description: content.description.trim(), no_photo_reason: content.photos.length ? "" : content.no_photo_reason.trim() },
    decisions: near ? { near: { report: near } } : {},
  };
}
