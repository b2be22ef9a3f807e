// The form's languages: which there are, which comes first, and its texts side by side with what is missing marked.
import { labelled, segmented, select } from "./controls.js";
import { baseOf, missingIn, setText, spoken, textsOf } from "./definition.js";
import { h, icon, iconButton, toast } from "./dom.js";
import { removeLanguage } from "./edits.js";
import { kindName } from "./kinds.js";
import { facts, languageName, say } from "./page.js";
import { draw, follow, store, view } from "./state.js";

export function languagesPanel() {
  const { languages } = store.definition;
  const others = languages.slice(1);
  if (!others.includes(view.language)) view.language = others[0] ?? "";
  return [
    h("p", { class: "fb-about" }, say("languages.about")),
    h(
      "ul",
      { class: "fb-languages", "data-path": "languages" },
      languages.map((code, at) => languageRow(code, at)),
    ),
    addLanguage(languages),
    view.language && translation(others),
  ].filter(Boolean);
}

function languageRow(code, at) {
  const state = h("span", { class: "badge" });
  follow(() => {
    const missing = at ? missingIn(store.definition, code) : 0;
    state.className = `badge ${at === 0 ? "accent" : missing ? "warn" : "ok"}`;
    state.textContent = at === 0 ? say("languages.first") : missing ? say("languages.missing", { count: missing }) : say("languages.complete");
  });
  const name = languageName(code);
  return h(
    "li",
    { class: "fb-language" },
    h("span", { class: "fb-code" }, code),
    h("span", { lang: code }, name),
    state,
    at > 0 &&
      h(
        "span",
        { class: "fb-language-actions" },
        h(
          "button",
          {
            type: "button",
            class: "button small quiet",
            key: `first:${code}`,
            "aria-label": say("languages.make_first_named", { name }),
            onclick: () => makeFirst(code),
          },
          say("languages.make_first"),
        ),
        iconButton("trash-2", say("remove_named", { name }), () => drop(code), { key: `drop:${code}` }),
      ),
  );
}

function addLanguage(languages) {
  const free = facts.languages.filter(([code]) => !languages.includes(code));
  const names = free.map(([code, name]) => [code, facts.spoken.includes(code) ? name : `${name} *`]);
  return labelled({ label: say("languages.add"), path: "languages.add", help: say("languages.add_help") }, (attributes) =>
    select({ ...attributes, onchange: (event) => add(event.target.value) }, [["", say("languages.choose")], ...names], ""),
  );
}

function add(code) {
  if (!code) return;
  view.language = code;
  store.edit((d) => {
    d.languages.push(code);
  });
}

function makeFirst(code) {
  store.edit((d) => {
    d.languages = [code, ...d.languages.filter((one) => one !== code)];
  });
}

function drop(code) {
  store.edit((d) => removeLanguage(d, code));
  toast(say("removed", { name: languageName(code) }), say("undo"), () => store.undo());
}

// ------------------------------------------------------------------------------------- side by side ----
function translation(others) {
  const base = baseOf(store.definition);
  const texts = textsOf(store.definition, groupName);
  const shown = view.onlyMissing ? texts.filter(({ owner, name }) => !owner(store.definition)[name][view.language]) : texts;
  const groups = Map.groupBy(shown, (one) => one.groupKey);
  return h(
    "section",
    { class: "fb-translation", "aria-label": say("languages.side_by_side") },
    h(
      "div",
      { class: "fb-translation-head" },
      others.length > 1 ? chooser(others) : h("h2", {}, say("languages.pair", { first: languageName(base), second: languageName(view.language) })),
      h(
        "label",
        { class: "fb-only" },
        h("input", {
          type: "checkbox",
          checked: view.onlyMissing,
          key: "only-missing",
          onchange: (event) => {
            view.onlyMissing = event.target.checked;
            draw();
          },
        }),
        say("languages.only_missing"),
      ),
    ),
    shown.length === 0 && h("p", { class: "callout ok" }, icon("circle-check"), h("span", {}, say("languages.nothing_missing"))),
    [...groups.values()].map((rows) =>
      h(
        "section",
        { class: "fb-group" },
        h("h3", {}, rows[0].group),
        rows.map((row) => pair(row, base)),
      ),
    ),
  );
}

/** Which language is being translated: side by side while they are few. */
function chooser(others) {
  const options = others.map((code) => [code, languageName(code)]);
  const act = (code) => {
    view.language = code;
    draw();
  };
  if (options.length <= 3) return segmented({ label: say("languages.edit"), key: "language", value: view.language, options, act });
  return labelled({ label: say("languages.edit"), path: "languages.edit" }, (attributes) =>
    select({ ...attributes, onchange: (event) => act(event.target.value) }, options, view.language),
  );
}

const groupName = (what, thing) => {
  if (what === "form") return say("languages.form");
  if (what === "step") return spoken(thing.title, store.definition) || thing.id;
  return spoken(thing.label, store.definition) || kindName(thing.kind);
};

function pair({ group, groupKey, owner, name, isLong, what }, base) {
  const code = view.language;
  const original = owner(store.definition)[name][base] ?? "";
  const value = owner(store.definition)[name][code] ?? "";
  const key = `translate:${groupKey}:${name}:${original}`;
  const tall = original.length > 60 || original.includes("\n") || (isLong && value.length > 60);
  const box = h(tall ? "textarea" : "input", {
    class: tall ? "textarea fb-area" : "input compact",
    type: tall ? null : "text",
    rows: tall ? 3 : null,
    value,
    lang: code,
    dir: "auto",
    key,
    autocomplete: "off",
    "aria-label": say("languages.text_in", { group, what: say(`texts.${what}`), language: languageName(code) }),
    onfocus: () => document.dispatchEvent(new CustomEvent("fb-translating", { detail: code })),
    oninput: (event) => {
      store.edit((d) => setText(owner(d), name, code, event.target.value), { key, isText: true });
      event.target.closest(".fb-pair").classList.toggle("is-missing", !event.target.value);
    },
  });
  return h(
    "div",
    { class: `fb-pair${value ? "" : " is-missing"}` },
    h(
      "div",
      { class: "fb-original" },
      h("span", { class: "fb-what" }, say(`texts.${what}`)),
      h("span", { lang: base, dir: "auto" }, original || h("em", {}, say("languages.empty"))),
    ),
    box,
  );
}
