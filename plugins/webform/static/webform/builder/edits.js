// Changes of a whole definition, as recipes for the store: adding, moving, removing fields, steps and languages, ids with all that names them.
import { freeId, placeOf, placesOf, spoken } from "./definition.js";

/** Put a field into a step; gives its id, which its label makes. */
export function addField(definition, field, stepAt, at = Infinity) {
  const step = definition.steps[stepAt];
  const id = freeId(definition, spoken(field.label, definition), field.kind);
  step.fields.splice(Math.min(at, step.fields.length), 0, { ...field, id });
  return id;
}

export function duplicateField(definition, id) {
  const { field, step, at } = placeOf(definition, id);
  const copy = structuredClone(field);
  if (copy.becomes) delete copy.becomes;
  const newId = freeId(definition, spoken(field.label, definition), field.kind);
  step.fields.splice(at + 1, 0, { ...copy, id: newId });
  return newId;
}

/** Remove a field and whatever asks about its answer. */
export function removeField(definition, id) {
  const { step, at } = placeOf(definition, id);
  step.fields.splice(at, 1);
  for (const owner of conditionOwners(definition)) {
    const rules = owner.show_if.rules.filter((rule) => rule.field !== id);
    if (rules.length) owner.show_if.rules = rules;
    else delete owner.show_if;
  }
  if (definition.subject) definition.subject = definition.subject.replaceAll(`{${id}}`, "").trim();
}

export function moveField(definition, id, stepAt, at) {
  const from = placeOf(definition, id);
  from.step.fields.splice(from.at, 1);
  definition.steps[stepAt].fields.splice(at, 0, from.field);
}

/** One place up (-1) or down (1), over the border of a step into the next. False when there is no further place. */
export function moveFieldBy(definition, id, by) {
  const { stepAt, at, step } = placeOf(definition, id);
  const target = at + by;
  if (target >= 0 && target < step.fields.length) moveField(definition, id, stepAt, target);
  else if (definition.steps[stepAt + by]) moveField(definition, id, stepAt + by, by > 0 ? 0 : definition.steps[stepAt + by].fields.length);
  else return false;
  return true;
}

/** Give a field another id everywhere. */
export function renameField(definition, id, newId) {
  const place = placeOf(definition, id);
  if (!place) return;
  place.field.id = newId;
  for (const owner of conditionOwners(definition)) for (const rule of owner.show_if.rules) if (rule.field === id) rule.field = newId;
  if (definition.subject) definition.subject = definition.subject.replaceAll(`{${id}}`, `{${newId}}`);
}

/** Give a choice another value wherever conditions and defaults name it. */
export function renameChoice(definition, id, value, newValue) {
  const field = placeOf(definition, id).field;
  field.choices.find((choice) => choice.value === value).value = newValue;
  if (field.default === value) field.default = newValue;
  for (const owner of conditionOwners(definition)) {
    for (const rule of owner.show_if.rules) if (rule.field === id && rule.value === value) rule.value = newValue;
  }
}

export function addStep(definition, title) {
  const id = freeId(definition, spoken(title, definition), "step");
  definition.steps.push({ id, title, fields: [] });
  return id;
}

/** Remove a step; its fields go to the one before, or after. */
export function removeStep(definition, id) {
  const at = definition.steps.findIndex((step) => step.id === id);
  const [step] = definition.steps.splice(at, 1);
  if (at > 0) definition.steps[at - 1].fields.push(...step.fields);
  else definition.steps[0].fields.unshift(...step.fields);
}

export function moveStepBy(definition, id, by) {
  const at = definition.steps.findIndex((step) => step.id === id);
  if (!definition.steps[at + by]) return false;
  definition.steps.splice(at + by, 0, ...definition.steps.splice(at, 1));
  return true;
}

/** Take a language away, with its texts. */
export function removeLanguage(definition, language) {
  definition.languages = definition.languages.filter((one) => one !== language);
  const owners = [definition, ...definition.steps, ...placesOf(definition).flatMap(({ field }) => [field, ...(field.choices ?? [])])];
  for (const owner of owners) {
    for (const [name, value] of Object.entries(owner)) {
      if (!isText(name, value) || !(language in value)) continue;
      delete value[language];
      if (!Object.keys(value).length) delete owner[name];
    }
  }
}

const TEXTS = new Set(["title", "intro", "send_label", "thanks", "confirmation", "label", "help", "placeholder", "pattern_hint"]);
const isText = (name, value) => TEXTS.has(name) && typeof value === "object" && value !== null;

function conditionOwners(definition) {
  return [...definition.steps, ...placesOf(definition).map(({ field }) => field)].filter((owner) => owner.show_if);
}
