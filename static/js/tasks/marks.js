// Draws lines, arrows, rings and words as SVG; tracker/tasks/drawing_shown.py draws the same on the server.

const SVG = "http://www.w3.org/2000/svg";
const LETTERS = 11;

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

const joined = (points) => `M${points.map(([x, y]) => `${Math.round(x)} ${Math.round(y)}`).join(" L")}`;

function head(start, end, size) {
  const angle = Math.atan2(end[1] - start[1], end[0] - start[0]);
  const side = (turn) => [end[0] - size * Math.cos(angle + turn), end[1] - size * Math.sin(angle + turn)];
  return ` ${joined([side(0.5), end, side(-0.5)])}`;
}

function outline(kind, points, unit) {
  const first = points[0];
  const last = points.at(-1);
  if (kind === "ring") {
    return element("ellipse", {
      cx: (first[0] + last[0]) / 2, cy: (first[1] + last[1]) / 2,
      rx: Math.abs(last[0] - first[0]) / 2, ry: Math.abs(last[1] - first[1]) / 2,
    });
  }
  return element("path", { d: joined(points) + (kind === "arrow" ? head(first, last, 42 * unit) : "") });
}

/** Words never leave the picture: broken into lines, standing to the side where there is room. */
function words(text, [x, y], unit, width, height) {
  const letters = [...text];
  const lines = [];
  for (let start = 0; start < letters.length; start += LETTERS) lines.push(letters.slice(start, start + LETTERS).join(""));
  const step = 52 * unit;
  const top = Math.max(step, Math.min(y, height - step * (lines.length - 1) - 12 * unit));
  const made = element("text", { x, y: top, "text-anchor": x > width / 2 ? "end" : "start", "font-size": 44 * unit });
  lines.forEach((line, number) => {
    const span = element("tspan", { x, dy: number ? step : 0 });
    span.textContent = line;
    made.append(span);
  });
  return made;
}

/** Replace what `svg` shows by `shapes`; `project` turns a stored point into one of the picture, `unit` is a thousandth of a photo's width there. */
export function drawMarks(svg, shapes, { project, unit, width, height }) {
  const halo = element("g", { class: "mark-halo" });
  const marks = element("g", { class: "mark" });
  for (const shape of shapes) {
    const points = shape.points.map(project);
    if (shape.kind === "text") {
      marks.append(words(shape.text, points[0], unit, width, height));
    } else {
      halo.append(outline(shape.kind, points, unit));
      marks.append(outline(shape.kind, points, unit));
    }
  }
  svg.replaceChildren(halo, marks);
}

/** Keep `shapes()` drawn over a map while it is moved and zoomed; the picture then counts pixels. */
export function marksOnMap(map, svg, shapes) {
  const draw = () => {
    const { x: width, y: height } = map.getSize();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const project = ([lon, lat]) => {
      const { x, y } = map.latLngToContainerPoint([lat, lon]);
      return [x, y];
    };
    drawMarks(svg, shapes(), { project, unit: 0.36, width, height });
  };
  map.on("move zoom zoomend resize", draw);
  draw();
  return draw;
}
