// The palette: every kind of field with its icon and one line about it, in a dialog. Arrow keys walk it.
import { placesOf } from "./definition.js";
import { h, icon } from "./dom.js";
import { GROUPS, freshField, kindName, kindOf } from "./kinds.js";
import { say } from "./page.js";
import { baseOf } from "./definition.js";
import { store } from "./state.js";

/** Let somebody choose a kind; `chosen(field)` gets a fresh field of it. */
export function openPalette(chosen) {
  const dialog = h(
    "dialog",
    { class: "dialog fb-palette", "aria-labelledby": "fb-palette-title" },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "fb-palette-title" }, say("palette.title")),
      h("button", { type: "button", class: "button quiet icon-only", "data-closes": "", "aria-label": say("close") }, icon("x")),
    ),
    h(
      "div",
      { class: "dialog-body" },
      GROUPS.map(([title, kinds]) =>
        group(title, kinds, (kind) => {
          dialog.close();
          const roles = new Set(placesOf(store.definition).map(({ field }) => field.becomes));
          chosen(freshField(kind, baseOf(store.definition), roles));
        }),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("keydown", walk);
  document.body.append(dialog);
  dialog.showModal();
  dialog.querySelector(".fb-offer").focus();
}

function group(title, kinds, choose) {
  return h(
    "section",
    { class: "fb-offers" },
    h("h3", {}, say(title)),
    h(
      "div",
      { class: "fb-offer-grid" },
      kinds.map((kind) =>
        h(
          "button",
          { type: "button", class: "fb-offer", onclick: () => choose(kind) },
          h("span", { class: `fb-kind hue-${kindOf(kind).hue}` }, icon(kindOf(kind).icon)),
          h("span", {}, h("strong", {}, kindName(kind)), h("span", { class: "fb-offer-about" }, say(`kinds.${kind}.about`))),
        ),
      ),
    ),
  );
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const offers = [...event.currentTarget.querySelectorAll(".fb-offer")];
  const here = offers.indexOf(document.activeElement);
  if (!step || here < 0) return;
  event.preventDefault();
  offers.at((here + step) % offers.length).focus();
}
