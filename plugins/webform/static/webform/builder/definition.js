// Reading a definition, and the small rules of its JSON: texts by language, defaults that are left out, ids made from labels.

const RESERVED = new Set([
  "token", "page", "homepage", "context", "signature", "proof",
  "addEventListener", "constructor", "hasOwnProperty", "isPrototypeOf", "noValidate", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
]);
const LONGEST_ID = 40;
const LETTERS = { ß: "ss", æ: "ae", ø: "o", ł: "l", đ: "d", þ: "th", œ: "oe" };

export const baseOf = (definition) => definition.languages[0];

/** A text in the form's first language, else in any. */
export function spoken(text, definition) {
  return text?.[baseOf(definition)] || Object.values(text ?? {}).find(Boolean) || "";
}

/** Set one language of a text; nothing empty is kept. */
export function setText(owner, name, language, value) {
  const text = { ...owner[name] };
  if (value) text[language] = value;
  else delete text[language];
  setValue(owner, name, text, {});
}

/** Set a value; what equals its default is left out. */
export function setValue(owner, name, value, usual) {
  if (JSON.stringify(value) === JSON.stringify(usual)) delete owner[name];
  else owner[name] = value;
}

/** All fields in their order, each with where it stands. */
export function placesOf(definition) {
  return definition.steps.flatMap((step, stepAt) =>
    step.fields.map((field, at) => ({ field, step, stepAt, at, path: `steps[${stepAt}].fields[${at}]` })),
  );
}

export function placeOf(definition, id) {
  return placesOf(definition).find(({ field }) => field.id === id);
}

export function fieldOf(definition, id) {
  return placeOf(definition, id)?.field;
}

/** What a condition of a field or step may ask about: answers that stand before it. */
export function askedBefore(definition, ownerId) {
  const before = [];
  for (const step of definition.steps) {
    if (step.id === ownerId) return before;
    for (const field of step.fields) {
      if (field.id === ownerId) return before;
      if (isAnswer(field)) before.push(field);
    }
  }
  return before;
}

export const isAnswer = (field) => field.kind !== "heading" && field.kind !== "paragraph";
export const isAsked = (field) => isAnswer(field) && field.kind !== "hidden";

/** An id from a label: letters, digits and _, beginning with a letter, that nothing else in the form has. */
export function freeId(definition, label, fallback) {
  const taken = new Set([...RESERVED, ...definition.steps.map((step) => step.id), ...placesOf(definition).map(({ field }) => field.id)]);
  return freeName(label, fallback, taken);
}

/** A name as ids and values of choices are made: not in `taken`. */
export function freeName(label, fallback, taken) {
  const plain = label
    .toLowerCase()
    .replace(/[ßæøłđþœ]/g, (letter) => LETTERS[letter])
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "");
  const stem = plain.slice(0, LONGEST_ID - 4).replace(/_+$/, "") || fallback;
  let name = stem;
  for (let count = 2; taken.has(name); count += 1) name = `${stem}_${count}`;
  return name;
}

export const isId = (text) => /^[A-Za-z][A-Za-z0-9_]{0,39}$/.test(text) && !RESERVED.has(text);

/** Every text of a form in its order, as `{ group, groupKey, owner(definition), name, isLong, what }`, so that one can translate it. `what`
    says what kind of text it is. */
export function textsOf(definition, nameOf) {
  const texts = [];
  const add = (group, groupKey, owner, name, isLong = false, what = name) => texts.push({ group, groupKey, owner, name, isLong, what });
  for (const [name, isLong] of [["title"], ["intro", true], ["send_label"], ["thanks", true], ["confirmation", true]]) {
    add(nameOf("form"), "form", (d) => d, name, isLong);
  }
  definition.steps.forEach((step, stepAt) => {
    if (definition.steps.length > 1) add(nameOf("step", step), `step:${step.id}`, (d) => d.steps[stepAt], "title");
    step.fields.forEach((field, at) => {
      const group = nameOf("field", field);
      const owner = (d) => d.steps[stepAt].fields[at];
      for (const name of ["label", "help", "placeholder", "pattern_hint"]) add(group, `field:${field.id}`, owner, name, field.kind === "paragraph");
      (field.choices ?? []).forEach((_, choiceAt) => add(group, `field:${field.id}`, (d) => owner(d).choices[choiceAt], "label", false, "choice"));
    });
  });
  return texts.filter(({ owner, name }) => Object.values(owner(definition)[name] ?? {}).some(Boolean));
}

/** How many texts a language lacks. */
export function missingIn(definition, language) {
  return textsOf(definition, () => "").filter(({ owner, name }) => !owner(definition)[name][language]).length;
}
