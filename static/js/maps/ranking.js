// Knows how the table of communities is ranked: by one figure, the most first, or by town as it came.

/** Makes the heads with data-rank pressable; `told` hears the chosen figure, '' for the order by town. */
export function rankBy(table, first, told) {
  const heads = [...table.querySelectorAll('th[data-rank]')];
  const bodies = [...table.tBodies].map((body) => [body, [...body.rows]]);
  const ranked = document.createElement('tbody');
  let chosen = heads.some((head) => head.dataset.rank === first) ? first : '';

  const figure = (row) => Number(row.querySelector(`[data-figure="${chosen}"]`).textContent.replaceAll(',', ''));

  function arrange() {
    heads.forEach((head) => head.setAttribute('aria-sort', head.dataset.rank === chosen ? 'descending' : 'none'));
    for (const [body, rows] of bodies) body.replaceChildren(...rows);
    ranked.remove();
    if (!chosen) return;
    const rows = bodies.flatMap(([, members]) => members.filter((row) => row.dataset.code));
    ranked.replaceChildren(...rows.sort((a, b) => figure(b) - figure(a)));
    for (const [body] of bodies) body.replaceChildren();
    table.append(ranked);
  }

  for (const head of heads) {
    head.querySelector('button').addEventListener('click', () => {
      chosen = chosen === head.dataset.rank ? '' : head.dataset.rank;
      told(chosen);
      arrange();
    });
  }
  arrange();
  return { again: arrange };
}
