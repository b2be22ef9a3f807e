// Labelled controls tied to a place in the definition: texts, values, switches, choices of one, tags. `path` is where the server names problems.
import { baseOf, setText, setValue } from "./definition.js";
import { afterwards, h, icon, uniqueId } from "./dom.js";
import { say } from "./page.js";
import { store } from "./state.js";

/** A label, its control, help, and room for a problem. `control(attributes)` makes the control. */
export function labelled({ label, help = "", path = "", extra = null, isOptional = false }, control) {
  const id = uniqueId();
  const helpId = help ? `${id}-help` : null;
  return h(
    "div",
    { class: "field", "data-path": path || null },
    h("div", { class: "fb-label" }, h("label", { for: id }, label, isOptional && h("span", { class: "optional" }, " ", say("optional"))), extra),
    control({ id, "aria-describedby": helpId, key: path || id }),
    help && h("p", { class: "help", id: helpId }, help),
  );
}

/** A text in one language, by default the form's first. */
export function textControl({
  owner,
  name,
  path,
  language = baseOf(store.definition),
  isLong = false,
  placeholder = "",
  rows = 3,
  onsettled = null,
  ...rest
}) {
  const value = owner(store.definition)[name]?.[language] ?? "";
  const change = (event) => store.edit((d) => setText(owner(d), name, language, event.target.value), { key: `${path}.${language}`, isText: true });
  return labelled({ path: `${path}.${name}`.replace(/^\./, ""), ...rest }, (attributes) =>
    input(
      {
        ...attributes,
        value,
        placeholder: placeholder || null,
        lang: language,
        dir: "auto",
        oninput: change,
        onfocusout: onsettled && (() => afterwards(onsettled)),
        rows,
      },
      isLong,
    ),
  );
}

/** A plain value kept as a text or, with `isNumber`, as a whole number. Empty means the usual one. */
export function valueControl({
  owner,
  name,
  path,
  usual = "",
  isNumber = false,
  isLong = false,
  attributes: more = {},
  read = (text) => text,
  ...rest
}) {
  const value = owner(store.definition)[name] ?? usual;
  const taken = (text) => (isNumber ? (text.trim() === "" ? usual : Number.parseInt(text, 10)) : read(text));
  const change = (event) => store.edit((d) => setValue(owner(d), name, taken(event.target.value), usual), { key: `${path}.${name}`, isText: true });
  return labelled({ path: `${path}.${name}`.replace(/^\./, ""), ...rest }, (attributes) =>
    input({ ...attributes, value, oninput: change, ...more }, isLong),
  );
}

function input(attributes, isLong) {
  const { rows, ...others } = attributes;
  return isLong
    ? h("textarea", { class: "textarea fb-area", rows, ...others })
    : h("input", { class: "input", type: "text", autocomplete: "off", ...others });
}

/** A list to choose one from: `options` are [value, text] or [group, [[value, text]]]. `read` makes what is stored of what was chosen. */
export function selectControl({ owner, name, path, options, usual = "", read = (text) => text, ...rest }) {
  const value = owner(store.definition)[name] ?? usual;
  const change = (event) => store.edit((d) => setValue(owner(d), name, read(event.target.value), usual));
  return labelled({ path: `${path}.${name}`.replace(/^\./, ""), ...rest }, (attributes) =>
    select({ ...attributes, onchange: change }, options, value ?? ""),
  );
}

export function select(attributes, options, value) {
  const { class: extra = "", ...others } = attributes;
  return h(
    "select",
    { class: `select ${extra}`.trim(), ...others },
    options.map(([one, text]) => h("option", { value: one, selected: String(one) === String(value) }, text)),
  );
}

/** On or off, at once. */
export function switchControl({ owner, name, path, usual = false, label, help = "" }) {
  const id = uniqueId();
  const isOn = owner(store.definition)[name] ?? usual;
  const change = (event) => store.edit((d) => setValue(owner(d), name, event.target.checked, usual));
  return h(
    "div",
    { class: "fb-switch", "data-path": path ? `${path}.${name}` : name },
    h("input", {
      type: "checkbox",
      role: "switch",
      id,
      key: `${path}.${name}`,
      checked: isOn,
      "aria-describedby": help ? `${id}-help` : null,
      onchange: change,
    }),
    h("label", { for: id }, label),
    help && h("p", { class: "help", id: `${id}-help` }, help),
  );
}

/** A few choices side by side, one of them pressed. */
export function segmented({ label, options, value, act, key }) {
  const name = uniqueId("choice");
  return h(
    "div",
    { class: "field" },
    h("span", { class: "field-label", id: `${name}-label` }, label),
    h(
      "div",
      { class: "segmented fb-segmented", role: "radiogroup", "aria-labelledby": `${name}-label` },
      options.map(([one, text, iconName]) =>
        h(
          "label",
          {},
          h("input", {
            type: "radio",
            class: "visually-hidden",
            name,
            value: one,
            checked: one === value,
            key: `${key}:${one}`,
            onchange: () => act(one),
          }),
          iconName && icon(iconName, "icon-s"),
          text,
        ),
      ),
    ),
  );
}

/** Tags as chips with a text after them; Enter or a comma adds, Backspace takes the last away. */
export function tagsControl({ owner, path, suggestions, label, help }) {
  const tags = owner(store.definition)?.tags ?? [];
  const listId = uniqueId("tags");
  const put = (change) =>
    store.edit((d) => {
      const routing = owner(d, true);
      setValue(routing, "tags", change([...(routing.tags ?? [])]), []);
    });
  const add = (element) => {
    const wanted = element.value
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one && !tags.includes(one));
    element.value = "";
    if (wanted.length) put((old) => [...new Set([...old, ...wanted])]);
  };
  const onkey = (event) => {
    if ((event.key === "Enter" || event.key === ",") && !event.isComposing) {
      event.preventDefault();
      add(event.target);
    } else if (event.key === "Backspace" && !event.target.value && tags.length) put((old) => old.slice(0, -1));
  };
  return labelled({ label, help, path: `${path}.tags` }, (attributes) =>
    h(
      "div",
      { class: "fb-tags input" },
      tags.map((tag) =>
        h(
          "span",
          { class: "fb-chip" },
          tag,
          h(
            "button",
            { type: "button", "aria-label": say("remove_named", { name: tag }), onclick: () => put((old) => old.filter((one) => one !== tag)) },
            icon("x", "icon-s"),
          ),
        ),
      ),
      h("input", {
        ...attributes,
        type: "text",
        list: listId,
        autocomplete: "off",
        placeholder: tags.length ? null : say("routing.add_tag"),
        onkeydown: onkey,
        onchange: (event) => afterwards(() => add(event.target)),
      }),
      h(
        "datalist",
        { id: listId },
        suggestions.filter((one) => !tags.includes(one)).map((one) => h("option", { value: one })),
      ),
    ),
  );
}

/** A part that opens on a click; `isOpen` at first. */
export function fold(title, isOpen, ...children) {
  return h(
    "details",
    { class: "fb-fold", open: isOpen },
    h("summary", { key: `fold:${title}` }, icon("chevron-right", "icon-s"), title),
    h("div", { class: "fb-fold-body" }, children),
  );
}

/** A titled group of settings. */
export function section(title, about, ...children) {
  const id = uniqueId("section");
  return h(
    "section",
    { class: "fb-section", "aria-labelledby": id },
    h("h2", { id }, title),
    about && h("p", { class: "help" }, about),
    h("div", { class: "fb-section-body" }, children),
  );
}
