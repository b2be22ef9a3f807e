// What each kind of field is: its icon and colour, how it begins, which settings it has, and which questions a condition may ask about it.
import { freeName } from "./definition.js";
import { say } from "./page.js";

const ASKED = ["is_filled", "is_empty"];
const WORDS = ["is", "is_not", "contains", ...ASKED];
const NUMBERS = ["is", "is_not", "more_than", "less_than", ...ASKED];
const PICKED = ["is", "is_not", ...ASKED];

/** `settings` name the parts of the inspector; `becomes` what the answer may become besides a fact; `tests` what conditions may ask. */
const TABLE = {
  text: {
    icon: "type",
    hue: 1,
    settings: ["width", "becomes", "placeholder", "length", "pattern", "default", "parameter"],
    becomes: ["name", "company", "subject", "message"],
    tests: WORDS,
  },
  long_text: {
    icon: "text-align-start",
    hue: 1,
    settings: ["becomes", "placeholder", "length", "pattern", "default", "parameter"],
    becomes: ["message"],
    tests: WORDS,
  },
  email: { icon: "mail", hue: 0, settings: ["width", "becomes", "placeholder", "parameter"], becomes: ["email"], tests: WORDS },
  phone: { icon: "phone", hue: 0, settings: ["width", "becomes", "region", "placeholder", "parameter"], becomes: ["phone"], tests: ASKED },
  number: { icon: "hash", hue: 1, settings: ["width", "range", "placeholder", "default", "parameter"], becomes: [], tests: NUMBERS },
  choice: {
    icon: "circle-dot",
    hue: 2,
    settings: ["choices", "display", "width", "becomes", "defaultChoice", "placeholder", "parameter"],
    becomes: ["subject", "company"],
    tests: PICKED,
  },
  choices: { icon: "list-checks", hue: 2, settings: ["choices", "count", "parameter"], becomes: [], tests: PICKED },
  date: { icon: "calendar", hue: 4, settings: ["width", "dates", "parameter"], becomes: [], tests: NUMBERS },
  file: { icon: "paperclip", hue: 4, settings: ["files"], becomes: [], tests: ASKED },
  rating: { icon: "star", hue: 5, settings: ["stars", "parameter"], becomes: [], tests: NUMBERS },
  consent: { icon: "square-check", hue: 6, settings: [], becomes: [], tests: ASKED },
  hidden: { icon: "eye-off", hue: 3, settings: ["hidden", "becomes"], becomes: ["name", "company", "subject"], tests: WORDS },
  heading: { icon: "heading", hue: 7, settings: [], becomes: [], tests: [] },
  paragraph: { icon: "pilcrow", hue: 7, settings: [], becomes: [], tests: [] },
};

export const kindOf = (name) => TABLE[name];
export const kindName = (name) => say(`kinds.${name}.name`);

/** The palette: groups of kinds in the order in which they are offered. */
export const GROUPS = [
  ["groups.questions", ["text", "long_text", "number", "date", "rating", "file"]],
  ["groups.choices", ["choice", "choices", "consent"]],
  ["groups.contact", ["email", "phone"]],
  ["groups.others", ["heading", "paragraph", "hidden"]],
];

const OWN_ROLE = { email: "email", phone: "phone", long_text: "message" };

/** A field of a kind as it begins, complete enough to be saved. The first one that can becomes what its kind is for. */
export function freshField(kind, language, takenRoles) {
  const field = { id: "", kind, label: { [language]: say(`kinds.${kind}.label`) } };
  if (kind === "choice" || kind === "choices") {
    const labels = [1, 2].map((number) => say("choice_number", { number }));
    field.choices = labels.map((label, at) => ({ value: freeName(label, `choice_${at + 1}`, new Set()), label: { [language]: label } }));
  }
  if (kind === "consent") field.is_required = true;
  if (kind === "hidden") field.parameter = "source";
  const role = OWN_ROLE[kind];
  if (role && !takenRoles.has(role)) field.becomes = role;
  return field;
}
