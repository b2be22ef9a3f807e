// The list of fields by step: order, opening, adding, duplicating, removing. What an opened field shows is the inspector's.
import { conditionEditor, conditionWords } from "./conditions.js";
import { textControl } from "./controls.js";
import { placeOf, spoken } from "./definition.js";
import { announce, focusKey, h, icon, iconButton, toast } from "./dom.js";
import { addField, addStep, duplicateField, moveStepBy, removeField, removeStep } from "./edits.js";
import { inspector } from "./inspector.js";
import { kindName, kindOf } from "./kinds.js";
import { moveBy, onRowKey, sortableFields } from "./ordering.js";
import { noteMade } from "./naming.js";
import { openPalette } from "./palette.js";
import { say } from "./page.js";
import { draw, follow, store, view } from "./state.js";

const nameOf = (field) => spoken(field.label, store.definition) || kindName(field.kind);
const panel = () => document.getElementById("fb-panel");

export function fieldsPanel() {
  const { steps } = store.definition;
  const isEmpty = steps.every((step) => !step.fields.length);
  if (isEmpty && steps.length === 1) return [emptyState()];
  return [
    ...steps.map((step, at) => (steps.length > 1 ? stepCard(step, at) : h("div", { class: "fb-step-alone" }, stepList(step, at)))),
    h(
      "div",
      { class: "fb-step-end" },
      h(
        "button",
        { type: "button", class: "button quiet", key: "add-step", onclick: newStep },
        icon("layers"),
        say(steps.length > 1 ? "steps.add" : "steps.split"),
      ),
      h("p", { class: "help fb-keys" }, say("keys_help")),
    ),
  ];
}

function emptyState() {
  return h(
    "div",
    { class: "empty fb-empty" },
    h("span", { class: "picture" }, icon("square-pen", "icon-xl")),
    h("h2", {}, say("empty.title")),
    h("p", {}, say("empty.about")),
    h(
      "div",
      { class: "button-row" },
      h("button", { type: "button", class: "button primary", key: "add-first", onclick: () => add(0) }, icon("plus"), say("add_field")),
    ),
  );
}

// ------------------------------------------------------------------------------------------- steps ----
function stepCard(step, at) {
  const count = store.definition.steps.length;
  const name = spoken(step.title, store.definition) || say("steps.number", { number: at + 1 });
  const find = (d) => d.steps.find(({ id }) => id === step.id);
  const path = `steps[${at}]`;
  const isOpen = view.open === step.id;
  const words = h("span", { class: "fb-sub" });
  const title = h("span", { class: "fb-step-name truncate" });
  follow(() => {
    const now = find(store.definition);
    title.textContent = spoken(now.title, store.definition) || say("steps.number", { number: at + 1 });
    words.textContent = conditionWords(now, store.definition);
  });
  return h(
    "section",
    { class: "fb-step", "aria-label": name },
    h(
      "div",
      { class: "fb-step-head" },
      h("span", { class: "fb-step-number", "aria-hidden": "true" }, String(at + 1)),
      h(
        "button",
        { type: "button", class: "fb-step-open", "aria-expanded": String(isOpen), key: `open:${step.id}`, onclick: () => open(step.id) },
        h("h2", {}, title),
        words,
        icon("chevron-down", "icon-s"),
      ),
      h(
        "div",
        { class: "fb-step-actions" },
        iconButton("arrow-up", say("steps.up", { name }), () => moveStep(step.id, -1), { disabled: at === 0, key: `step-up:${step.id}` }),
        iconButton("arrow-down", say("steps.down", { name }), () => moveStep(step.id, 1), {
          disabled: at === count - 1,
          key: `step-down:${step.id}`,
        }),
        iconButton("trash-2", say("steps.remove", { name }), () => dropStep(step.id, name), { key: `step-remove:${step.id}` }),
      ),
    ),
    isOpen &&
      h(
        "div",
        { class: "fb-step-settings" },
        textControl({ label: say("steps.title"), owner: find, name: "title", path }),
        conditionEditor({ find, path, what: "step" }),
      ),
    stepList(step, at),
  );
}

function stepList(step, stepAt) {
  const list = h(
    "ol",
    { class: "fb-list", "data-step": step.id, "aria-label": say("fields_of_step") },
    step.fields.map((field, at) => row(field, stepAt, at, step.fields.length)),
  );
  sortableFields(list);
  return [
    step.fields.length ? null : h("p", { class: "fb-none help" }, say("steps.empty")),
    list,
    h("button", { type: "button", class: "button fb-add", key: `add:${step.id}`, onclick: () => add(stepAt) }, icon("plus"), say("add_field")),
  ];
}

function newStep() {
  const id = store.edit((d) => {
    if (d.steps.length === 1 && !d.steps[0].title) d.steps[0].title = { [d.languages[0]]: say("steps.number", { number: 1 }) };
    return addStep(d, { [d.languages[0]]: say("steps.number", { number: d.steps.length + 1 }) });
  });
  focusKey(panel(), `open:${id}`)?.scrollIntoView({ block: "center" });
  announce(say("steps.added"));
}

function moveStep(id, by) {
  store.edit((d) => moveStepBy(d, id, by));
  const button = focusKey(panel(), `step-${by < 0 ? "up" : "down"}:${id}`);
  if (button?.disabled) focusKey(panel(), `open:${id}`);
  const at = store.definition.steps.findIndex((step) => step.id === id);
  announce(say("position", { position: at + 1, count: store.definition.steps.length }));
}

function dropStep(id, name) {
  store.edit((d) => removeStep(d, id));
  toast(say("steps.removed", { name }), say("undo"), () => store.undo());
  focusKey(panel(), "add-step");
}

// ------------------------------------------------------------------------------------------ fields ----
function row(field, stepAt, at, count) {
  const path = `steps[${stepAt}].fields[${at}]`;
  const name = nameOf(field);
  const isOpen = view.open === field.id;
  const place = say("position", { position: at + 1, count });
  const item = h(
    "li",
    { class: `fb-row${isOpen ? " is-open" : ""}`, "data-id": field.id, "data-path": path },
    h(
      "div",
      { class: "fb-head", onkeydown: (event) => onHeadKey(event, field.id) },
      h(
        "button",
        { type: "button", class: "fb-grip", key: `grip:${field.id}`, "aria-label": say("move_named", { name, place }), title: say("drag") },
        icon("grip-vertical"),
      ),
      opener(field, isOpen),
      actions(field, name),
    ),
    isOpen &&
      h(
        "div",
        { class: "fb-inspector", id: `fb-inspector-${field.id}`, role: "group", "aria-label": say("settings_of", { name }) },
        inspector(field, path),
        h(
          "div",
          { class: "fb-inspector-end" },
          h(
            "button",
            { type: "button", class: "button small quiet", key: `below:${field.id}`, onclick: () => add(stepAt, at + 1) },
            icon("plus", "icon-s"),
            say("add_below"),
          ),
          h("button", { type: "button", class: "button small", key: `done:${field.id}`, onclick: () => close(field.id) }, say("done")),
        ),
      ),
  );
  if (view.fresh.delete(field.id)) item.classList.add("is-fresh");
  return item;
}

function opener(field, isOpen) {
  const label = h("span", { class: "fb-label-text truncate" });
  const sub = h("span", { class: "fb-sub truncate" });
  const marks = h("span", { class: "fb-marks" });
  follow(() => {
    const now = placeOf(store.definition, field.id)?.field;
    if (!now) return;
    label.textContent = nameOf(now);
    sub.textContent = [kindName(now.kind), conditionWords(now, store.definition)].filter(Boolean).join(" · ");
    marks.replaceChildren(...marksOf(now));
  });
  return h(
    "button",
    {
      type: "button",
      class: "fb-open",
      "aria-expanded": String(isOpen),
      "aria-controls": isOpen ? `fb-inspector-${field.id}` : null,
      "aria-describedby": "fb-field-keys",
      key: `open:${field.id}`,
      onclick: () => open(field.id),
    },
    h("span", { class: `fb-kind hue-${kindOf(field.kind).hue}` }, icon(kindOf(field.kind).icon)),
    h("span", { class: "fb-name" }, label, sub),
    marks,
  );
}

function marksOf(field) {
  const role = field.becomes && !["fact", field.kind].includes(field.becomes) ? say(`becomes.${field.becomes}.short`) : "";
  return [
    field.show_if && h("span", { class: "badge fb-mark-icon", title: conditionWords(field, store.definition) }, icon("split", "icon-s")),
    role && h("span", { class: "badge" }, role),
    field.is_required && h("span", { class: "badge accent" }, say("required")),
    h("span", { class: "fb-alarm" }, icon("circle-alert"), h("span", { class: "visually-hidden" }, say("problems.here"))),
  ].filter(Boolean);
}

function actions(field, name) {
  return h(
    "div",
    { class: "fb-actions" },
    iconButton("arrow-up", say("move_up", { name }), () => moveBy(field.id, -1, `up:${field.id}`), { key: `up:${field.id}` }),
    iconButton("arrow-down", say("move_down", { name }), () => moveBy(field.id, 1, `down:${field.id}`), { key: `down:${field.id}` }),
    iconButton("copy-plus", say("duplicate_named", { name }), () => duplicate(field.id), { key: `copy:${field.id}` }),
    iconButton("trash-2", say("remove_named", { name }), () => remove(field.id), { key: `remove:${field.id}` }),
  );
}

function onHeadKey(event, id) {
  if (event.key === "Delete" && event.target.closest(".fb-open, .fb-grip")) {
    event.preventDefault();
    remove(id);
  } else onRowKey(event, id);
}

/** Open or close the settings of a field or step. */
export function open(id) {
  view.open = view.open === id ? "" : id;
  draw();
  panel().querySelector(".fb-row.is-open")?.scrollIntoView({ block: "nearest" });
  tellOpened(view.open);
}

/** Let the preview know which field is being worked on; empty: none. */
export function tellOpened(id) {
  document.dispatchEvent(new CustomEvent("fb-opened", { detail: id }));
}

function close(id) {
  open(id);
  focusKey(panel(), `open:${id}`);
}

/** Choose a kind and put a field of it into a step, by its place there or last. */
function add(stepAt, at) {
  openPalette((field) => {
    const id = store.edit((d) => addField(d, field, stepAt, at));
    show(id, true);
    announce(say("added", { name: nameOf(placeOf(store.definition, id).field) }));
  });
}

function show(id, isTyped) {
  noteMade(placeOf(store.definition, id).field);
  view.open = id;
  view.fresh.add(id);
  draw();
  panel()
    .querySelector(`.fb-row[data-id="${CSS.escape(id)}"]`)
    ?.scrollIntoView({ block: "nearest" });
  const label = panel().querySelector(".fb-row.is-open .fb-inspector :is(input, textarea)");
  if (!isTyped) return void focusKey(panel(), `open:${id}`);
  label?.focus({ preventScroll: true });
  label?.select?.();
}

function duplicate(id) {
  const name = nameOf(placeOf(store.definition, id).field);
  show(
    store.edit((d) => duplicateField(d, id)),
    false,
  );
  announce(say("duplicated", { name }));
}

function remove(id) {
  const { field, step, at } = placeOf(store.definition, id);
  const neighbour = step.fields[at + 1] ?? step.fields[at - 1];
  store.edit((d) => removeField(d, id));
  focusKey(panel(), neighbour ? `open:${neighbour.id}` : `add:${step.id}`);
  toast(say("removed", { name: nameOf(field) }), say("undo"), () => store.undo());
}
