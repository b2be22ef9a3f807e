// What publishing will change, told in lines: fields and steps that come, go, move or differ, and settings of the form.
import { fieldOf, placesOf, spoken } from "./definition.js";
import { kindName } from "./kinds.js";
import { languageName, say } from "./page.js";

const SETTINGS = [
  "title",
  "intro",
  "send_label",
  "thanks",
  "redirect",
  "sends_confirmation",
  "confirmation",
  "subject",
  "routing",
  "hours",
  "zone",
  "answers_within_h",
  "accent",
  "theme",
];
const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** The same value with the keys of every object in one order. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value && typeof value === "object")
    return Object.fromEntries(
      Object.keys(value)
        .sort()
        .map((key) => [key, sorted(value[key])]),
    );
  return value;
}

export const isDifferent = (before, after) => !same(before, after);

/** Lines {kind: added | removed | changed, text} from one definition to the other. */
export function differences(before, after) {
  return [...fieldLines(before, after), ...stepLines(before, after), ...languageLines(before, after), ...settingLines(before, after)];
}

function fieldLines(before, after) {
  const nameOf = (field, d) => spoken(field.label, d) || kindName(field.kind);
  const lines = [];
  for (const { field } of placesOf(after)) {
    const old = fieldOf(before, field.id);
    if (!old) lines.push({ kind: "added", text: say("differences.field_added", { name: nameOf(field, after) }) });
    else if (!same(old, field))
      lines.push({ kind: "changed", text: say("differences.field_changed", { name: nameOf(field, after), what: changedParts(old, field) }) });
  }
  for (const { field } of placesOf(before)) {
    if (!fieldOf(after, field.id)) lines.push({ kind: "removed", text: say("differences.field_removed", { name: nameOf(field, before) }) });
  }
  if (isReordered(before, after)) lines.push({ kind: "changed", text: say("differences.order") });
  return lines;
}

const PARTS = [
  ["texts", ["label", "help", "placeholder", "pattern_hint"]],
  ["choices", ["choices", "display", "default"]],
  ["required", ["is_required"]],
  ["condition", ["show_if"]],
  ["limits", ["minimum", "maximum", "pattern", "max_files", "max_megabytes", "accepts"]],
  ["other", ["kind", "becomes", "width", "parameter"]],
];

function changedParts(old, field) {
  return PARTS.filter(([, names]) => names.some((name) => !same(old[name], field[name])))
    .map(([part]) => say(`differences.parts.${part}`))
    .join(", ");
}

function isReordered(before, after) {
  const ids = (d, other) =>
    placesOf(d)
      .filter(({ field }) => fieldOf(other, field.id))
      .map(({ field }) => field.id);
  return !same(ids(before, after), ids(after, before));
}

function stepLines(before, after) {
  const bare = (d) => d.steps.map(({ id, title, show_if }) => ({ id, title, show_if }));
  return same(bare(before), bare(after)) ? [] : [{ kind: "changed", text: say("differences.steps") }];
}

function languageLines(before, after) {
  const lines = [];
  for (const code of after.languages)
    if (!before.languages.includes(code)) lines.push({ kind: "added", text: say("differences.language_added", { name: languageName(code) }) });
  for (const code of before.languages)
    if (!after.languages.includes(code)) lines.push({ kind: "removed", text: say("differences.language_removed", { name: languageName(code) }) });
  if (!lines.length && !same(before.languages, after.languages))
    lines.push({ kind: "changed", text: say("differences.language_first", { name: languageName(after.languages[0]) }) });
  return lines;
}

function settingLines(before, after) {
  return SETTINGS.filter((name) => !same(before[name], after[name])).map((name) => ({
    kind: "changed",
    text: say("differences.setting", { name: say(`differences.settings.${name}`) }),
  }));
}
