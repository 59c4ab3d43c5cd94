// Knows what was done since the package was made: it waits in the outbox, or its receipt is kept.

const idIn = (subject) => subject.slice(subject.indexOf(":") + 1);

async function doneSince(box, store, kind) {
  const [items, receipts] = await Promise.all([store.outbox(), store.receipts()]);
  const since = new Date(box.made_at);
  return {
    waiting: items.filter((item) => item.kind === kind),
    received: receipts.filter((one) => one.kind === kind && one.subject && new Date(one.received_at) > since),
  };
}

/** Visits that the package does not know yet: [{point_id, round_id (undefined when not known), state: "waiting" or "sent"}]. */
export async function visitsSince(box, store) {
  const { waiting, received } = await doneSince(box, store, "visit");
  return [
    ...received.map(({ subject, receipt }) => ({ point_id: Number(idIn(subject)), round_id: receipt?.round_id, state: "sent" })),
    ...waiting.map(({ content }) => ({ point_id: content.point_id, round_id: content.round_id, state: "waiting" })),
  ];
}

/** Points visited in an open round or since the package was made: id → "sent" or "waiting". */
export async function visitedPoints(box, store) {
  const inRounds = (box.rounds ?? []).flatMap((round) => round.points).filter((one) => one.visited_at);
  const found = new Map(inRounds.map((one) => [one.point_id, "sent"]));
  for (const { point_id: id, state } of await visitsSince(box, store)) found.set(id, state);
  return found;
}

/** Numbers of tasks whose submission waits in the outbox, and of those received since the package was made. */
export async function submittedTasks(box, store) {
  const { waiting, received } = await doneSince(box, store, "submit");
  return { waiting: new Set(waiting.map(({ content }) => content.number)), received: new Set(received.map(({ subject }) => idIn(subject))) };
}
