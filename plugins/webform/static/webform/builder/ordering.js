// Ordering by drag with SortableJS, and by keyboard for fields: Alt and an arrow on a field, an arrow alone on its handle.
import { placeOf, spoken } from "./definition.js";
import { announce, focusKey } from "./dom.js";
import { moveField, moveFieldBy } from "./edits.js";
import { say } from "./page.js";
import { draw, store } from "./state.js";

const LOOKS = {
  animation: 140,
  forceFallback: true,
  fallbackTolerance: 4,
  ghostClass: "fb-ghost",
  dragClass: "fb-dragged",
  chosenClass: "fb-chosen",
  scrollSensitivity: 70,
  scrollSpeed: 12,
};

/** Let the rows of one list be dragged; `onmove(from, to)` changes the definition, after which all is drawn anew. */
export function sortable(list, { handle, onmove }) {
  window.Sortable.create(list, {
    ...LOOKS,
    handle,
    onEnd: ({ oldIndex, newIndex }) => (oldIndex === newIndex ? draw() : onmove(oldIndex, newIndex)),
  });
}

/** Let fields be dragged within the list of a step and into those of others. */
export function sortableFields(list) {
  window.Sortable.create(list, {
    ...LOOKS,
    handle: ".fb-grip",
    group: "fields",
    draggable: ".fb-row",
    filter: ".fb-inspector *",
    preventOnFilter: false,
    onStart: () => document.getElementById("fb-panel").classList.add("is-dragging"),
    onEnd: (event) => {
      document.getElementById("fb-panel").classList.remove("is-dragging");
      const stepAt = store.definition.steps.findIndex(({ id }) => id === event.to.dataset.step);
      store.edit((d) => moveField(d, event.item.dataset.id, stepAt, event.newDraggableIndex));
      draw();
      tellPlace(event.item.dataset.id);
    },
  });
}

/** Move a field by keyboard or button and keep the focus on what moved it. */
export function moveBy(id, by, key) {
  const moved = store.edit((d) => moveFieldBy(d, id, by));
  if (!moved) return announce(say(by < 0 ? "already_first" : "already_last"));
  const panel = document.getElementById("fb-panel");
  const focused = focusKey(panel, key);
  if (!focused || focused.disabled) focusKey(panel, `open:${id}`);
  panel.querySelector(`.fb-row[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" });
  return tellPlace(id);
}

function tellPlace(id) {
  const { step, at } = placeOf(store.definition, id);
  const place = say("position", { position: at + 1, count: step.fields.length });
  const name = spoken(step.title, store.definition);
  announce(name && store.definition.steps.length > 1 ? say("position_in", { place, name }) : place);
}

/** What keys do on a row that is not being typed in. */
export function onRowKey(event, id) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const isGrip = event.target.closest(".fb-grip") !== null;
  if (!by || event.ctrlKey || event.metaKey || !(event.altKey || isGrip)) return;
  event.preventDefault();
  moveBy(id, by, event.target.closest("[data-hold]")?.dataset.hold ?? `open:${id}`);
}
