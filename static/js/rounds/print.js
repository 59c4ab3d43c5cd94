// The button that prints; without scripts the browser's own menu does it.

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
