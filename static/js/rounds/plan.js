// The form of a new round: shows the fields that the chosen kind and draw need; the preview comes in place.

const form = document.querySelector('[data-round-plan]');
const preview = document.getElementById('round-preview');

function showNeeded() {
  for (const [attribute, value] of [['whenKind', form.elements.kind.value], ['whenDraw', form.elements.draw.value]]) {
    form.querySelectorAll(`[data-${attribute === 'whenKind' ? 'when-kind' : 'when-draw'}]`).forEach((part) => {
      part.hidden = !part.dataset[attribute].split(' ').includes(value);
    });
  }
}
form.addEventListener('change', showNeeded);
showNeeded();

/** Sends the form for a preview and puts only what comes back about the draw in place. */
async function ask(step) {
  const body = new FormData(form);
  body.set('step', step);
  preview.setAttribute('aria-busy', 'true');
  const answer = await fetch(form.action, { method: 'POST', body });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('round-preview');
  if (!fresh || answer.redirected) return false;
  preview.removeAttribute('aria-busy');
  const problems = page.querySelector('.round-steps > .alert');
  form.querySelector('.round-steps > .alert')?.remove();
  if (problems) {
    form.querySelector('.round-steps').prepend(problems);
    problems.scrollIntoView({ block: 'center' });
  }
  preview.replaceChildren(...fresh.childNodes);
  if (!problems && preview.getBoundingClientRect().top > window.innerHeight - 120) preview.scrollIntoView({ block: 'start' });
  form.elements.seed.value = page.getElementById('seed').value;
  // The unit's people are known only now; who was chosen already stays chosen.
  const people = page.querySelector('.round-people');
  const shown = form.querySelector('.round-people');
  if (people && shown) shown.replaceWith(people);
  else if (people) document.querySelector('#inspectors .form-hint')?.replaceWith(people);
  return true;
}

form.addEventListener('submit', (event) => {
  const step = event.submitter?.value;
  if (step !== 'preview' && step !== 'seed') return;
  event.preventDefault();
  ask(step).catch(() => form.submit());
});
