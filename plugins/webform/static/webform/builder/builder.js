// The form builder's page: its panels, tabs, keys and drawing. Each part stands in a module of its own.
import { placeOf } from "./definition.js";
import { announce, redraw } from "./dom.js";
import { inboxPanel } from "./inbox.js";
import { languagesPanel } from "./languages.js";
import { fieldsPanel, open, tellOpened } from "./list.js";
import { say } from "./page.js";
import { offerLanguages, reloadPreview, setUpPreview } from "./preview.js";
import { showProblems } from "./problems.js";
import { setUpPublishing } from "./publishing.js";
import { setUpSaving } from "./saving.js";
import { settingsPanel } from "./settings.js";
import { draw, forgetFollowers, store, tellFollowers, view } from "./state.js";

const PANELS = { fields: fieldsPanel, settings: settingsPanel, languages: languagesPanel, inbox: inboxPanel };
const panel = document.getElementById("fb-panel");
let isPointerDown = false;
let isWaiting = false;

/** Draw the open panel. Not while the pointer is down: the click would be lost with what it began on. */
function drawPanel() {
  if (isPointerDown) {
    isWaiting = true;
    return;
  }
  isWaiting = false;
  forgetFollowers();
  if (view.open && !placeOf(store.definition, view.open) && !store.definition.steps.some(({ id }) => id === view.open)) tellOpened((view.open = ""));
  redraw(panel, ...PANELS[view.panel]());
  for (const tab of document.querySelectorAll("[data-panel]")) {
    const isChosen = tab.dataset.panel === view.panel;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    if (isChosen) panel.setAttribute("aria-labelledby", tab.id);
  }
  showProblems();
}

function onChange({ isText }) {
  if (isText) tellFollowers();
  else drawPanel();
  offerLanguages();
  document.getElementById("fb-undo").disabled = !store.canUndo;
  document.getElementById("fb-redo").disabled = !store.canRedo;
}

function step(way) {
  if (!store[way === "undo" ? "canUndo" : "canRedo"]) return;
  const { stepAt, at } = placeOf(store.definition, view.open) ?? {};
  store[way]();
  const again = store.definition.steps[stepAt]?.fields[at]?.id;
  if (again && !view.open) {
    view.open = again;
    drawPanel();
  }
  announce(say(way === "undo" ? "undone" : "redone"));
}

function onKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const way = key === "z" ? (event.shiftKey ? "redo" : "undo") : key === "y" ? "redo" : "";
  if (way) {
    event.preventDefault();
    step(way);
  } else if (key === "s") event.preventDefault();
}

function setUpTabs() {
  const tabs = [...document.querySelectorAll("[data-panel]")];
  for (const tab of tabs) tab.addEventListener("click", () => show(tab.dataset.panel));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key] * (document.dir === "rtl" ? -1 : 1);
    if (!by) return;
    event.preventDefault();
    const next = tabs.at((tabs.indexOf(event.target) + by) % tabs.length);
    show(next.dataset.panel);
    next.focus();
  });
}

function show(name) {
  view.panel = name;
  panel.closest(".fb-scroll").scrollTop = 0;
  draw();
  tellOpened(name === "fields" ? view.open : "");
}

/** On narrow windows either the editor or the preview is seen. */
function setUpSides() {
  const page = document.getElementById("fb");
  for (const side of document.querySelectorAll("input[data-side]")) {
    side.addEventListener("change", () => {
      page.dataset.side = side.value;
    });
  }
}

function setUpPointer() {
  document.addEventListener(
    "pointerdown",
    () => {
      isPointerDown = true;
    },
    true,
  );
  for (const name of ["pointerup", "pointercancel", "dragend"]) {
    document.addEventListener(
      name,
      () => {
        isPointerDown = false;
        setTimeout(() => {
          if (isWaiting) drawPanel();
        }, 0);
      },
      true,
    );
  }
}

draw(drawPanel);
setUpTabs();
setUpSides();
setUpPointer();
store.listen(onChange);
document.addEventListener("keydown", onKey);
for (const way of ["undo", "redo"]) document.getElementById(`fb-${way}`).addEventListener("click", () => step(way));
drawPanel();
setUpPublishing();
setUpSaving(reloadPreview);
setUpPreview((id) => {
  if (!placeOf(store.definition, id)) return;
  view.panel = "fields";
  if (view.open !== id) open(id);
});
