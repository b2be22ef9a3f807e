// "Show this field if [Topic] [is] [Order]": the conditions of a field or step, as a sentence one fills in.
import { select } from "./controls.js";
import { askedBefore, fieldOf, setValue, spoken } from "./definition.js";
import { h, icon, iconButton, uniqueId } from "./dom.js";
import { choiceOptions } from "./choices.js";
import { kindOf } from "./kinds.js";
import { say } from "./page.js";
import { store } from "./state.js";

const OWN_WORDS = { date: "date", choices: "choices", consent: "consent" };
const WITHOUT_VALUE = new Set(["is_filled", "is_empty"]);
const testName = (test, kind) => say(`tests.${kind && OWN_WORDS[kind] ? OWN_WORDS[kind] : "plain"}.${test}`);

/** `find(definition)` gives the field or step; `what` is "field" or "step". */
export function conditionEditor({ find, path, what }) {
  const owner = find(store.definition);
  const earlier = askedBefore(store.definition, owner.id);
  const id = uniqueId("condition");
  const isOn = owner.show_if !== undefined;
  const toggle = (event) =>
    store.edit((d) => {
      if (event.target.checked) find(d).show_if = { rules: [freshRule(earlier.at(-1))] };
      else delete find(d).show_if;
    });
  const isPossible = earlier.length > 0 || isOn;
  return h(
    "div",
    { class: "fb-condition", "data-path": `${path}.show_if` },
    h(
      "div",
      { class: "fb-switch" },
      h("input", {
        type: "checkbox",
        role: "switch",
        id,
        checked: isOn,
        disabled: !isPossible,
        key: `${path}.show_if`,
        onchange: toggle,
        "aria-describedby": isPossible ? null : `${id}-help`,
      }),
      h("label", { for: id }, say(`conditions.switch_${what}`)),
      !isPossible && h("p", { class: "help", id: `${id}-help` }, say("conditions.impossible")),
    ),
    isOn && rules(owner, find, path, what, earlier),
  );
}

function rules(owner, find, path, what, earlier) {
  const { rules: all, match = "all" } = owner.show_if;
  return h(
    "div",
    { class: "fb-rules" },
    all.length > 1 &&
      h(
        "p",
        { class: "fb-rule-head" },
        say(`conditions.show_${what}_if`),
        " ",
        select(
          {
            class: "compact",
            "aria-label": say("conditions.match"),
            key: `${path}.match`,
            onchange: (event) => store.edit((d) => setMatch(find(d).show_if, event.target.value)),
          },
          [
            ["all", say("conditions.all")],
            ["any", say("conditions.any")],
          ],
          match,
        ),
      ),
    h(
      "ul",
      {},
      all.map((rule, at) => ruleRow(rule, at, { find, path, earlier, lead: lead(at, all.length, match, what), isAlone: all.length === 1 })),
    ),
    h(
      "button",
      {
        type: "button",
        class: "button small quiet",
        key: `${path}.add-rule`,
        onclick: () =>
          store.edit((d) => {
            find(d).show_if.rules.push(freshRule(earlier.at(-1)));
          }),
      },
      icon("plus", "icon-s"),
      say("conditions.add"),
    ),
  );
}

function lead(at, count, match, what) {
  if (count === 1) return say(`conditions.show_${what}_if`);
  if (at === 0) return "";
  return say(match === "any" ? "conditions.or" : "conditions.and");
}

function setMatch(condition, match) {
  if (match === "any") condition.match = match;
  else delete condition.match;
}

function ruleRow(rule, at, { find, path, earlier, lead: words, isAlone }) {
  const asked = fieldOf(store.definition, rule.field);
  const here = `${path}.show_if.rules[${at}]`;
  const put = (changes, options) => store.edit((d) => Object.assign(find(d).show_if.rules[at], changes), options);
  const fields = earlier.map((field) => [field.id, spoken(field.label, store.definition) || field.id]);
  if (!earlier.some(({ id }) => id === rule.field))
    fields.unshift([rule.field, say("conditions.not_before", { name: asked ? spoken(asked.label, store.definition) : rule.field })]);
  const tests = (asked ? kindOf(asked.kind).tests : [rule.test]).map((test) => [test, testName(test, asked?.kind)]);
  return h(
    "li",
    { class: "fb-rule", "data-path": here },
    words && h("span", { class: `fb-rule-lead${isAlone ? " is-alone" : ""}` }, words),
    select(
      {
        class: "compact",
        "aria-label": say("conditions.field"),
        key: `${here}.field`,
        onchange: (event) =>
          store.edit((d) => {
            find(d).show_if.rules[at] = freshRule(fieldOf(d, event.target.value));
          }),
      },
      fields,
      rule.field,
    ),
    select(
      {
        class: "compact",
        "aria-label": say("conditions.test"),
        key: `${here}.test`,
        onchange: (event) => store.edit((d) => setValue(find(d).show_if.rules[at], "test", event.target.value, "is")),
      },
      tests,
      rule.test ?? "is",
    ),
    !WITHOUT_VALUE.has(rule.test) && valueOf(rule, asked, here, put),
    iconButton("x", say("conditions.remove"), () => store.edit((d) => dropRule(find(d), at)), { key: `${here}.remove` }),
  );
}

function valueOf(rule, asked, here, put) {
  const attributes = { "aria-label": say("conditions.value"), key: `${here}.value` };
  if (asked?.choices)
    return select(
      { class: "compact", ...attributes, onchange: (event) => put({ value: event.target.value }) },
      choiceOptions(asked),
      rule.value ?? "",
    );
  const type = { number: "number", rating: "number", date: "date" }[asked?.kind] ?? "text";
  return h("input", {
    class: "input compact",
    type,
    value: rule.value ?? "",
    autocomplete: "off",
    ...attributes,
    oninput: (event) => put({ value: event.target.value }, { key: here, isText: true }),
  });
}

function dropRule(owner, at) {
  owner.show_if.rules.splice(at, 1);
  if (!owner.show_if.rules.length) delete owner.show_if;
}

function freshRule(field) {
  const rule = { field: field.id };
  setValue(rule, "test", field.choices ? "is" : "is_filled", "is");
  setValue(rule, "value", field.choices?.[0]?.value ?? "", "");
  return rule;
}

/** A condition in a few words: "if Topic is Order". */
export function conditionWords(owner, definition) {
  if (!owner.show_if) return "";
  const { rules: all, match } = owner.show_if;
  const parts = all.map((rule) => {
    const asked = fieldOf(definition, rule.field);
    const value = WITHOUT_VALUE.has(rule.test) ? "" : (choiceOptions(asked ?? {}).find(([one]) => one === rule.value)?.[1] ?? rule.value);
    const quoted = (text) => say("conditions.quoted", { text });
    const name = quoted((asked && spoken(asked.label, definition)) || rule.field);
    return [name, testName(rule.test ?? "is", asked?.kind), value && quoted(value)].filter(Boolean).join(" ");
  });
  return say("conditions.words", { rules: parts.join(` ${say(match === "any" ? "conditions.or" : "conditions.and")} `) });
}
