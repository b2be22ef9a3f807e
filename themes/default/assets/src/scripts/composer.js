// The reply box: saves the draft while you type, counts where the channel does, lists chosen files, takes dropped and pasted ones, sends
// on Ctrl/⌘ + Enter, and says so where it would send later.
import { placePictures, removePicture } from "./inline-pictures.js";
import { post, say } from "./page.js";

const SAVE_AFTER_MS = 1200;

export function setUpComposer() {
  document.querySelectorAll("form[data-composer]").forEach(setUp);
}

function setUp(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) {
      event.preventDefault();
      submitVisible(form);
    }
  });
  const files = form.querySelector("input[type=file]");
  if (files) setUpFiles(form, files);
  if (form.dataset.draft) setUpDraft(form);
  setUpCount(form);
  setUpWhom(form);
  setUpLater(form);
  keepHeight(form.querySelector("textarea"));
}

/** Press the button a person would see: send in reply mode, add note in note mode. */
function submitVisible(form) {
  const buttons = [...form.querySelectorAll("button[data-sends]")];
  const button = buttons.find((candidate) => candidate.offsetParent !== null);
  if (button) form.requestSubmit(button);
}

function setUpDraft(form) {
  let timer = null;
  let isDirty = false;
  const saved = form.querySelector(".saved");
  const save = async (options) => {
    isDirty = false;
    const fields = new FormData(form);
    fields.delete("files");
    const answer = await post(form.dataset.draft, fields, options).catch(() => null);
    if (saved) saved.textContent = answer?.ok ? say("draft-saved") : say("draft-lost");
  };
  form.addEventListener("input", (event) => {
    if (event.target.type === "file") return;
    isDirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_AFTER_MS);
  });
  form.addEventListener("submit", () => { isDirty = false; clearTimeout(timer); });
  window.addEventListener("pagehide", () => { if (isDirty) save({ keepalive: true }); });
}

/** How many characters are written of those that the channel takes; the signature takes some as soon as there is a text. */
function setUpCount(form) {
  const shown = form.querySelector(".composer-count");
  const text = form.querySelector("textarea");
  if (!shown || !text) return;
  const count = () => {
    const limits = form.querySelector("[data-taken]");
    const longest = (limits?.querySelector("[data-longest]:checked") ?? limits)?.dataset.longest;
    const taken = limits?.dataset.taken;
    const written = [...text.value].length + (text.value.trim() ? Number(taken ?? 0) : 0);
    shown.textContent = longest ? `${written} / ${longest}` : "";
    shown.classList.toggle("is-over", Boolean(longest) && written > Number(longest));
  };
  form.addEventListener("input", count);
  document.addEventListener("htmx:afterSettle", count);
  count();
}

/** "Reply all" and "Only the sender" fill the field Cc in place: what is being written stays. */
function setUpWhom(form) {
  const links = [...form.querySelectorAll("a[data-cc]")];
  const cc = form.querySelector("[name=cc]");
  if (!cc) return;
  const show = () => links.forEach((link) => {
    if (link.dataset.cc === cc.value.trim()) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
  links.forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    cc.value = link.dataset.cc;
    cc.closest("details").open = Boolean(cc.value);
    show();
    form.querySelector("textarea").focus();
  }));
  cc.addEventListener("input", show);
}

/** With a moment chosen the big button schedules too, and Enter in the field never sends at once by mistake. */
function setUpLater(form) {
  const moment = form.querySelector("[name=at_local]");
  const label = form.querySelector("[data-scheduled] span");
  if (!moment || !label) return;
  const now = label.textContent;
  const show = () => { label.textContent = moment.value ? label.closest("button").dataset.scheduled : now; };
  moment.addEventListener("input", show);
  moment.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    form.requestSubmit(form.querySelector("[name=at_chosen]"));
  });
  moment.addEventListener("invalid", () => { moment.closest("details").open = true; });
  show();
}

function setUpFiles(form, input) {
  const list = form.querySelector(".file-list");
  const show = () => {
    list.replaceChildren(...[...input.files].map((file, index) => chip(file, () => remove(index))));
    const kept = [...form.querySelectorAll("[name=kept]:checked")].map((box) => ({ size: Number(box.dataset.size) }));
    warnOfSize(form.querySelector("[data-most]"), [...input.files, ...kept]);
  };
  const remove = (index) => { removePicture(form, input.files[index].name); input.files = transfer([...input.files].filter((_, at) => at !== index)); show(); };
  const add = (files) => { input.files = transfer([...input.files, ...files]); show(); };
  input.addEventListener("change", show);
  form.querySelectorAll("[name=kept]").forEach((box) => box.addEventListener("change", () => {
    if (!box.checked) removePicture(form, box.dataset.name);
    show();
  }));
  const place = (files, event) => add(placePictures(form, [...files], event));
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData.files.length) return;
    if (!event.clipboardData.types.includes("text/plain")) event.preventDefault();
    place(event.clipboardData.files, event);
  });
  const zone = form.closest("[data-drop-zone]") ?? form;
  zone.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.add("dropping");
  });
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("dropping"); });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("dropping");
    place(event.dataTransfer.files, event);
  });
}

/** Files travel as base64: 57 bytes become a line of 78. The server says the same when it is asked to send them. */
function warnOfSize(shown, files) {
  if (!shown) return;
  const most = Number(shown.dataset.most);
  const size = files.reduce((sum, file) => sum + Math.ceil(file.size / 57) * 78, 0);
  const megabytes = (bytes) => String(Math.round(bytes / 1e5) / 10);
  const text = shown.dataset.text.replace("{most}", megabytes(most)).replace("{size}", megabytes(size));
  shown.textContent = size > most ? text : "";
}

function chip(file, onRemove) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "tag file-chip";
  button.textContent = `${file.name} ×`;
  button.setAttribute("aria-label", `${say("remove")} ${file.name}`);
  button.addEventListener("click", onRemove);
  return button;
}

function transfer(files) {
  const data = new DataTransfer();
  files.forEach((file) => data.items.add(file));
  return data.files;
}

/** Browsers without field-sizing: grow with the text. */
function keepHeight(textarea) {
  if (!textarea || CSS.supports("field-sizing", "content")) return;
  const grow = () => { textarea.style.height = "auto"; textarea.style.height = `${textarea.scrollHeight}px`; };
  textarea.addEventListener("input", grow);
  grow();
}
