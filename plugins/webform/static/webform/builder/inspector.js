// The settings of one field, put together from parts that its kind names.
import { choiceOptions, choicesEditor } from "./choices.js";
import { conditionEditor } from "./conditions.js";
import { fold, labelled, segmented, select, selectControl, switchControl, textControl, valueControl } from "./controls.js";
import { baseOf, fieldOf, freeId, isAnswer, isAsked, isId, placesOf, setValue, spoken } from "./definition.js";
import { afterwards, h, renameKeys, toast } from "./dom.js";
import { renameField } from "./edits.js";
import { kindOf } from "./kinds.js";
import { followsLabel, forgetMade, noteRenamed } from "./naming.js";
import { say } from "./page.js";
import { draw, follow, store, view } from "./state.js";

const FILE_KINDS = ["image", "pdf", "document", "archive", "audio", "video"];
const MORE = new Set(["placeholder", "length", "pattern", "default", "defaultChoice", "range", "dates", "count", "parameter"]);

/** Everything about a field; `path` is its place in the definition. */
export function inspector(field, path) {
  const context = { field, path, find: (d) => fieldOf(d, field.id) };
  const { settings } = kindOf(field.kind);
  const parts = (names) => names.flatMap((name) => PARTS[name](context)).filter(Boolean);
  const more = parts(settings.filter((name) => MORE.has(name)));
  return [
    ...labelPart(context),
    isAsked(field) && basics(context, settings.includes("width")),
    ...parts(settings.filter((name) => !MORE.has(name) && name !== "width" && name !== "becomes")),
    settings.includes("becomes") && kindOf(field.kind).becomes.length > 0 && becomesPart(context),
    conditionEditor({ find: context.find, path, what: "field" }),
    (more.length > 0 || isAnswer(field)) && fold(say("more_settings"), false, more, idPart(context)),
  ].filter(Boolean);
}

function labelPart({ field, path, find }) {
  const isLong = field.kind === "paragraph" || field.kind === "consent";
  const label = textControl({
    owner: find,
    name: "label",
    path,
    isLong,
    rows: field.kind === "paragraph" ? 4 : 2,
    label: say(`label_of.${LABELS[field.kind] ?? "field"}`),
    help: field.kind === "hidden" ? say("hidden_help") : "",
    onsettled: () => followLabel(field.id),
  });
  if (!isAsked(field)) return [label];
  return [label, textControl({ owner: find, name: "help", path, label: say("help_text"), isOptional: true, placeholder: say("help_placeholder") })];
}

const LABELS = { heading: "heading", paragraph: "paragraph", consent: "consent", hidden: "hidden" };

function basics({ field, path, find }, hasWidth) {
  return h(
    "div",
    { class: "fb-basics" },
    switchControl({ owner: find, name: "is_required", path, label: say(field.kind === "consent" ? "required_consent" : "required_field") }),
    hasWidth &&
      segmented({
        label: say("width"),
        key: `${path}.width`,
        value: field.width ?? "full",
        options: [
          ["full", say("widths.full")],
          ["half", say("widths.half")],
        ],
        act: (width) => store.edit((d) => setValue(find(d), "width", width, "full")),
      }),
  );
}

function becomesPart({ field, path, find }) {
  const options = ["fact", ...kindOf(field.kind).becomes].map((role) => [role, say(`becomes.${role}.long`)]);
  return labelled({ label: say("becomes.title"), path: `${path}.becomes` }, (attributes) =>
    select({ ...attributes, onchange: (event) => setRole(field.id, event.target.value, find) }, options, field.becomes ?? "fact"),
  );
}

/** One field alone becomes the name, the subject …: the one that did before gives it up. */
export function setRole(id, role, find = (d) => fieldOf(d, id)) {
  store.edit((d) => {
    if (role !== "fact") for (const { field } of placesOf(d)) if (field.becomes === role) delete field.becomes;
    if (id) setValue(find(d), "becomes", role, "fact");
  });
}

/** A pair of values side by side. */
function pair(context, first, second, attributes, usual = ["", ""]) {
  const { path, find } = context;
  return [
    h(
      "div",
      { class: "fb-columns" },
      first && valueControl({ owner: find, name: "minimum", path, label: first, usual: usual[0], attributes, isOptional: true }),
      second && valueControl({ owner: find, name: "maximum", path, label: second, usual: usual[1], attributes, isOptional: true }),
    ),
  ];
}

const NUMBER = { type: "number", inputmode: "numeric" };

const PARTS = {
  placeholder: ({ path, find }) => [
    textControl({ owner: find, name: "placeholder", path, label: say("placeholder"), help: say("placeholder_help"), isOptional: true }),
  ],
  length: (context) => pair(context, say("shortest"), say("longest"), { ...NUMBER, min: "0" }),
  range: (context) => pair(context, say("smallest"), say("largest"), { type: "number", step: "any" }),
  dates: (context) => [
    ...pair(context, say("earliest"), say("latest"), { placeholder: "today+14", spellcheck: "false" }),
    h("p", { class: "help" }, say("dates_help")),
  ],
  count: (context) => pair(context, say("fewest"), say("most"), { ...NUMBER, min: "0" }),
  stars: ({ path, find }) => [
    selectControl({
      owner: find,
      name: "maximum",
      path,
      label: say("stars"),
      usual: "",
      options: [
        ["3", "3"],
        ["4", "4"],
        ["", "5"],
        ["6", "6"],
        ["7", "7"],
        ["8", "8"],
        ["9", "9"],
        ["10", "10"],
      ],
    }),
  ],
  default: (context) => [
    valueControl({ owner: context.find, name: "default", path: context.path, label: say("default"), help: say("default_help"), isOptional: true }),
  ],
  defaultChoice: ({ field, path, find }) => [
    selectControl({ owner: find, name: "default", path, label: say("default"), options: [["", say("none_chosen")], ...choiceOptions(field)] }),
  ],
  pattern: ({ path, find }) => [
    labelled({ label: say("pattern"), help: say("pattern_help"), path: `${path}.pattern`, isOptional: true }, (attributes) =>
      h(
        "div",
        { class: "fb-pattern" },
        h("input", {
          class: "input mono",
          type: "text",
          spellcheck: "false",
          autocomplete: "off",
          ...attributes,
          value: find(store.definition).pattern ?? "",
          oninput: (event) => store.edit((d) => setValue(find(d), "pattern", event.target.value, ""), { key: `${path}.pattern`, isText: true }),
        }),
        select(
          { class: "compact", "aria-label": say("pattern_usual"), onchange: (event) => usePattern(find, event.target.value) },
          [["", say("pattern_usual")], ...Object.keys(PATTERNS).map((name) => [name, say(`patterns.${name}.name`)])],
          "",
        ),
      ),
    ),
    textControl({ owner: find, name: "pattern_hint", path, label: say("pattern_hint"), placeholder: say("pattern_hint_example"), isOptional: true }),
  ],
  choices: ({ field, path }) => [choicesEditor(field, path)],
  display: ({ field, path, find }) => [
    segmented({
      label: say("display.title"),
      key: `${path}.display`,
      value: field.display ?? "auto",
      options: ["auto", "buttons", "list"].map((one) => [one, say(`display.${one}`)]),
      act: (one) => store.edit((d) => setValue(find(d), "display", one, "auto")),
    }),
  ],
  files: ({ field, path, find }) => [
    h(
      "fieldset",
      { class: "field", "data-path": `${path}.accepts` },
      h("legend", {}, say("files.accepts")),
      h(
        "div",
        { class: "fb-checks" },
        FILE_KINDS.map((kind) =>
          h(
            "label",
            {},
            h("input", {
              type: "checkbox",
              checked: (field.accepts ?? []).includes(kind),
              key: `${path}.accepts.${kind}`,
              onchange: (event) => accept(find, kind, event.target.checked),
            }),
            say(`files.${kind}`),
          ),
        ),
      ),
      h("p", { class: "help" }, say("files.any")),
    ),
    h(
      "div",
      { class: "fb-columns" },
      valueControl({
        owner: find,
        name: "max_files",
        path,
        label: say("files.most"),
        usual: 5,
        isNumber: true,
        attributes: { ...NUMBER, min: "1", max: "20" },
      }),
      valueControl({
        owner: find,
        name: "max_megabytes",
        path,
        label: say("files.size"),
        usual: 10,
        isNumber: true,
        attributes: { ...NUMBER, min: "1", max: "100" },
      }),
    ),
  ],
  region: () => [regionControl()],
  parameter: (context) => [parameterControl(context)],
  hidden: ({ path, find }) => [
    h(
      "div",
      { class: "fb-columns" },
      parameterControl({ path, find }),
      valueControl({ owner: find, name: "default", path, label: say("hidden_default"), help: say("hidden_default_help"), isOptional: true }),
    ),
  ],
};

function parameterControl({ path, find }) {
  return valueControl({
    owner: find,
    name: "parameter",
    path,
    label: say("parameter"),
    help: say("parameter_help"),
    isOptional: true,
    attributes: { class: "input mono", spellcheck: "false" },
  });
}

/** The country of phone numbers that say none; the same for the whole form. */
export function regionControl() {
  const words = h("span", { class: "muted small" });
  const names = new Intl.DisplayNames([document.documentElement.lang, "en"], { type: "region" });
  follow(() => {
    const { region = "" } = store.definition;
    words.textContent = /^[A-Z]{2}$/.test(region) ? names.of(region) : "";
  });
  return valueControl({
    owner: (d) => d,
    name: "region",
    path: "",
    label: say("region"),
    help: say("region_help"),
    isOptional: true,
    extra: words,
    read: (text) => text.trim().toUpperCase(),
    attributes: { class: "input fb-region", maxlength: "2", placeholder: "DE", spellcheck: "false", autocapitalize: "characters" },
  });
}

const PATTERNS = { digits: "[0-9]+", letters: "\\p{L}+", order: "[0-9]{5,8}", postcode: "[0-9]{5}", code: "[A-Z]{2}-[0-9]{4}" };

function usePattern(find, name) {
  if (!name) return;
  store.edit((d) => {
    const field = find(d);
    field.pattern = PATTERNS[name];
    field.pattern_hint = { ...field.pattern_hint, [baseOf(d)]: say(`patterns.${name}.hint`) };
  });
}

function accept(find, kind, isWanted) {
  store.edit((d) => {
    const field = find(d);
    const chosen = new Set(field.accepts ?? []);
    chosen[isWanted ? "add" : "delete"](kind);
    setValue(
      field,
      "accepts",
      FILE_KINDS.filter((one) => chosen.has(one)),
      [],
    );
  });
}

// ---------------------------------------------------------------------------------------------- ids ----
function idPart({ field, path }) {
  if (!isAnswer(field)) return null;
  return labelled({ label: say("field_id"), help: say("field_id_help"), path: `${path}.id` }, (attributes) =>
    h("input", {
      ...attributes,
      class: "input mono",
      type: "text",
      value: field.id,
      spellcheck: "false",
      autocomplete: "off",
      maxlength: "40",
      onchange: (event) => afterwards(() => setId(field.id, event.target)),
    }),
  );
}

function setId(id, input) {
  const wanted = input.value.trim();
  if (wanted === id) return;
  const isFree = isId(wanted) && !store.definition.steps.some((step) => step.id === wanted || step.fields.some((field) => field.id === wanted));
  if (!isFree) {
    input.value = id;
    toast(say("bad_id", { id: wanted }));
    return;
  }
  rename(id, wanted);
}

/** Until it is published, an id that was made from the label follows it. */
function followLabel(id) {
  const field = fieldOf(store.definition, id);
  const label = field && spoken(field.label, store.definition);
  if (!label || !followsLabel(id)) return;
  const others = {
    ...store.definition,
    steps: store.definition.steps.map((step) => ({ ...step, fields: step.fields.filter((one) => one.id !== id) })),
  };
  const wanted = freeId(others, label, field.kind);
  if (wanted !== id) rename(id, wanted, true);
}

function rename(id, newId, joins = false) {
  if (view.open === id) view.open = newId;
  noteRenamed(id, newId);
  if (!joins) forgetMade(newId);
  renameKeys(document.getElementById("fb-panel"), id, newId);
  store.edit((d) => renameField(d, id, newId), { joins });
  draw();
}
