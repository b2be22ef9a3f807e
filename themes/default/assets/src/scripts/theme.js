// The theme switch: applies at once, and stores the choice with the agent in the background.
import { post } from "./page.js";

export function setUpTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-theme-form]");
    const choice = event.submitter?.value;
    if (!form || !choice) return;
    event.preventDefault();
    const fields = new FormData(form);
    fields.set(event.submitter.name, choice);
    document.documentElement.dataset.theme = choice;
    for (const button of document.querySelectorAll("form[data-theme-form] button[name=theme]")) button.setAttribute("aria-pressed", String(button.value === choice));
    post(form.action, fields);
  });
}
