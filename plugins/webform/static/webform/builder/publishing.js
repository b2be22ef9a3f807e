// The Publish button: says what will change, publishes the saved draft, and lets a draft be thrown away.
import { differences, isDifferent } from "./differences.js";
import { h, icon, toast } from "./dom.js";
import { postJSON, say, urls } from "./page.js";
import { hasProblems, setProblems } from "./problems.js";
import { adopt, currentRevision, saveNow, setRevision } from "./saving.js";
import { draw, store, view } from "./state.js";

const button = document.getElementById("fb-publish");
const hasNews = () => !view.live || isDifferent(view.live.definition, store.definition);

export function setUpPublishing() {
  button.addEventListener("click", ask);
  store.listen(refresh);
  refresh();
}

function refresh() {
  const isNew = hasNews();
  button.classList.toggle("primary", isNew);
  button.querySelector(".label").textContent = say(isNew ? "publish.publish" : "publish.published");
  button.setAttribute("aria-disabled", String(!isNew));
  document.getElementById("fb-version").textContent = view.live ? say("publish.version", { number: view.live.number }) : say("publish.never");
}

async function ask() {
  if (!hasNews()) return;
  const isReady = await saveNow();
  if (!isReady || hasProblems()) {
    toast(say("publish.not_ready"));
    return;
  }
  const lines = view.live ? differences(view.live.definition, store.definition) : [];
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "fb-publish-title" },
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id: "fb-publish-title" }, say(view.live ? "publish.title" : "publish.first_title")),
      h("button", { type: "button", class: "button quiet icon-only", "data-closes": "", "aria-label": say("close") }, icon("x")),
    ),
    h(
      "div",
      { class: "dialog-body fb-dialog" },
      h("p", {}, say(view.live ? "publish.about" : "publish.first_about")),
      lines.length > 0 && changes(lines),
      h(
        "div",
        { class: "button-row" },
        h(
          "button",
          { type: "button", class: "button primary", autofocus: true, onclick: () => act(dialog, publish) },
          icon("rocket"),
          say("publish.now"),
        ),
        h("button", { type: "button", class: "button", "data-closes": "" }, say("cancel")),
        view.live &&
          h("button", { type: "button", class: "button danger quiet fb-discard", onclick: () => act(dialog, discard) }, say("publish.discard")),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const MARKS = { added: ["plus", "ok"], removed: ["trash-2", "danger"], changed: ["pencil", ""] };

function changes(lines) {
  return h(
    "ul",
    { class: "fb-changes" },
    lines.map(({ kind, text }) => h("li", { class: MARKS[kind][1] }, icon(MARKS[kind][0], "icon-s"), h("span", {}, text))),
  );
}

async function act(dialog, what) {
  dialog.close();
  try {
    await what();
  } catch {
    toast(say("saving.offline"));
  }
}

async function publish() {
  const published = store.definition;
  const { status, data } = await postJSON(urls.publish, { revision: currentRevision() });
  if (status === 422) return setProblems(data.problems, store.definition);
  if (status !== 200) return toast(say(status === 409 ? "publish.changed" : "publish.failed"));
  view.live = { ...data.live, definition: published };
  setRevision(data.revision);
  refresh();
  draw();
  return toast(say("publish.done", { number: data.live.number }), say("publish.share"), () => {
    location.href = urls.share;
  });
}

async function discard() {
  const { status, data } = await postJSON(urls.discard, { revision: currentRevision() });
  if (status !== 200) return toast(say("publish.failed"));
  adopt(data);
  refresh();
  return toast(say("publish.discarded"), say("undo"), () => store.undo());
}
