// Knows how the fields of a filter stand in the address: by their names, empty ones left out.

/** Puts the fields of a form into arguments; two days the wrong way round change places. */
export function intoArgs(form, args) {
  const { from, to } = form.elements;
  if (from?.value && to?.value && from.value > to.value) [from.value, to.value] = [to.value, from.value];
  for (const { name, value } of [...form.elements].filter((field) => field.name)) {
    args.delete(name);
    if (value.trim()) args.set(name, value.trim());
  }
  return args;
}

/** Says how many of the folded fields are in use, and folds them again when the person goes elsewhere. */
export function foldable(form) {
  const more = form.querySelector('details');
  const count = more?.querySelector('[data-count-of]');
  if (!more) return;
  const tell = () => {
    const used = [...more.querySelectorAll('select, input')].filter(({ value }) => value).length;
    count.textContent = used || '';
    count.hidden = !used;
  };
  form.addEventListener('change', tell);
  tell();
  const close = () => { more.open = false; };
  document.addEventListener('click', (event) => { if (!more.contains(event.target)) close(); });
  // A click in the map's frame is none of this page.
  window.addEventListener('blur', () => { if (document.activeElement?.tagName === 'IFRAME') close(); });
  more.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    close();
    more.querySelector('summary').focus();
  });
}
