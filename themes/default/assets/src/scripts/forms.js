// All forms: a form is sent once, selects marked `data-submits` send their form, copy buttons copy.

export function setUpForms() {
  document.addEventListener("submit", onSubmit);
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", onCopy);
}

/** A second submit of a form that is on its way does nothing. The page comes back fresh, also from the back button. */
function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.matches("[hx-post]") || event.submitter?.formTarget) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  window.addEventListener("pageshow", () => delete form.dataset.sent, { once: true });
}

function onCopy(event) {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copies);
  navigator.clipboard?.writeText(source.value ?? source.textContent.trim()).then(() => {
    const before = button.querySelector(".label").textContent;
    button.querySelector(".label").textContent = button.dataset.copied;
    setTimeout(() => { button.querySelector(".label").textContent = before; }, 2000);
  });
}
