// Which ids of fields and values of choices this page made from labels: only these follow their labels, and only until they are published.
import { fieldOf } from "./definition.js";
import { view } from "./state.js";

const made = new Set();
const keyOf = (id, value = "") => `${id}:${value}`;

/** Remember a field and its choices as made just now. */
export function noteMade(field) {
  made.add(keyOf(field.id));
  for (const { value } of field.choices ?? []) made.add(keyOf(field.id, value));
}

export function noteChoice(id, value) {
  made.add(keyOf(id, value));
}

/** Somebody wrote it by hand: it stays. */
export function forgetMade(id, value) {
  made.delete(keyOf(id, value));
}

/** A field goes by another id; what was made of it before stays known, for undo. */
export function noteRenamed(id, newId) {
  for (const key of [...made]) if (key.startsWith(`${id}:`)) made.add(newId + key.slice(id.length));
}

/** Whether the id, or the value of one of its choices, is to follow its label. */
export function followsLabel(id, value) {
  const live = view.live && fieldOf(view.live.definition, id);
  const isLive = value === undefined ? live : live?.choices?.some((one) => one.value === value);
  return made.has(keyOf(id, value)) && !isLive;
}
