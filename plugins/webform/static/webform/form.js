// What a form does where scripts run: shows only what counts, one step after the other, finds mistakes before they travel, and keeps trying when
// the server is away. Without this file the form works as plain HTML. `Form` takes a form's root (`.tf-root`), in a page or in a shadow root.

/** An element. Attributes that are functions are listeners. A child is a node, a text, nothing, or [tag, attributes, [children]]. */
const make = (tag, attributes = {}, children = []) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter(Boolean).map((child) => Array.isArray(child) ? make(...child) : child));
  return made;
};

/** What our server answers, without cookies. Fails when it is away. */
const ask = async (address, options) => {
  const response = await fetch(address, { credentials: "omit", ...options });
  if (response.status >= 500 && response.status !== 503) throw 0;
  return response;
};

/** Count down in a sentence ("… in {n} s"), which is read out once, then run. `now()` runs at once, as does a connection that comes back;
    `stop()` never. */
const later = (seconds, sentence, run, where, links = []) => {
  const line = make("p", { role: "timer" }), until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    if (left < 1) now();
    else line.textContent = sentence.replace("{n}", left);
  };
  const stop = () => { clearInterval(timer); removeEventListener("online", now); };
  const now = () => { stop(); where.replaceChildren(); run(); };
  const timer = setInterval(tick, 1000);
  addEventListener("online", now);
  tick();
  where.replaceChildren(line, make("div", { class: "tf-links" }, links));
  return { now, stop };
};

/** The proof of work that ALTCHA's protocol asks for (version 2, PBKDF2): try counters until a key begins as wanted. */
const solve = async (challenge, isTooLate) => {
  const { nonce, salt, cost, keyLength, keyPrefix } = challenge.parameters;
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const password = new Uint8Array([...bytes(nonce), 0, 0, 0, 0]);
  for (let counter = 0; !isTooLate(); counter++) {
    new DataView(password.buffer).setUint32(password.length - 4, counter);
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    const bits = await crypto.subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: bytes(salt), iterations: cost }, key, 8 * keyLength);
    const derivedKey = Array.from(new Uint8Array(bits), (byte) => byte.toString(16).padStart(2, 0)).join("");
    if (derivedKey.startsWith(keyPrefix)) return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
  }
};

const FIRST_PAUSE_S = 5;
const LONGEST_PAUSE_S = 60;
const PATIENCE_MS = 2500; // a token younger than this looks like a program's
const REQUEST_MS = 60000;
const PROOF_MS = 20000;
const QUIET_ABOVE = 500; // characters left before anybody wants to know
const SLOWEST_BYTES_PER_MS = 20;

const WRITTEN = ".tf-field [name]:not([type=file])";

/** How two answers compare, as numbers or ISO dates; 0 when they do not. */
const compare = (one, other) => {
  if (one && other && !isNaN(one - other)) return one - other;
  const isDay = /^\d{4}-\d\d-\d\d$/;
  return isDay.test(one) && isDay.test(other) ? (one > other) - (one < other) : 0;
};

/** How conditions look at an answer, which is a list of texts; the server does the same. */
const TESTS = {
  is: (given, value) => given.includes(value),
  is_not: (given, value) => !given.includes(value),
  contains: (given, value) => given.some((one) => one.includes(value)),
  is_filled: (given) => given[0],
  is_empty: (given) => !given[0],
  more_than: (given, value) => given.some((one) => compare(one, value) > 0),
  less_than: (given, value) => given.some((one) => compare(one, value) < 0),
};

/** What an answer is worth: nothing while its box or button is not chosen. */
const isPicked = (input) => !/radio|checkbox/.test(input.type) || input.checked;
/** An answer as it is compared: 7, 07 and 7.0 are the same number. */
const written = ({ type, value }) => type === "number" && value ? `${+value}` : value.trim().toLowerCase();
const weight = (values) => [...values].reduce((sum, value) => sum + (value.size || 0), 0);
const size = (input) => [...input.value].length;
const fit = (text, n) => text.replace("{n}", n);
const label = (field) => field.querySelector(".tf-label")?.firstChild.textContent.trim();

/** A form with its behaviour. Its addresses start from `base`; `again` draws a fresh form where it stands in somebody else's page. */
class Form {
  pending = null;
  keeps = false;

  constructor(root, base, again) {
    const facts = JSON.parse(root.dataset.facts);
    Object.assign(this, { root, base, again, facts, texts: facts.texts, draft: "tidings:" + facts.key });
    for (const name of ["form", "summary", "say", "send", "back", "progress"]) this[name] = this.one(".tf-" + name);
    this.steps = this.all(".tf-step");
    this.label = this.send.textContent;
    this.news = make("p", { class: "tf-unseen", role: "status" });
    root.append(this.news);
    root.classList.add("tf-live");
    this.form.noValidate = true;
    this.begin();
    this.listen();
  }

  begin() {
    for (const input of this.all("[type=file]")) this.list(input);
    this.restore();
    this.arrange();
    this.go(this.steps.find((step) => this.one("[aria-invalid]", step)) || this.steps[0]);
    for (const input of this.all("textarea[data-most]")) this.count(input);
    if (!this.summary.hidden) this.summary.focus();
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.pending) this.submit();
    });
    this.form.addEventListener("focusin", () => { if (this.facts.proof) this.prove(); });
    this.form.addEventListener("input", (event) => this.typed(event.target));
    this.back?.addEventListener("click", () => this.turn(-1));
    this.summary.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      this.show(this.one(link.hash));
    });
    addEventListener("beforeunload", (event) => { if (this.pending) event.preventDefault(); });
  }

  all(selector, within = this.root) { return [...within.querySelectorAll(selector)]; }
  one(selector, within = this.root) { return within.querySelector(selector); }

  // Conditions and steps

  /** The answers to a question, as conditions see them. */
  given(id) {
    const inputs = this.all(`[name="${id}"]:not([data-off] *)`).filter(isPicked);
    return inputs.map(written).filter(Boolean);
  }

  holds({ match, rules }) {
    const meets = ({ test, field, value }) => TESTS[test](this.given(field), (value || "").trim().toLowerCase());
    return match === "any" ? rules.some(meets) : rules.every(meets);
  }

  /** Show what counts and hide the rest, from top to bottom; gives the labels of what appeared. */
  arrange() {
    const appeared = [];
    for (const part of this.all(".tf-step,.tf-field")) {
      const condition = this.facts.conditions[part.dataset.field || part.dataset.step], wasOff = part.matches(".tf-field[data-off]");
      if (condition && !part.toggleAttribute("data-off", !this.holds(condition)) && wasOff) appeared.push(label(part));
    }
    return appeared;
  }

  /** The steps that count, and where among them we are. */
  get way() { return this.steps.filter((step) => !step.matches("[data-off]")); }
  get place() { return this.way.indexOf(this.step); }

  go(step) {
    this.step = step;
    const { way, place, progress } = this;
    for (const one of this.steps) one.hidden = one !== step;
    this.send.textContent = way[place + 1] ? this.send.dataset.next : this.label;
    if (!progress) return;
    const line = this.one("p", progress);
    this.back.hidden = !place;
    progress.hidden = !way[1];
    line.textContent = fit(line.dataset.text, place + 1).replace("{count}", way.length);
    Object.assign(this.one("progress"), { max: way.length, value: place + 1 });
  }

  turn(by) {
    this.go(this.way[this.place + by]);
    this.say.replaceChildren();
    this.complain({});
    this.step.focus({ preventScroll: true });
    this.progress.scrollIntoView({ block: "nearest" });
  }

  /** Open the step that a field is in. */
  show(field, focused = field) {
    this.go(this.steps.find((step) => step.contains(field)) || this.step);
    focused.focus();
  }

  typed(input) {
    const field = input.closest(".tf-field");
    if (!field) return;
    if (input.matches("textarea[data-most]")) this.count(input);
    if (this.one(".tf-problem", field)?.textContent && !this.wrong(field)) this.tell(field, "");
    const appeared = this.arrange();
    if (appeared[0]) this.news.textContent = this.texts.appeared.replace("{fields}", appeared.join(", "));
    this.go(this.step);
    if (this.keeps) this.keep();
  }

  // Mistakes

  /** What is wrong with the answer of a field; empty when nothing is. */
  wrong(field) {
    const { texts } = this, input = this.one("[name]", field), { needed, least, most } = field.dataset;
    if (!input || input.type === "hidden") return "";
    const answers = this.given(field.dataset.field);
    if (!answers[0] && !input.validity.badInput) return needed || "";
    if (answers.length < least) return fit(texts.few, least);
    if (most && answers.length > most) return fit(texts.many, most);
    if (input.files) return input.files.length > input.dataset.most || weight(input.files) > input.dataset.bytes ? texts.large : "";
    if (input.dataset.most < size(input)) return fit(texts.tooLong, input.dataset.most);
    return this.unfit(input);
  }

  /** What the browser finds wrong, in the form's own language. */
  unfit(input) {
    const { texts } = this, kind = Object.keys(texts).find((name) => input.validity[name]);
    if (kind === "patternMismatch" && input.title) return input.title;
    const bound = { tooShort: "minLength", rangeUnderflow: "min", rangeOverflow: "max" }[kind], n = input[bound];
    if (input.type !== "date" || !bound) return kind ? fit(texts[kind], n) : "";
    return fit(texts[bound + "Day"], new Date(n).toLocaleDateString(this.root.lang, { timeZone: "UTC" }));
  }

  tell(field, problem) {
    const line = this.one(".tf-problem", field);
    if (line) line.textContent = problem;
    for (const part of field.matches("[role]") ? [field] : this.all("[name]", field)) part.ariaInvalid = problem ? true : null;
  }

  /** Say what is wrong, at the fields and, with a sentence, above them; go there. */
  complain(problems, sentence) {
    const fields = this.all(".tf-field"), wrongs = fields.filter((field) => problems[field.dataset.field]);
    for (const field of fields) this.tell(field, problems[field.dataset.field] || "");
    this.summary.hidden = !sentence;
    if (!sentence) return;
    const line = (field) => ["li", {}, [
      ["a", { href: "#tf-" + field.dataset.field }, [label(field)]], " ", ["span", {}, [problems[field.dataset.field]]]]];
    this.summary.replaceChildren(make("p", {}, [sentence]), make("ul", {}, wrongs.map(line)));
    const first = wrongs[0] && this.one("#tf-" + wrongs[0].dataset.field);
    this.show(first, wrongs.length === 1 ? first : this.summary);
  }

  // A draft for a reload of the page, from the first failure on

  keep() {
    this.keeps = true;
    this.remember(this.all(WRITTEN).filter(isPicked).map((input) => [input.name, input.value]));
  }

  remember(answers) {
    try {
      if (answers) sessionStorage.setItem(this.draft, JSON.stringify(answers));
      else sessionStorage.removeItem(this.draft);
    } catch { /* storage is switched off: the text lives in the form alone */ }
  }

  restore() {
    let kept;
    try { kept = JSON.parse(sessionStorage.getItem(this.draft)); } catch { /* as above */ }
    if (!kept) return;
    for (const input of this.all(WRITTEN)) {
      const values = kept.filter(([name]) => name === input.name).map((pair) => pair[1]);
      if (/radio|checkbox/.test(input.type)) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
    this.say.append(make("p", {}, [this.texts.kept]));
  }

  // Sending

  submit() {
    const { step } = this, problems = {};
    for (const field of this.all(".tf-field:not([data-off])", step)) {
      const problem = this.wrong(field);
      if (problem) problems[field.dataset.field] = problem;
    }
    if (Object.keys(problems)[0]) return this.complain(problems, this.texts.marked);
    if (this.way[this.place + 1]) return this.turn(1);
    this.complain({});
    this.say.replaceChildren();
    const data = new FormData(this.form);
    for (const input of this.all("[data-off] [name]")) data.delete(input.name);
    if (this.facts.submit) this.deliver(data);
  }

  async deliver(data, pause = FIRST_PAUSE_S, isSecond = false) {
    this.lock({ stop() {} });
    try {
      if (this.facts.proof) data.set("proof", await this.prove() || "");
      const response = await this.post(data), answer = await response.json();
      if (response.ok) return this.thank(answer);
      this.proof = null;
      this.facts.proof ||= answer.reason === "unproven";
      data.set("token", this.one("[name=token]").value = answer.token || data.get("token"));
      if (!isSecond && /stale|unproven/.test(answer.reason)) return setTimeout(() => this.deliver(data, pause, true), PATIENCE_MS);
      this.lock();
      this.keep();
      this.complain(answer.fields || {}, answer.error);
    } catch {
      this.keep();
      this.wait(pause, () => this.deliver(data, Math.min(pause * 2, LONGEST_PAUSE_S), isSecond));
    }
  }

  post(data) {
    const signal = AbortSignal.timeout(REQUEST_MS + weight(data.values()) / SLOWEST_BYTES_PER_MS);
    return ask(new URL(this.facts.submit, this.base), { method: "POST", body: data, signal });
  }

  wait(pause, run) {
    const { texts, say } = this, link = (text, click) => ["button", { type: "button", class: "tf-link", click }, [text]];
    this.pending = later(pause, texts.away, run, say, [
      link(texts.now, () => this.pending.now()),
      link(texts.edit, () => {
        this.pending.stop();
        say.replaceChildren();
        this.lock();
        this.send.focus();
      }),
    ]);
  }

  /** Hold everything as it is while something is on its way. */
  lock(pending = null) {
    this.pending = pending;
    for (const part of this.all(".tf-step,.tf-back")) part.inert = !!pending;
    this.send.textContent = pending ? this.texts.sending : this.label;
  }

  prove() {
    return this.proof ||= (async () => {
      const until = Date.now() + PROOF_MS;
      if (!window.crypto?.subtle) return;
      const response = await ask(new URL(this.facts.challenge, this.base));
      return solve(await response.json(), () => Date.now() > until);
    })().catch(() => { this.proof = null; });
  }

  thank({ heading, thanks, redirect }) {
    const { root, again, texts, facts } = this, next = facts.thanks || redirect;
    this.remember();
    this.lock();
    if (next) return location.assign(next);
    const done = make("div", { class: "tf-thanks", tabindex: "-1", role: "status" }, [["p", { class: "tf-title" }, [heading]], ["p", {}, [thanks]]]);
    root.replaceChildren(done, again ? make("button", { type: "button", class: "tf-link", click: again }, [texts.again]) : "");
    done.focus();
  }

  // Texts that are counted, files that are listed

  count(input) {
    const line = this.one(".tf-count", input.closest(".tf-field")), left = input.dataset.most - size(input);
    if (!line) return;
    line.textContent = left < 0 ? fit(this.texts.over, -left) : fit(this.texts.left, left);
    line.hidden = left > QUIET_ABOVE;
    line.ariaLive = left < 20 ? "polite" : "off";
    line.classList.toggle("tf-problem", left < 0);
  }

  /** The chosen files below their field, each with a button that takes it away; choosing again adds to them. */
  list(input) {
    let chosen = [];
    const lines = make("ul", { class: "tf-files" });
    const show = (files) => {
      const data = new DataTransfer();
      for (const file of chosen = files) data.items.add(file);
      input.files = data.files;
      lines.replaceChildren(...files.map((file) => make("li", {}, [
        ["span", {}, [file.name]],
        ["small", {}, [Math.ceil(file.size / 1e3).toLocaleString() + " kB"]],
        ["button", { type: "button", class: "tf-remove", "aria-label": this.texts.remove.replace("{name}", file.name), click: () => {
          show(chosen.filter((other) => other !== file));
          input.focus();
        } }],
      ])));
    };
    input.after(lines);
    input.addEventListener("change", () => show(input.multiple ? [...chosen, ...input.files] : [...input.files]));
  }
}

/** The forms of one of our own pages. One that comes back out of the browser's memory has a token that was used. */
const startPages = () => {
  for (const root of document.querySelectorAll(".tf-root")) new Form(root, location);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
};
