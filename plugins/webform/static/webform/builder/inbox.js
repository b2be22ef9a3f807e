// What happens in the inbox: the subject's pattern, team, priority and tags, and which field becomes what.
import { labelled, section, select } from "./controls.js";
import { baseOf, isAnswer, placesOf, setValue, spoken } from "./definition.js";
import { focusKey, h, icon } from "./dom.js";
import { setRole } from "./inspector.js";
import { kindName, kindOf } from "./kinds.js";
import { say } from "./page.js";
import { routingControls, routingWords } from "./routing.js";
import { draw, follow, store, view } from "./state.js";

const ROLES = ["name", "email", "phone", "company", "subject", "message"];
const nameOf = (field) => spoken(field.label, store.definition) || kindName(field.kind);

export function inboxPanel() {
  const fields = placesOf(store.definition)
    .map(({ field }) => field)
    .filter(isAnswer);
  return [
    h("p", { class: "fb-about" }, say("inbox.about")),
    section(say("inbox.subject"), say("inbox.subject_about"), subject(fields)),
    section(
      say("inbox.routing"),
      say("inbox.routing_about"),
      h("div", { class: "fb-columns" }, routingControls({ owner: (d) => d, path: "", nothing: say("routing.usual") })),
      byChoice(fields),
    ),
    section(
      say("inbox.roles"),
      say("inbox.roles_about"),
      h(
        "div",
        { class: "fb-columns" },
        ROLES.map((role) => roleControl(role, fields)),
      ),
    ),
  ];
}

// ------------------------------------------------------------------------------------------ subject ----
function subject(fields) {
  const example = h("p", { class: "fb-example", "aria-live": "polite" });
  const words = fields.filter(({ kind }) => !["file", "consent"].includes(kind));
  follow(() => {
    const pattern = store.definition.subject ?? "";
    example.replaceChildren(
      icon("mail", "icon-s"),
      h("span", {}, h("span", { class: "muted" }, say("inbox.example"), " "), pattern ? filledIn(pattern) : say("inbox.subject_usual")),
    );
  });
  return [
    labelled({ label: say("inbox.pattern"), path: "subject", isOptional: true }, (attributes) =>
      h("input", {
        ...attributes,
        class: "input",
        type: "text",
        autocomplete: "off",
        value: store.definition.subject ?? "",
        placeholder: say("inbox.pattern_usual"),
        oninput: (event) => store.edit((d) => setValue(d, "subject", event.target.value, ""), { key: "subject", isText: true }),
      }),
    ),
    h(
      "div",
      { class: "fb-insert", role: "group", "aria-label": say("inbox.insert") },
      h("span", { class: "muted small" }, say("inbox.insert")),
      words.map((field) =>
        h(
          "button",
          { type: "button", class: "fb-chip", key: `insert:${field.id}`, onclick: () => insert(field.id) },
          icon(kindOf(field.kind).icon, "icon-s"),
          nameOf(field),
        ),
      ),
    ),
    example,
  ];
}

/** The pattern as it might read, with what a visitor could have answered. */
function filledIn(pattern) {
  return pattern.replace(/\{(\w+)\}/g, (hole, id) => {
    const field = placesOf(store.definition).find((place) => place.field.id === id)?.field;
    if (!field) return hole;
    const [choice] = field.choices ?? [];
    return choice ? (choice.label?.[baseOf(store.definition)] ?? choice.value) : `‹${nameOf(field)}›`;
  });
}

function insert(id) {
  const input = document.querySelector('#fb-panel [data-hold="subject"]');
  const at = input.selectionStart ?? input.value.length;
  const hole = `${/\S$/.test(input.value.slice(0, at)) ? " " : ""}{${id}}`;
  const text = input.value.slice(0, at) + hole + input.value.slice(input.selectionEnd ?? at);
  store.edit((d) => setValue(d, "subject", text, ""));
  focusKey(document.getElementById("fb-panel"), "subject").setSelectionRange(at + hole.length, at + hole.length);
}

// --------------------------------------------------------------------------------- choices and roles ----
function byChoice(fields) {
  const rows = fields.flatMap((field) => (field.choices ?? []).filter((choice) => choice.routing).map((choice) => ({ field, choice })));
  return h(
    "div",
    { class: "fb-by-choice" },
    h("h3", {}, say("inbox.by_choice")),
    rows.length
      ? h(
          "ul",
          {},
          rows.map(({ field, choice }) =>
            h(
              "li",
              {},
              h(
                "button",
                { type: "button", class: "link-button", onclick: () => openField(field.id) },
                say("inbox.when", { field: nameOf(field), choice: spoken(choice.label, store.definition) }),
              ),
              h("span", {}, "→ ", routingWords(choice.routing)),
            ),
          ),
        )
      : h("p", { class: "help" }, say("inbox.by_choice_none")),
  );
}

function openField(id) {
  Object.assign(view, { panel: "fields", open: id });
  draw();
  focusKey(document.getElementById("fb-panel"), `open:${id}`)?.scrollIntoView({ block: "start" });
}

function roleControl(role, fields) {
  const able = fields.filter((field) => kindOf(field.kind).becomes.includes(role));
  const now = fields.find((field) => field.becomes === role);
  const set = (id) => (id ? setRole(id, role) : setRole("", role));
  return labelled({ label: say(`becomes.${role}.short`), path: `role.${role}`, help: able.length ? "" : say("inbox.no_field") }, (attributes) =>
    select(
      { ...attributes, disabled: !able.length, onchange: (event) => set(event.target.value) },
      [["", say("inbox.no_role")], ...able.map((field) => [field.id, nameOf(field)])],
      now?.id ?? "",
    ),
  );
}
