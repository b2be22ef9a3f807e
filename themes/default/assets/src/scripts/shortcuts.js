// Keyboard: `data-key="r"` or `data-key="g i"` on an element makes that key (or sequence) press or focus it.
// J and K walk the rows of a list, X chooses one. Single keys can be switched off in the profile.
import { takesText } from "./page.js";

const SEQUENCE_MS = 1000;
let previous = { key: "", at: 0 };

export function setUpShortcuts() {
  if (document.body.dataset.shortcuts !== "on") return;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("form[data-composer] *")) event.target.blur();
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || takesText(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (press(event.key)) event.preventDefault();
  });
}

function press(key) {
  const sequence = Date.now() - previous.at < SEQUENCE_MS ? `${previous.key} ${key}` : "";
  previous = { key, at: Date.now() };
  const target = (sequence && find(sequence)) || find(key);
  if (target) return act(target);
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "x") return toggleRow();
  return false;
}

function find(keys) {
  const found = [...document.querySelectorAll("[data-key]")].filter((element) => element.dataset.key === keys);
  return found.find((element) => element.offsetParent !== null) ?? found[0];
}

function act(element) {
  if (element.dataset.listKey !== undefined) chooseCurrentRow();
  if (element.dataset.focuses) {
    element.click();
    document.getElementById(element.dataset.focuses)?.focus();
  } else if (takesText(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
  return true;
}

function currentRow() {
  return document.activeElement?.closest?.(".row");
}

function step(by) {
  const links = [...document.querySelectorAll(".row-link")];
  if (!links.length) return false;
  const here = links.indexOf(currentRow()?.querySelector(".row-link"));
  const next = links[Math.min(Math.max(here + by, 0), links.length - 1)];
  next.focus();
  next.closest(".row").scrollIntoView({ block: "nearest" });
  return true;
}

function toggleRow() {
  const box = currentRow()?.querySelector(".row-check");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

/** A list shortcut with nothing chosen means the row that has the focus. */
function chooseCurrentRow() {
  const box = currentRow()?.querySelector(".row-check");
  if (box && !document.querySelector(".row-check:checked")) box.checked = true;
}
