// Knows how the screens make elements: text only as text, no markup in strings, no inline style.

const SVG = "http://www.w3.org/2000/svg";
const SPRITE = "/static/inspect/icons.svg";
let counter = 0;

const asProperty = new Set(["value", "checked", "disabled", "hidden", "open", "selected", "srcObject", "muted", "autoplay", "playsInline"]);

function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = Array.isArray(value) ? value.filter(Boolean).join(" ") : value;
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (asProperty.has(name)) element[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/** An element: `h("button", {class: "btn", onclick: act}, icon("camera"), "拍照")`; null and false children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const late = [];
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "value") late.push([name, value]); // a select takes its value only after its options
    else set(element, name, value);
  }
  put(element, ...children);
  for (const [name, value] of late) set(element, name, value);
  return element;
}

/** Append children, nested lists too; strings and numbers become text. */
export function put(element, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

/** Replace everything inside `element`. */
export function fill(element, ...children) {
  element.replaceChildren();
  return put(element, ...children);
}

/** A drawing of the own sprite; says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  svg.append(use);
  return svg;
}

export const newId = (stem) => `${stem}-${(counter += 1)}`;

/** Say a thing to who cannot see it; the newest words replace the older ones. */
export function announce(text) {
  const live = document.getElementById("live");
  if (live) live.textContent = text;
}

/** `act` once nothing was asked for `wait` milliseconds; `.now()` carries a waiting one out at once. */
export function later(act, wait) {
  let timer = null;
  const run = () => {
    timer = null;
    return act();
  };
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(run, wait);
  };
  soon.now = () => {
    if (timer === null) return undefined;
    clearTimeout(timer);
    return run();
  };
  return soon;
}

/** A sheet from below. Resolves to the value of the button pressed, or null when it was closed. */
export function sheet({ title, body = [], actions, narrow = false }) {
  return new Promise((resolve) => {
    const id = newId("sheet");
    let answer = null;
    const box = h("dialog", { class: ["sheet", narrow && "sheet-narrow"], "aria-labelledby": id },
      h("h2", { id }, title),
      h("div", { class: "sheet-body" }, body),
      h("div", { class: "sheet-actions" }, actions.map(({ label, value, kind = "quiet" }) => h("button", {
        type: "button", class: ["btn", `btn-${kind}`],
        onclick: () => {
          answer = value;
          box.close();
        },
      }, label))));
    box.answer = (value) => {
      answer = value;
      box.close();
    };
    const leave = () => box.close();
    window.addEventListener("hashchange", leave); // the way back leaves the sheet too
    box.addEventListener("close", () => {
      window.removeEventListener("hashchange", leave);
      box.remove();
      resolve(answer);
    });
    document.body.append(box);
    box.showModal();
  });
}

/** A labelled field; `control` gets the label, the help and the error by id. */
export function field(label, control, { help = "", hidden = false } = {}) {
  const id = control.id || newId("field");
  control.id = id;
  const hint = help ? h("p", { class: "hint", id: `${id}-help` }, help) : null;
  if (hint) control.setAttribute("aria-describedby", hint.id);
  return h("div", { class: "field", hidden }, h("label", { for: id }, label), control, hint);
}
