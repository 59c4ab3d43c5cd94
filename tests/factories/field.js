// The page's side of the offline tests: fills the phone's real outbox as the screens do, and starts the real sender.
// Evaluated as one function in a page of the server; leaves its things in window.field.

async ({ retry, forget }) => {
  const at = (name) => import(`/static/inspect/${name}.js`);
  const [{ openStore }, { Engine }, { Outbox }, { newUuid }, { knowledge }] = await Promise.all(
    ["db", "engine", "outbox", "uuid", "screens/knowledge"].map(at),
  );

  /** The negative control: what did not arrive at once is forgotten. */
  class ForgettingOutbox extends Outbox {
    postpone(uuid) { return this.remove(uuid); }
  }

  const store = await openStore();
  const engine = new Engine({ store, OutboxKind: forget ? ForgettingOutbox : Outbox, options: { retry } });

  /** Noise is what JPEG makes least small: each photo is larger than one piece (256 kB) and none is like another. */
  async function picture(width, height) {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(width, height);
    const words = new Uint32Array(pixels.data.buffer);
    for (let from = 0; from < words.length; from += 16384) crypto.getRandomValues(words.subarray(from, from + 16384));
    for (let index = 3; index < pixels.data.length; index += 4) pixels.data[index] = 255;
    context.putImageData(pixels, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
    return new File([blob], "photo.jpg", { type: "image/jpeg" });
  }

  async function photos(count, draft, position) {
    const made = [];
    for (let index = 0; index < count; index += 1) {
      made.push(await engine.addPhoto(await picture(760, 570), { draft, position, taken_at: new Date().toISOString() }));
    }
    return made;
  }

  function visitContent(point, groups, photo) {
    const answers = groups.flatMap((group) => group.items).map((item) => ({ item_id: item.id, result: "conform", note: "", photos: [] }));
    if (photo.length) answers[0] = { ...answers[0], photos: photo.map((one) => one.uuid) };
    return {
      point_id: point.id, point_version: point.version, round_id: null, note: "", answers,
      position: { lon: point.lon, lat: point.lat, accuracy_m: 9, method: "gps" },
    };
  }

  const fill = {
    async visit(index, box, known, withPhotos, draft) {
      const point = box.points[index % box.points.length];
      const made = await photos(withPhotos, draft, { lon: point.lon, lat: point.lat });
      return { title: point.name, content: visitContent(point, known.groups(point), made), made };
    },
    async report(index, box, known, withPhotos, draft) {
      // 100 m apart, or of another category: nothing nearby to be asked about
      const cell = index % 272;
      const position = { lon: 113.347 + (cell % 17) * 0.001, lat: 22.037 + Math.floor(cell / 17) * 0.001, accuracy_m: 8, method: "gps" };
      const made = await photos(withPhotos, draft, position);
      const category = box.categories[Math.floor(index / 272) % box.categories.length];
      return {
        title: category.name, made,
        content: {
          category_id: category.id, description: `第 ${index + 1} 处`, source: "inspection", found_at: new Date().toISOString(),
          is_urgent: false, position, address: "", community_code: null, point_id: null,
          no_photo_reason: made.length ? "" : "测试", photos: made.map((one) => one.uuid),
        },
      };
    },
    async submit(index, box, known, withPhotos, draft) {
      const task = box.tasks[index];
      const made = await photos(withPhotos, draft, null);
      return {
        title: task.title, made,
        content: {
          number: task.number, version: task.version, measures: "已清理", no_photo_reason: made.length ? "" : "测试",
          photos: made.map((one) => one.uuid),
        },
      };
    },
  };

  window.field = {
    engine, store,
    async prepare() {
      await engine.session.refresh();
      await engine.download();
    },
    /** `plan`: [[kind, count, every, photos], …]: every so-manieth item gets that many photos. -> what was put in. */
    async fill(plan) {
      const box = await store.package();
      const known = knowledge(box);
      const put = [];
      for (const [kind, count, every, many] of plan) {
        for (let index = 0; index < count; index += 1) {
          const draft = newUuid();
          await store.putDraft({ id: draft, kind, subject: "", data: {} });
          const { title, content, made } = await fill[kind](index, box, known, every && index % every === 0 ? many : 0, draft);
          const item = await engine.send({ kind, title, content, photos: made, draft });
          put.push({ uuid: item.uuid, kind, subject: item.subject, seq: item.seq, photos: item.photos });
        }
      }
      return put;
    },
    start() { engine.sender.start(); },
    left() { return store.run((db) => db.count("outbox")); },
    async states() { return (await engine.outbox.items()).map(({ state, problem, question, kind }) => ({ state, kind, problem, question })); },
  };
  return true;
}
