// Toasts: what the server left in #toasts, undo offers that run out, and messages of scripts.
import { say } from "./page.js";

const SHOWN_MS = 6000;

export function setUpToasts() {
  const region = document.getElementById("toasts");
  if (!region) return;
  const startAll = () => region.querySelectorAll(".toast").forEach(start);
  new MutationObserver(startAll).observe(region, { childList: true });
  startAll();
  region.addEventListener("click", (event) => event.target.closest(".dismiss")?.closest(".toast").remove());
}

/** Show a sentence; `kind` is info or error. Errors stay until dismissed. */
export function showToast(text, kind = "info") {
  const toast = document.createElement("div");
  toast.className = `toast ${kind}`;
  const sentence = document.createElement("span");
  sentence.textContent = text;
  const dismiss = document.createElement("button");
  dismiss.type = "button";
  dismiss.className = "dismiss";
  dismiss.textContent = say("dismiss");
  toast.append(sentence, dismiss);
  document.getElementById("toasts").append(toast);
}

function start(toast) {
  if (toast.dataset.started || toast.classList.contains("error")) return;
  toast.dataset.started = "yes";
  const shownMs = Number(toast.dataset.seconds ?? 0) * 1000 || SHOWN_MS;
  const clock = toast.querySelector(".toast-clock");
  clock?.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: shownMs, fill: "forwards" });
  const isUndo = toast.dataset.seconds !== undefined;
  waitThenRemove(toast, shownMs, isUndo);
}

/** An undo offer ends on time; any other toast waits while the pointer or the focus is on it. */
function waitThenRemove(toast, ms, isUndo) {
  setTimeout(() => {
    if (!isUndo && (toast.matches(":hover") || toast.contains(document.activeElement))) waitThenRemove(toast, 1500, isUndo);
    else toast.remove();
  }, ms);
}
