// Making elements without markup in strings, and speaking to the person: the live region and toasts.
import { iconAddress, say } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "indeterminate", "open", "required", "selected"]);
const TOAST_MS = 8000;
let lastId = 0;

/**
 * An element: `h("p", { class: "help", onclick: act }, "text", child)`. Children that are null or false are left out. `key` names
 * what should have the focus again after the part was drawn anew.
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || (value === false && !PROPERTIES.has(name))) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "key") element.dataset.hold = value;
    else if (!PROPERTIES.has(name)) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  for (const name of PROPERTIES) if (name in properties) element[name] = properties[name];
  return element;
}

export function icon(name, extra = "") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", `icon ${extra}`.trim());
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", iconAddress(name));
  drawing.append(use);
  return drawing;
}

/** A button that shows an icon alone; its name is read and shown on hover. */
export function iconButton(iconName, label, act, properties = {}) {
  const { class: extra = "", ...others } = properties;
  return h(
    "button",
    { type: "button", class: `button quiet icon-only small ${extra}`, "aria-label": label, title: label, onclick: act, ...others },
    icon(iconName),
  );
}

/** Do something once the focus has moved: what is drawn anew while a control is being left would be lost to whoever takes the focus. */
export function afterwards(act) {
  setTimeout(act, 0);
}

export function uniqueId(stem = "fb") {
  lastId += 1;
  return `${stem}-${lastId}`;
}

/** Let screen readers say a sentence. */
export function announce(sentence) {
  const region = document.getElementById("fb-live");
  region.textContent = "";
  setTimeout(() => {
    region.textContent = sentence;
  }, 60);
}

/** Show a sentence for a while, with one thing to do about it. */
export function toast(sentence, action = "", act = null) {
  const box = h("div", { class: "toast", "data-started": "yes" }, h("span", {}, sentence));
  const undo =
    action &&
    h(
      "button",
      {
        type: "button",
        class: "undo",
        onclick: () => {
          box.remove();
          act();
        },
      },
      action,
    );
  box.append(undo || h("button", { type: "button", class: "dismiss" }, say("dismiss")));
  document.querySelectorAll("#toasts .toast").forEach((old) => old.remove());
  document.getElementById("toasts").append(box);
  setTimeout(() => leave(box), TOAST_MS);
}

function leave(box) {
  if (box.matches(":hover") || box.contains(document.activeElement)) setTimeout(() => leave(box), 1500);
  else box.remove();
}

/** Draw a part anew; the focus, the selection in a text and the scroll position stay where they were. */
export function redraw(place, ...children) {
  const held = holdFocus(place);
  const scrolled = place.closest(".fb-scroll");
  const top = scrolled?.scrollTop;
  place.replaceChildren(...children.filter(Boolean));
  if (scrolled) scrolled.scrollTop = top;
  held();
}

const FOCUSABLE = "button, input, select, textarea, summary, a[href]";

/** Gives what puts the focus back: on the element with the same key, or else at the same place in the order of tabbing. */
function holdFocus(place) {
  const active = document.activeElement;
  if (!place.contains(active)) return () => {};
  const key = active.closest("[data-hold]")?.dataset.hold;
  const at = [...place.querySelectorAll(FOCUSABLE)].indexOf(active);
  const range = "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  return () => {
    const again = key ? focusKey(place, key) : place.querySelectorAll(FOCUSABLE)[at];
    if (!key) again?.focus({ preventScroll: true });
    if (again && range && range[0] !== null && "setSelectionRange" in again) again.setSelectionRange(...range);
  };
}

/** Let the focus find its way when a part of the keys is about to change. */
export function renameKeys(place, part, newPart) {
  for (const element of place.querySelectorAll("[data-hold]")) {
    element.dataset.hold = element.dataset.hold
      .split(":")
      .map((one) => (one === part ? newPart : one))
      .join(":");
  }
}

/** Focus the element with this key; gives it, or null. */
export function focusKey(place, key) {
  const found = place.querySelector(`[data-hold="${CSS.escape(key)}"]`);
  found?.focus({ preventScroll: true });
  return found;
}
