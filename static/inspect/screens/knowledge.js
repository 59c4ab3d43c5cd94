// Knows how the downloaded package is read: points, the items of a point, rounds, categories, open tasks near a place.

import { metres } from "./distance.js";

/** Open tasks of one category this near and this fresh are offered for joining, as on the server. */
export const NEAR_M = 50;
export const NEAR_DAYS = 7;

const OPEN = new Set(["reported", "filed", "dispatched", "handling", "submitted", "suspended"]);

/** The package with its lists turned into maps; made once for each screen. */
export function knowledge(box) {
  const byId = (list) => new Map((list ?? []).map((one) => [one.id, one]));
  const points = byId(box.points);
  const types = new Map((box.site_types ?? []).map((type) => [type.code, type]));
  return {
    box, points, types,
    categories: byId(box.categories),
    typeName: (point) => types.get(point.site_type)?.name ?? "",
    pointByCode: (code) => box.points.find((point) => point.code === code) ?? null,
    groups: (point) => groupsOf(box, point),
    roundsOf: (point) => (box.rounds ?? []).filter((round) => round.points.some((one) => one.point_id === point.id)),
    openTasks: () => openTasks(box),
  };
}

/** [{key, title, edition, items}]: the common block, the type's own items, then each card. */
function groupsOf(box, point) {
  const groups = [];
  for (const edition of box.editions ?? []) {
    const common = edition.items.filter((item) => item.site_type === null);
    const own = edition.items.filter((item) => item.site_type === point.site_type);
    if (edition.kind === "checklist") {
      if (common.length) groups.push({ key: `${edition.code}-common`, title: "common", edition, items: common });
      if (own.length) groups.push({ key: `${edition.code}-own`, title: "own", edition, items: own });
    } else if (own.length) {
      groups.push({ key: edition.code, title: "card", edition, items: [...common, ...own] });
    }
  }
  return groups;
}

/** The round in which a visit of this point counts: given by `wanted`, else the one due first that still lacks it. */
export function roundFor(known, point, wanted = null) {
  const fitting = known.roundsOf(point).filter((round) => round.points.some((one) => one.point_id === point.id && one.mine));
  const missing = fitting.filter((round) => round.points.some((one) => one.point_id === point.id && !one.visited_at));
  return fitting.find((round) => round.id === wanted)
    ?? [...missing].sort((a, b) => a.due_on.localeCompare(b.due_on))[0] ?? null;
}

/** Every open task that the package knows, each once, by number. */
function openTasks(box) {
  const found = new Map();
  for (const point of box.points) {
    for (const task of point.open_tasks ?? []) {
      found.set(task.number, { ...task, lon: task.lon ?? point.lon, lat: task.lat ?? point.lat, point });
    }
  }
  for (const task of box.tasks ?? []) {
    if (OPEN.has(task.state)) found.set(task.number, { ...found.get(task.number), ...task });
  }
  return [...found.values()];
}

/** Open tasks of `categoryId` within 50 m of `place` in the last 7 days, nearest first, with `distance_m`. */
export function tasksNear(known, { place, categoryId }, now = new Date()) {
  if (!place || !categoryId) return [];
  const since = now - NEAR_DAYS * 24 * 3600e3;
  return known.openTasks()
    .filter((task) => task.category_id === categoryId && (!task.reported_at || new Date(task.reported_at) >= since))
    .map((task) => ({ ...task, distance_m: metres(place, task) }))
    .filter((task) => task.distance_m <= NEAR_M)
    .sort((a, b) => a.distance_m - b.distance_m);
}

/** What a failed item of a point may join: open tasks there of the same item, else those of its category near by. */
export function tasksForItem(known, point, item, now = new Date()) {
  const same = (point.open_tasks ?? []).filter((task) => task.item_id === item.id);
  const numbers = new Set(same.map((task) => task.number));
  const near = tasksNear(known, { place: point, categoryId: item.category_id }, now).filter((task) => !numbers.has(task.number));
  return [...same.map((task) => ({ ...task, same_item: true })), ...near];
}

/** Phrases for a category, at most `limit`. */
export const phrasesOf = (known, categoryId, limit = 6) =>
  (known.box.phrases ?? []).filter((phrase) => !categoryId || phrase.category_id === categoryId).slice(0, limit);
