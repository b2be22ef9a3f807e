// Holds the definition being edited, with undo and redo. Whoever shows something of it listens.

const MERGE_MS = 1500;
const REMEMBERED = 200;

export class Store {
  #past = [];
  #future = [];
  #last = { key: "", at: 0 };
  #listeners = new Set();

  constructor(definition) {
    this.definition = definition;
  }

  get canUndo() {
    return this.#past.length > 0;
  }
  get canRedo() {
    return this.#future.length > 0;
  }

  /** `heard({ isText })` after each change; `isText` when somebody types, so that nothing under the cursor need be drawn anew. */
  listen(heard) {
    this.#listeners.add(heard);
  }

  /**
   * Change the definition: `recipe(copy)` changes a copy and may return something, which is handed back. Changes with the same
   * `key` shortly one after the other are undone together, and one that `joins` with whatever was before it.
   */
  edit(recipe, { key = "", isText = false, joins = false } = {}) {
    const next = structuredClone(this.definition);
    const result = recipe(next);
    if (JSON.stringify(next) === JSON.stringify(this.definition)) return result;
    const now = Date.now();
    const isSame = key !== "" && key === this.#last.key && now - this.#last.at < MERGE_MS;
    if (!isSame && !(joins && this.canUndo)) this.#past = [...this.#past, this.definition].slice(-REMEMBERED);
    this.#last = { key, at: now };
    this.#future = [];
    this.definition = next;
    this.#tell({ isText });
    return result;
  }

  undo() {
    this.#step(this.#past, this.#future);
  }

  redo() {
    this.#step(this.#future, this.#past);
  }

  /** Take another definition, as after a conflict; undo leads back to the one before. */
  replace(definition) {
    this.edit((copy) => {
      for (const name of Object.keys(copy)) delete copy[name];
      Object.assign(copy, structuredClone(definition));
    });
  }

  #step(from, to) {
    if (!from.length) return;
    to.push(this.definition);
    this.definition = from.pop();
    this.#last = { key: "", at: 0 };
    this.#tell({ isText: false });
  }

  #tell(what) {
    for (const heard of this.#listeners) heard(what);
  }
}
