// Knows how a long select is chosen from by typing: a field above it that picks the first option that fits.

/** Gives a select a field that filters it; Enter accepts and leaves, the arrows go to the next that fits. */
export function filterable(select, { find, missing }) {
  if (select.dataset.filtered) return;
  select.dataset.filtered = "1";
  const label = document.querySelector(`label[for="${select.id}"]`);
  const input = document.createElement("input");
  Object.assign(input, { type: "search", id: `${select.id}-filter`, className: "form-control desk-filter", autocomplete: "off", maxLength: 40 });
  input.dataset.filterOf = select.name;
  input.placeholder = find;
  input.setAttribute("aria-label", `${label?.textContent ?? ""} ${find}`);
  input.setAttribute("aria-controls", select.id);
  select.before(input);

  const fitting = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return [...select.options].filter((option) => option.value && words.every((word) => option.label.toLowerCase().includes(word)));
  };
  const choose = (option) => {
    input.setCustomValidity(option ? "" : missing);
    input.classList.toggle("is-invalid", !option);
    if (!option || option.selected) return;
    option.selected = true;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const look = (event) => {
    if (event.isComposing) return;
    if (input.value.trim()) choose(fitting()[0]);
    else choose(select.selectedOptions[0]);
  };
  input.addEventListener("input", look);
  input.addEventListener("compositionend", () => look({}));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      input.closest("[data-case]")?.querySelector("[data-title]")?.focus();
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const found = fitting();
    choose(found[(found.findIndex((option) => option.selected) + by + found.length) % found.length] ?? select.selectedOptions[0]);
  });
}
