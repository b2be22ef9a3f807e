// Dialogs: `data-opens="ID"` opens one, `data-closes` closes it, `data-confirm="question"` asks before a button acts.
import { say } from "./page.js";

export function setUpDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    event.target.closest("[data-closes]")?.closest("dialog")?.close();
    if (event.target.matches("dialog[open]")) event.target.close();
  });
  document.addEventListener("click", onConfirm, true);
}

function onConfirm(event) {
  const button = event.target.closest("button[data-confirm]");
  if (!button || button.dataset.confirmed) return;
  event.preventDefault();
  event.stopPropagation();
  ask(button.dataset.confirm, button.textContent.trim(), button.classList.contains("danger")).then((yes) => {
    if (!yes) return;
    button.dataset.confirmed = "yes";
    button.click();
    delete button.dataset.confirmed;
  });
}

/** Ask a question in a dialog; resolves to true when it was confirmed. */
function ask(question, action, isDangerous) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector(".question").textContent = question;
  const confirm = dialog.querySelector("[value=yes]");
  confirm.textContent = action || say("confirm");
  confirm.classList.toggle("danger-fill", isDangerous);
  confirm.classList.toggle("primary", !isDangerous);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
