// Says on the first page that an unsent report is kept in this browser.

for (const hint of document.querySelectorAll('[data-draft]')) {
  try {
    hint.hidden = !localStorage.getItem(`report-draft:${hint.dataset.draft}`);
  } catch {
    hint.hidden = true; // storage is switched off: no draft can be kept either
  }
}
