// The form as visitors see it, beside the editor: drawn anew after each save without a flicker, in a width, colours and a language of choice.
import { h } from "./dom.js";
import { languageName, say, urls } from "./page.js";
import { store, view } from "./state.js";

const STORED = "tidings-form-preview";
const look = { width: "desktop", theme: "auto", language: "", ...JSON.parse(sessionStorage.getItem(STORED) ?? "{}"), language: "" };
const stage = document.getElementById("fb-stage");
let shown = stage.querySelector("iframe");
let coming = null;

/** `opens(id)` is called when somebody clicks a field in the preview. */
export function setUpPreview(opens) {
  for (const input of document.querySelectorAll("[data-look]")) {
    input.checked = look[input.dataset.look] === input.value;
    input.addEventListener("change", () => choose(input.dataset.look, input.value));
  }
  document.getElementById("fb-preview-language").addEventListener("change", (event) => choose("language", event.target.value));
  document.addEventListener("fb-translating", ({ detail }) => {
    if (look.language === detail) return;
    look.language = detail;
    offerLanguages();
    reloadPreview();
  });
  document.addEventListener("fb-opened", ({ detail }) => spotlight(detail, true));
  stage.dataset.width = look.width;
  offerLanguages();
  opensField = opens;
  reloadPreview();
}

let opensField = () => {};

function choose(what, value) {
  look[what] = value;
  sessionStorage.setItem(STORED, JSON.stringify({ ...look, language: "" }));
  stage.dataset.width = look.width;
  if (what !== "width") reloadPreview();
}

/** The languages of the form, as choices above the preview. */
export function offerLanguages() {
  const chooser = document.getElementById("fb-preview-language");
  const { languages } = store.definition;
  if (!languages.includes(look.language)) [look.language] = languages;
  chooser.replaceChildren(...languages.map((code) => h("option", { value: code, selected: code === look.language }, languageName(code))));
  chooser.hidden = languages.length < 2;
}

/** Load the saved draft behind what is shown, and change places once it is there. */
export function reloadPreview() {
  coming?.remove();
  const frame = h("iframe", { class: "fb-frame is-coming", title: say("preview.title"), tabindex: "-1", "aria-hidden": "true" });
  coming = frame;
  frame.addEventListener("load", () => (frame === coming ? takePlace(frame) : listen(frame.contentDocument)));
  frame.src = `${urls.preview}?${new URLSearchParams({ language: look.language, theme: look.theme, at: String(Date.now()) })}`;
  stage.append(frame);
}

function takePlace(frame) {
  const page = frame.contentDocument;
  const before = shown?.contentWindow;
  const stepBefore = shown?.contentDocument?.querySelector("[data-step]:not([hidden])")?.dataset.step;
  if (stepBefore) goToStep(page, page.querySelector(`[data-step="${CSS.escape(stepBefore)}"]`));
  if (before) frame.contentWindow.scrollTo(before.scrollX, before.scrollY);
  page.body.style.padding = "12px 20px";
  listen(page);
  frame.classList.remove("is-coming");
  frame.removeAttribute("tabindex");
  frame.removeAttribute("aria-hidden");
  shown?.remove();
  shown = frame;
  coming = null;
  stage.removeAttribute("aria-busy");
  spotlight(view.panel === "fields" ? view.open : "", false);
}

/** A click on a field opens its settings; no click leads away from the preview. */
function listen(page) {
  page?.addEventListener(
    "click",
    (event) => {
      if (event.target.closest('a[href]:not([href^="#"])')) event.preventDefault();
      const id = event.target.closest("[data-field]")?.dataset.field;
      if (id) opensField(id);
    },
    true,
  );
}

/** Show where the opened field stands. */
function spotlight(id, isScrolled) {
  const page = shown?.contentDocument;
  page?.querySelectorAll("[data-spotlight]").forEach((one) => light(one, ""));
  const field = id ? page?.querySelector(`[data-field="${CSS.escape(id)}"]`) : null;
  document.getElementById("fb-unseen").hidden = !field?.closest("[data-off]");
  if (!field) return;
  if (isScrolled) goToStep(page, field.closest("[data-step]"));
  light(field, "2px solid light-dark(#0a6b66, #4cc9ba)");
  if (isScrolled) field.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

/** The form's own script goes to the step of whatever a link in its summary names; the mark takes no focus away from the editor. */
function goToStep(page, step) {
  const summary = page.querySelector(".tf-summary");
  if (!summary || !step?.hidden || step.matches("[data-off]")) return;
  const mark = page.createElement("span");
  const link = page.createElement("a");
  mark.id = "fb-mark";
  link.href = "#fb-mark";
  step.append(mark);
  summary.append(link);
  link.click();
  link.remove();
  mark.remove();
}

function light(field, outline) {
  field.toggleAttribute("data-spotlight", outline !== "");
  Object.assign(field.style, { outline, outlineOffset: outline && "6px", borderRadius: outline && "4px" });
}
