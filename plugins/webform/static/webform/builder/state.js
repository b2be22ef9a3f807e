// The one store of this page, what is open on it, and who follows while somebody types.
import { facts } from "./page.js";
import { Store } from "./store.js";

export const store = new Store(facts.draft.definition);

/** `panel` is the part shown on the left, `open` the id of the field or step whose settings show, `language` the one being translated. */
export const view = { panel: "fields", open: "", language: "", live: facts.draft.live, onlyMissing: false, fresh: new Set() };

let followers = [];
let drawPanel = () => {};

/** Keep something up to date until its panel is drawn anew; runs at once. */
export function follow(update) {
  followers.push(update);
  update();
}

export function forgetFollowers() {
  followers = [];
}

export function tellFollowers() {
  for (const update of followers) update();
}

/** `draw()` shows the panel anew; given a function, that one does so from now on. */
export function draw(how = null) {
  if (how) drawPanel = how;
  else drawPanel();
}
