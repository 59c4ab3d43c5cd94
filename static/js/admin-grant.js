// Shows the inputs that the chosen role needs; a hidden one is not sent.
const form = document.querySelector("[data-grant]");

function fit() {
  const role = form.elements.role.value;
  for (const kind of ["area", "unit"]) {
    const needed = form.dataset[`${kind}Roles`].split(" ").includes(role);
    const part = form.querySelector(`[data-for="${kind}"]`);
    part.hidden = !needed;
    part.querySelector("select").disabled = !needed;
  }
}

if (form) {
  form.elements.role.addEventListener("change", fit);
  fit();
}
