// The answers of a choice field: their labels, order, what each one sets in the inbox, and the value that is sent.
import { labelled } from "./controls.js";
import { baseOf, fieldOf, freeName, setText } from "./definition.js";
import { afterwards, announce, focusKey, h, icon, iconButton, uniqueId } from "./dom.js";
import { renameChoice } from "./edits.js";
import { sortable } from "./ordering.js";
import { followsLabel, forgetMade, noteChoice } from "./naming.js";
import { say } from "./page.js";
import { routingControls, routingWords } from "./routing.js";
import { draw, store } from "./state.js";

const opened = new Set();
const keyOf = (id, value) => `choice:${id}:${value}`;

export function choicesEditor(field, path) {
  const choices = field.choices ?? [];
  const list = h(
    "ol",
    { class: "fb-choices" },
    choices.map((choice, at) => row(field, choice, at, `${path}.choices[${at}]`)),
  );
  sortable(list, { handle: ".fb-grip", onmove: (from, to) => move(field.id, from, to) });
  const label = uniqueId("choices");
  return h(
    "div",
    { class: "field", role: "group", "aria-labelledby": label, "data-path": `${path}.choices` },
    h("span", { class: "field-label", id: label }, say("choices.title")),
    list,
    h(
      "div",
      { class: "button-row" },
      h(
        "button",
        { type: "button", class: "button small", key: `add-choice:${field.id}`, onclick: () => add(field.id) },
        icon("plus", "icon-s"),
        say("choices.add"),
      ),
    ),
    h("p", { class: "help" }, say("choices.help")),
  );
}

function row(field, choice, at, path) {
  const base = baseOf(store.definition);
  const label = choice.label?.[base] ?? "";
  const routes = routingWords(choice.routing);
  const isOpen = opened.has(keyOf(field.id, choice.value));
  const find = (d) => fieldOf(d, field.id).choices[at];
  const more = h(
    "button",
    {
      type: "button",
      class: `button quiet small fb-route${routes ? " is-set" : ""}`,
      "aria-expanded": String(isOpen),
      key: `more:${field.id}:${at}`,
      title: say("choices.more"),
      "aria-label": say("choices.more_named", { name: label }),
      onclick: () => {
        opened[isOpen ? "delete" : "add"](keyOf(field.id, choice.value));
        draw();
      },
    },
    icon("inbox", "icon-s"),
    routes && h("span", { class: "truncate" }, routes),
  );
  return h(
    "li",
    { class: `fb-choice${isOpen ? " is-open" : ""}`, "data-path": path },
    h(
      "div",
      { class: "fb-choice-row" },
      h("button", { type: "button", class: "fb-grip", tabindex: "-1", "aria-hidden": "true" }, icon("grip-vertical", "icon-s")),
      h("input", {
        class: "input compact",
        type: "text",
        value: label,
        lang: base,
        dir: "auto",
        autocomplete: "off",
        key: keyOf(field.id, at),
        "aria-label": say("choices.number", { number: at + 1 }),
        "aria-describedby": "fb-choice-keys",
        oninput: (event) => store.edit((d) => setText(find(d), "label", base, event.target.value), { key: path, isText: true }),
        onfocusout: () => afterwards(() => settle(field.id, at)),
        onkeydown: (event) => onKey(event, field.id, at),
        onpaste: (event) => onPaste(event, field.id, at),
      }),
      more,
      iconButton("x", say("remove_named", { name: label }), () => remove(field.id, at), { disabled: field.choices.length < 2 }),
    ),
    isOpen &&
      h(
        "div",
        { class: "fb-choice-more" },
        h("p", { class: "help" }, say("choices.sets")),
        h("div", { class: "fb-columns" }, routingControls({ owner: find, path: `${path}.`, nothing: say("routing.unchanged") })),
        labelled({ label: say("choices.value"), help: say("choices.value_help"), path: `${path}.value` }, (attributes) =>
          h("input", {
            ...attributes,
            class: "input mono",
            type: "text",
            value: choice.value,
            onchange: (event) => afterwards(() => setChoiceValue(field.id, choice.value, event.target.value.trim())),
          }),
        ),
      ),
  );
}

function onKey(event, id, at) {
  if (event.isComposing) return;
  if (event.key === "Enter") {
    event.preventDefault();
    add(id, at + 1);
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    event.stopPropagation();
    const to = at + (event.key === "ArrowUp" ? -1 : 1);
    if (move(id, at, to)) refocus(id, to);
  } else if (event.key === "Backspace" && !event.target.value && fieldOf(store.definition, id).choices.length > 1) {
    event.preventDefault();
    remove(id, at);
  }
}

/** Several pasted lines become several choices. */
function onPaste(event, id, at) {
  const lines = event.clipboardData
    .getData("text")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
  if (lines.length < 2) return;
  event.preventDefault();
  store.edit((d) => {
    const field = fieldOf(d, id);
    const isEmpty = !Object.values(field.choices[at].label ?? {}).some(Boolean);
    if (isEmpty) field.choices.splice(at, 1);
    lines.forEach((line, count) => field.choices.splice(at + count + (isEmpty ? 0 : 1), 0, choiceNamed(field, line, baseOf(d))));
  });
}

function choiceNamed(field, label, language) {
  const value = freeName(label, "choice", new Set(field.choices.map((one) => one.value)));
  noteChoice(field.id, value);
  return { value, label: { [language]: label } };
}

function add(id, at = Infinity) {
  const where = store.edit((d) => {
    const field = fieldOf(d, id);
    field.choices ??= [];
    const index = Math.min(at, field.choices.length);
    field.choices.splice(index, 0, choiceNamed(field, say("choice_number", { number: field.choices.length + 1 }), baseOf(d)));
    return index;
  });
  refocus(id, where, true);
}

function remove(id, at) {
  store.edit((d) => {
    const field = fieldOf(d, id);
    const [gone] = field.choices.splice(at, 1);
    if (field.default === gone.value) delete field.default;
  });
  refocus(id, Math.max(at - 1, 0));
}

function move(id, from, to) {
  const count = fieldOf(store.definition, id).choices.length;
  if (to < 0 || to >= count) return false;
  store.edit((d) => {
    const { choices } = fieldOf(d, id);
    choices.splice(to, 0, ...choices.splice(from, 1));
  });
  announce(say("position", { position: to + 1, count }));
  return true;
}

function refocus(id, at, isAll = false) {
  const input = focusKey(document.getElementById("fb-panel"), keyOf(id, at));
  if (isAll) input?.select();
}

/** While the form was never published with this choice, its value follows its label. */
function settle(id, at) {
  const choice = fieldOf(store.definition, id)?.choices?.[at];
  const label = choice?.label?.[baseOf(store.definition)];
  if (!label || !followsLabel(id, choice.value)) return;
  const others = new Set(fieldOf(store.definition, id).choices.flatMap((one) => (one === choice ? [] : [one.value])));
  const wanted = freeName(label, "choice", others);
  if (wanted === choice.value) return;
  noteChoice(id, wanted);
  setChoiceValue(id, choice.value, wanted, true);
}

function setChoiceValue(id, value, newValue, joins = false) {
  const { choices } = fieldOf(store.definition, id);
  if (!newValue || newValue === value || choices.some((one) => one.value === newValue)) return;
  if (!joins) forgetMade(id, newValue);
  if (opened.delete(keyOf(id, value))) opened.add(keyOf(id, newValue));
  store.edit((d) => renameChoice(d, id, value, newValue), { joins });
}

/** The labels of choices as conditions and defaults offer them. */
export function choiceOptions(field) {
  const base = baseOf(store.definition);
  return (field.choices ?? []).map(({ value, label }) => [value, label?.[base] || Object.values(label ?? {})[0] || value]);
}
