// Copies a text that stands on the page; on plain http, where a browser has no clipboard for pages,
// by way of a selection.

function bySelection(source) {
  const range = document.createRange();
  range.selectNodeContents(source);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  return document.execCommand('copy');
}

async function copied(source) {
  if (!navigator.clipboard) return bySelection(source);
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    return bySelection(source);
  }
}

document.addEventListener('click', async (event) => {
  const button = event.target.closest?.('[data-copy]');
  if (!button) return;
  const place = button.closest('li, .panel');
  const done = await copied(place.querySelector('[data-copy-source]'));
  place.querySelector('[data-copy-status]').textContent = done ? button.dataset.done : button.dataset.failed;
});
