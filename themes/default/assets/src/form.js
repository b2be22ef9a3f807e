// The public contact form. It works without this file; this keeps it from being sent twice and tells an embedding page its height.
import { setUpTimezone } from "./scripts/timezone.js";

document.querySelectorAll("form[data-once]").forEach((form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    const button = form.querySelector("button[type=submit]");
    if (button?.dataset.sending) button.textContent = button.dataset.sending;
  });
  window.addEventListener("pageshow", () => delete form.dataset.sent);
});

document.querySelector(".problem-summary")?.focus();

if (window.parent !== window) {
  const tell = () => window.parent.postMessage({ tidings: "height", height: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);
  tell();
}

setUpTimezone();
