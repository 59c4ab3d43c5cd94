// The page around the map of coverage debt: a row that is pointed at opens on the map, a point marks its row.

import { listen, tell } from '../maps/channel.js';

const frame = document.getElementById('map-frame');
const table = document.getElementById('debt-table');

table.addEventListener('click', (event) => {
  const row = event.target.closest('tr[data-code]');
  if (!row || event.target.closest('a') || String(window.getSelection())) return;
  tell(() => frame.contentWindow, 'open', { code: row.dataset.code });
  frame.scrollIntoView({ block: 'nearest' });
});

listen(() => frame.contentWindow, {
  picked: ({ code }) => {
    table.querySelectorAll('tr.is-picked').forEach((row) => row.classList.remove('is-picked'));
    const row = table.querySelector(`tr[data-code="${CSS.escape(code)}"]`);
    if (row) row.classList.add('is-picked');
  },
});
