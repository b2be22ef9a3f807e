// Saves the draft by itself shortly after the last change, says how that went, tries again when it did not, and asks when somebody else saved.
import { h, icon } from "./dom.js";
import { facts, postJSON, say, urls } from "./page.js";
import { hasProblems, setProblems } from "./problems.js";
import { store } from "./state.js";

const QUIET_MS = 800;
const LONGEST_PAUSE_MS = 30_000;
let revision = facts.draft.revision;
let saved = store.definition;
let timer = 0;
let pauseMs = 1000;
let running = null;
let whenSaved = () => {};

export const currentRevision = () => revision;
export const setRevision = (number) => {
  revision = number;
};
const isSaved = () => store.definition === saved;

/** `onsaved()` after each save. */
export function setUpSaving(onsaved) {
  whenSaved = onsaved;
  store.listen(onChange);
  window.addEventListener("beforeunload", (event) => {
    if (!isSaved()) event.preventDefault();
  });
  window.addEventListener("online", () => {
    if (!isSaved()) save(0);
  });
  setState("saved");
}

function onChange() {
  if (!isSaved()) {
    setState("waiting");
    save(QUIET_MS);
  } else if (!running) {
    setProblems([], saved);
    setState("saved");
  }
}

function save(inMs) {
  clearTimeout(timer);
  timer = setTimeout(saveNow, inMs);
}

/** Save what is not saved yet; gives whether all is saved then. */
export async function saveNow() {
  clearTimeout(timer);
  while (running) await running;
  if (isSaved()) return !hasProblems();
  running = send(store.definition);
  await running;
  running = null;
  return isSaved();
}

async function send(definition) {
  setState("saving");
  try {
    take(await postJSON(urls.draft, { revision, definition }), definition);
  } catch {
    tryAgain(say("saving.offline"));
  }
}

function take(answer, definition) {
  if (answer.isSignedOut) return setState("failed", say("saving.signed_out"));
  const act = ANSWERS[answer.status];
  if (act) return act(answer.data, definition);
  return answer.status >= 500 || answer.status === 429 ? tryAgain(say("saving.server")) : setState("failed", say("saving.refused"));
}

const ANSWERS = {
  200: (data, definition) => {
    revision = data.revision;
    saved = definition;
    pauseMs = 1000;
    setProblems([], definition);
    setState(isSaved() ? "saved" : "waiting");
    whenSaved();
    if (!isSaved()) save(QUIET_MS);
  },
  422: (data, definition) => {
    setProblems(data.problems, definition);
    setState("problems");
    if (store.definition !== definition) save(QUIET_MS);
  },
  409: (data, definition) => askWhose(data, definition),
};

function tryAgain(reason) {
  setState("failed", say("saving.again", { reason }));
  save(pauseMs);
  pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
}

/** What the server has now becomes what is saved, as after a conflict or when a draft was thrown away. */
export function adopt(data) {
  revision = data.revision;
  store.replace(data.definition);
  saved = store.definition;
  setProblems([], saved);
  setState("saved");
  whenSaved();
}

/** Somebody else saved meanwhile: their form or this one. */
function askWhose(data) {
  setState("failed", say("conflict.state"));
  const at = new Date(data.changed_at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const dialog = h(
    "dialog",
    { class: "dialog fb-conflict", "aria-labelledby": "fb-conflict-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "fb-conflict-title" }, say("conflict.title"))),
    h(
      "div",
      { class: "dialog-body fb-dialog" },
      h("p", {}, say("conflict.about", { name: data.changed_by || say("conflict.somebody"), time: at })),
      h(
        "div",
        { class: "button-row" },
        h("button", { type: "button", class: "button primary", onclick: () => decide(() => adopt(data)) }, say("conflict.theirs")),
        h(
          "button",
          {
            type: "button",
            class: "button",
            onclick: () =>
              decide(() => {
                revision = data.revision;
                save(0);
              }),
          },
          say("conflict.mine"),
        ),
      ),
    ),
  );
  const decide = (act) => {
    dialog.remove();
    act();
  };
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  dialog.showModal();
}

const ICONS = { saved: "check", waiting: "pencil", saving: "refresh-cw", failed: "triangle-alert", problems: "circle-alert" };

function setState(state, words = "") {
  const place = document.getElementById("fb-state");
  place.dataset.state = state;
  place.replaceChildren(icon(ICONS[state], "icon-s"), h("span", {}, words || say(`saving.${state}`)));
  document.getElementById("fb-stale").hidden = state !== "problems";
}
