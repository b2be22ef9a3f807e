// What the server found wrong: said at the control it concerns, marked on its field, and summed up above.
import { placesOf, spoken } from "./definition.js";
import { h, icon, uniqueId } from "./dom.js";
import { say } from "./page.js";
import { draw, store, view } from "./state.js";

let problems = [];
let checked = null;

/** `found` are {path, sentence} about `definition`; none when all is well. */
export function setProblems(found, definition) {
  problems = found;
  checked = definition;
  showProblems();
}

export const hasProblems = () => problems.length > 0;

const isAt = (path, place) => path === place || path.startsWith(`${place}.`) || path.startsWith(`${place}[`);

/** Write them where they belong on what is shown now. */
export function showProblems() {
  for (const note of document.querySelectorAll(".fb-problem")) note.remove();
  for (const control of document.querySelectorAll("#fb-panel [data-path]")) mark(control);
  document.getElementById("fb-summary").replaceChildren(...(problems.length ? [summary()] : []));
}

function mark(place) {
  const here = problems.filter(({ path }) => isAt(path, place.dataset.path));
  if (place.classList.contains("fb-row")) return place.classList.toggle("has-problem", here.length > 0);
  const inner = place.querySelectorAll("[data-path]");
  const own = here.filter(({ path }) => ![...inner].some((one) => isAt(path, one.dataset.path)));
  const control = place.querySelector("input, select, textarea") ?? place.querySelector("button");
  if (control?.ariaInvalid === "true") control.removeAttribute("aria-invalid");
  const described = (control?.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && !one.endsWith("-problem"));
  if (own.length) {
    const note = h(
      "div",
      { class: "problems fb-problem", id: `${uniqueId()}-problem` },
      own.map(({ sentence }) => h("p", { class: "problem" }, icon("circle-alert", "icon-s"), h("span", {}, sentence))),
    );
    place.append(note);
    control?.setAttribute("aria-invalid", "true");
    described.push(note.id);
  }
  if (described.length) control?.setAttribute("aria-describedby", described.join(" "));
  else control?.removeAttribute("aria-describedby");
  return null;
}

function summary() {
  const lines = new Map(problems.map((one) => [`${whereOf(one)}: ${one.sentence}`, one]).toReversed());
  return h(
    "div",
    { class: "callout danger", role: "group", "aria-label": say("problems.title") },
    icon("circle-alert"),
    h(
      "div",
      {},
      h("strong", {}, say("problems.title")),
      h("p", {}, say("problems.about")),
      h(
        "ul",
        { class: "fb-problem-list" },
        [...lines]
          .toReversed()
          .map(([text, one]) => h("li", {}, h("button", { type: "button", class: "link-button", onclick: () => go(one) }, text))),
      ),
    ),
  );
}

/** The field or step of a problem, by its name in the definition that was checked. */
function placeOfProblem({ path }) {
  const found = /^steps\[(\d+)\](?:\.fields\[(\d+)\])?/.exec(path);
  if (!found || !checked) return null;
  const step = checked.steps[Number(found[1])];
  return found[2] === undefined ? step : step?.fields[Number(found[2])];
}

function whereOf(problem) {
  const place = placeOfProblem(problem);
  return place ? spoken(place.label ?? place.title, checked) || place.id : say(`panels.${panelOf(problem)}`);
}

const PANELS = [
  [/^steps/, "fields"],
  [/^languages/, "languages"],
  [/^(routing|subject)/, "inbox"],
  [/^/, "settings"],
];
const panelOf = (problem) => PANELS.find(([pattern]) => pattern.test(problem.path))[1];

function go(problem) {
  view.panel = panelOf(problem);
  const place = placeOfProblem(problem);
  const isField = placesOf(store.definition).some(({ field }) => field.id === place?.id);
  if (place) view.open = isField ? place.id : "";
  draw();
  const control = [...document.querySelectorAll("#fb-panel [data-path]")].filter((one) => isAt(problem.path, one.dataset.path)).at(-1);
  for (let fold = control?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  control?.scrollIntoView({ block: "center" });
  control?.querySelector("input, select, textarea, button")?.focus({ preventScroll: true });
}
