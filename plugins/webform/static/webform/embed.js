// Tidings contact form for any page: <script src="…/embed.js" data-form="KEY" async></script>
// data-mode="button" shows a button that opens the form; data-label names it; data-target="#id" places the form elsewhere;
// data-theme="light|dark|auto" and data-accent="#0a6b66" fit it to the page; it speaks the page's language, or data-lang="de".
// No cookies, no dependencies, no inline style.
// Without data-form the script only gives plain frames of the form their height.
(() => {
  "use strict";
  const me = document.currentScript || document.querySelector('script[data-form][src$="/embed.js"]');
  const base = new URL(".", me.src);

  const mark = Symbol.for("tidings.frames:" + base.origin);
  if (!window[mark]) {
    window[mark] = true;
    addEventListener("message", ({ origin, source, data }) => {
      if (origin !== base.origin || data?.tidings !== "height" || !(data.height > 0)) return;
      for (const frame of document.getElementsByTagName("iframe")) {
        if (frame.contentWindow === source) frame.style.height = Math.min(Math.ceil(data.height), 4000) + "px";
      }
    });
  }

  const key = me.dataset.form;
  if (!key) return;
  const spoken = me.dataset.lang || me.closest("[lang]")?.lang;
  const address = (part) => new URL(`f/${encodeURIComponent(key)}/${part}${spoken ? "?lang=" + encodeURIComponent(spoken) : ""}`, base);
  const isButton = me.dataset.mode === "button";
  const draftName = "tidings:" + key;
  const REQUEST_MS = 60000;
  const FIRST_PAUSE_S = 5;
  const LONGEST_PAUSE_S = 60;
  const PATIENCE_MS = 2500; // a token younger than this looks like a program's

  const STYLE = `
:host { all: initial; color-scheme: light; display: block; margin-block: 16px; }
:host([data-theme=dark]) { color-scheme: dark; }
:host([data-theme=auto]) { color-scheme: light dark; }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
.box, dialog, .launch {
  --accent: var(--tidings-accent, light-dark(#0a6b66, #4cc9ba)); --on-accent: var(--tidings-on-accent, light-dark(#fff, #06201d));
  --text: light-dark(#14191b, #eceff0); --soft: light-dark(#5f6b70, #a3adb2); --line: light-dark(#868f93, #727c81);
  --surface: light-dark(#fff, #191c1e); --danger: light-dark(#b01f28, #ff938d);
  font: 400 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; color: var(--text);
}
.box { max-width: 600px; }
h2 { margin: 0 0 6px; font-size: 22px; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; }
h2:focus, .done:focus { outline: none; }
p { margin: 0; }
.intro { margin-bottom: 18px; color: var(--soft); white-space: pre-line; }
fieldset { display: grid; gap: 16px; margin: 0; padding: 0; border: 0; min-width: 0; }
.pair { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 210px), 1fr)); }
.field { display: grid; gap: 5px; min-width: 0; align-content: start; }
label { font-size: 14px; font-weight: 550; }
.soft { color: var(--soft); font-size: 14px; font-weight: 400; }
input, textarea {
  width: 100%; min-height: 42px; padding: 8px 11px; border: 1px solid var(--line); border-radius: 7px; background: var(--surface);
  color: inherit; font: inherit;
}
textarea { min-height: 132px; resize: vertical; }
input[type=file] { min-height: 0; padding: 0; border: 0; background: none; font-size: 14px; }
::file-selector-button {
  margin-inline-end: 10px; padding: 8px 13px; border: 1px solid var(--line); border-radius: 7px; background: var(--surface);
  color: var(--text); font: inherit; cursor: pointer;
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[aria-invalid=true] { border-color: var(--danger); }
.problem { color: var(--danger); font-size: 14px; }
button { font: inherit; font-weight: 550; cursor: pointer; }
.send, .launch {
  min-height: 44px; padding: 9px 22px; border: 0; border-radius: 8px; background: var(--accent); color: var(--on-accent); justify-self: start;
}
.send:hover, .launch:hover { filter: brightness(.92); }
fieldset:disabled { opacity: .65; }
.links { display: flex; gap: 16px; margin-top: 6px; }
.link { padding: 0; border: 0; background: none; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; }
.say { margin-top: 14px; }
.say:empty { margin: 0; }
.trap { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.done { padding: 4px 0; white-space: pre-line; }
.done::before {
  content: ""; display: block; width: 11px; height: 20px; margin: 4px 0 16px 8px; border: solid var(--accent); border-width: 0 3px 3px 0;
  transform: rotate(42deg);
}
.launch { position: fixed; inset: auto 20px 20px auto; z-index: 2147483000; border-radius: 99px; box-shadow: 0 4px 18px rgb(0 0 0 / 22%); }
dialog {
  width: min(520px, calc(100vw - 24px)); max-height: calc(100dvh - 24px); padding: 24px; border: 0; border-radius: 14px;
  background: var(--surface); box-shadow: 0 18px 60px rgb(0 0 0 / 32%); overflow: auto;
}
dialog::backdrop { background: rgb(10 15 16 / 45%); }
.close { float: inline-end; width: 44px; height: 44px; margin: -12px -12px 0 0; border: 0; border-radius: 8px; background: none; color: var(--soft); font-size: 26px; line-height: 1; }
`;

  /** An element with properties (on… are listeners, others with a dash are attributes) and children. */
  const el = (tag, properties = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name.includes("-") || !(name in made)) made.setAttribute(name, value);
      else made[name] = value;
    }
    made.append(...children.filter((child) => child !== "" && child != null));
    return made;
  };

  const memory = (value) => {
    try {
      if (value === undefined) return JSON.parse(sessionStorage.getItem(draftName)) || {};
      if (value) sessionStorage.setItem(draftName, JSON.stringify(value));
      else sessionStorage.removeItem(draftName);
    } catch { /* storage is switched off: the text lives in the form alone */ }
    return {};
  };

  const ask = async (part, options = {}) => {
    const response = await fetch(address(part), { credentials: "omit", signal: AbortSignal.timeout(REQUEST_MS), ...options });
    if (response.status >= 500 && response.status !== 503) throw new Error(response.status);
    return { status: response.status, body: await response.json() };
  };

  const holder = el("div", { "data-tidings": key, "data-theme": me.dataset.theme || "light" });
  const root = holder.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];
  if (me.dataset.accent) holder.style.setProperty("--tidings-accent", me.dataset.accent);

  const box = el("div", { className: "box" });
  let form, fields, say, send, close, texts, definition, pending = null, keeps = false;

  /** Count down in the sentence, then run; `now()` runs at once, `stop()` never. */
  const later = (seconds, sentence, run, where, links = []) => {
    const line = el("p"), until = Date.now() + seconds * 1000;
    where.replaceChildren(line, el("div", { className: "links" }, ...links));
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (left <= 0) return now();
      const text = sentence.replace("{n}", left);
      line.textContent = text;
    };
    const stop = () => { clearInterval(timer); removeEventListener("online", now); };
    const now = () => { stop(); where.replaceChildren(); run(); };
    const timer = setInterval(tick, 1000);
    addEventListener("online", now);
    tick();
    return { now, stop };
  };

  const control = (field) => {
    const id = "f-" + field.name, help = field.help ? id + "-help" : "";
    const properties = { id, name: field.name, required: field.required, autocomplete: field.autocomplete };
    if (field.max_length) properties.maxLength = field.max_length;
    if (help) properties["aria-describedby"] = help;
    const input = field.kind === "textarea" ? el("textarea", properties) : el("input", { ...properties, type: field.kind });
    if (field.kind === "file") input.multiple = true;
    return el("div", { className: "field" },
      el("label", { htmlFor: id }, field.label, field.required ? "" : el("span", { className: "soft" }, ` (${texts.optional})`)),
      input,
      help ? el("p", { id: help, className: "soft" }, field.help) : "",
      el("p", { id: id + "-problem", className: "problem", hidden: true }));
  };

  const mark_problems = (problems) => {
    let first = null;
    for (const { name, help } of definition.fields) {
      const input = form.elements[name], line = root.getElementById(`f-${name}-problem`), problem = problems[name] || "";
      line.textContent = problem;
      line.hidden = !problem;
      input.setAttribute("aria-invalid", String(!!problem));
      input.setAttribute("aria-describedby", [help && `f-${name}-help`, problem && line.id].filter(Boolean).join(" "));
      if (problem && !first) first = input;
    }
    first?.focus();
    return !!first;
  };

  const problems_here = () => {
    const found = {};
    for (const { name, label } of definition.fields) {
      const input = form.elements[name];
      if (input.type === "file") {
        const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
        if (input.files.length > definition.max_files || bytes > definition.max_bytes) found[name] = texts.large;
      } else if (!input.validity.valid) found[name] = input.validity.valueMissing ? texts.required : input.validationMessage;
    }
    return found;
  };

  /** Keep the text for a reload of the page, from the first failure on. */
  const keep = () => {
    const texts_only = definition.fields.filter((field) => field.kind !== "file");
    memory(Object.fromEntries(texts_only.map(({ name }) => [name, form.elements[name].value])));
    keeps = true;
  };

  const unlock = () => { pending = null; fields.disabled = false; send.textContent = texts.send; };

  const refuse = (sentence, problems = {}) => {
    unlock();
    say.replaceChildren(el("p", { className: "problem" }, sentence));
    keep();
    mark_problems(problems);
  };

  const thank = (sentence) => {
    pending = null;
    memory(null);
    keeps = false;
    const done = el("div", { className: "done", tabIndex: -1, role: "status" }, sentence);
    box.replaceChildren(done, el("div", { className: "links" }, el("button", { type: "button", className: "link", onclick: load }, texts.again)));
    done.focus();
  };

  const deliver = async (data, pause = FIRST_PAUSE_S, isSecond = false) => {
    pending = { stop() {} };
    fields.disabled = true;
    send.textContent = texts.sending;
    try {
      const { status, body } = await ask("submit", { method: "POST", body: data });
      if (status === 200) return thank(body.thanks);
      if (body.token) form.elements.token.value = body.token;
      if (body.reason === "stale" && !isSecond) {
        data.set("token", body.token);
        return setTimeout(() => deliver(data, pause, true), PATIENCE_MS);
      }
      refuse(body.error, body.fields);
    } catch {
      keep();
      const edit = el("button", { type: "button", className: "link", onclick: () => { pending.stop(); say.replaceChildren(); unlock(); } }, texts.edit);
      const now = el("button", { type: "button", className: "link", onclick: () => pending.now() }, texts.now);
      const next = Math.min(pause * 2, LONGEST_PAUSE_S);
      pending = later(pause, texts.away, () => deliver(data, next, isSecond), say, [now, edit]);
    }
  };

  const submit = (event) => {
    event.preventDefault();
    if (pending || mark_problems(problems_here())) return;
    say.replaceChildren();
    const data = new FormData(form);
    data.set("page", location.href.split("#")[0]);
    deliver(data);
  };

  const draw = () => {
    texts = definition.texts;
    if (close) close.ariaLabel = texts.close;
    say = el("div", { className: "say", role: "status" });
    send = el("button", { className: "send" }, texts.send);
    const controls = definition.fields.map(control);
    fields = el("fieldset", {},
      el("div", { className: "pair" }, ...controls.slice(0, 2)), ...controls.slice(2),
      el("div", { className: "trap", "aria-hidden": "true" }, el("input", { name: definition.trap, tabIndex: -1, autocomplete: "off" })),
      el("input", { type: "hidden", name: "token", value: definition.token }), send);
    form = el("form", { noValidate: true, "aria-labelledby": "title", onsubmit: submit, oninput: () => { if (keeps) keep(); } }, fields);
    box.replaceChildren(
      el("h2", { id: "title" }, definition.title), definition.intro ? el("p", { className: "intro" }, definition.intro) : "", form, say);
    const kept = memory(), names = Object.keys(kept).filter((name) => kept[name] && form.elements[name]);
    for (const name of names) form.elements[name].value = kept[name];
    if (names.length) say.append(el("p", { className: "soft" }, texts.kept));
  };

  const load = async (_event, pause = FIRST_PAUSE_S) => {
    try {
      const { status, body } = await ask("form.json");
      if (status !== 200) return box.replaceChildren(el("p", { className: "soft" }, body.error));
      definition = body;
      draw();
    } catch {
      const sentence = texts?.unreachable || "The form cannot be reached at the moment. Trying again in {n} s.";
      later(pause, sentence, () => load(null, Math.min(pause * 2, LONGEST_PAUSE_S)), box);
    }
  };

  const place = () => {
    const target = me.dataset.target && document.querySelector(me.dataset.target);
    if (target) target.append(holder);
    else if (me.parentNode === document.head || isButton) document.body.append(holder);
    else me.after(holder);
  };

  const asButton = () => {
    const title = me.dataset.label || "Contact us";
    close = el("button", { type: "button", className: "close", "aria-label": "Close", onclick: () => dialog.close() }, "×");
    const dialog = el("dialog", { "aria-label": title }, close, box);
    const open = () => { if (!definition) load(); dialog.showModal(); };
    root.append(el("button", { type: "button", className: "launch", "aria-haspopup": "dialog", onclick: open }, title), dialog);
  };

  const start = () => {
    if (isButton) asButton();
    else { root.append(box); load(); }
    place();
    addEventListener("beforeunload", (event) => { if (pending) event.preventDefault(); });
  };
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
