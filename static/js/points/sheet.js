// The button that prints the labels.

document.querySelector('[data-print]')?.addEventListener('click', () => window.print());
