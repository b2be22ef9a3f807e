// What a form does where scripts run: shows only what counts, one step after the other, finds mistakes before they travel, and keeps trying when
// the server is away. Without this file the form works as plain HTML. `enhance` takes the form's root (`.tf-root`), in a page or in a shadow root.

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

/** Count down in a sentence ("… in {n} s"), then run. `now()` runs at once, as does a connection that comes back; `stop()` never. */
const later = (seconds, sentence, run, where, links = []) => {
  const line = make("p"), until = Date.now() + seconds * 1000;
  where.replaceChildren(line, make("div", { class: "tf-links" }, links));
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
const PROOF_MS = 20000;
const SLOWEST_BYTES_PER_MS = 20;

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

/** Give a form its behaviour. Its addresses start from `base`; `again` draws a fresh form where it stands in somebody else's page. */
const enhance = (root, base, again) => {
  const facts = JSON.parse(root.dataset.facts), texts = facts.texts;
  const all = (selector, within = root) => [...within.querySelectorAll(selector)];
  const one = (selector, within = root) => within.querySelector(selector);
  const [form, summary, say, send, back, progress] = ["form", "summary", "say", "send", "back", "progress"].map((name) => one(".tf-" + name));
  const steps = all(".tf-step"), sendLabel = send.textContent, news = make("p", { class: "tf-unseen", role: "status" });
  let step = steps[0], pending = null, keeps = false, proof;

  const fit = (text, n) => text.replace("{n}", n);
  const fields = (within = root) => all(".tf-field:not([data-off])", within);
  const isPicked = (input) => !/radio|checkbox/.test(input.type) || input.checked;
  const size = (input) => [...input.value].length;
  const label = (field) => one(".tf-label", field)?.firstChild.textContent.trim();
  const given = (id) => all(`[name="${id}"]:not([data-off] *)`).filter(isPicked).map((input) => input.value.trim().toLowerCase()).filter(Boolean);

  // Conditions and steps

  const holds = ({ match, rules }) =>
    rules[match === "any" ? "some" : "every"]((rule) => TESTS[rule.test](given(rule.field), (rule.value || "").trim().toLowerCase()));

  const arrange = () => {
    const appeared = [];
    for (const part of all(".tf-step,.tf-field")) {
      const condition = facts.conditions[part.dataset.field || part.dataset.step], wasOff = part.matches(".tf-field[data-off]");
      if (condition && !part.toggleAttribute("data-off", !holds(condition)) && wasOff) appeared.push(label(part));
    }
    return appeared;
  };

  const onWay = () => steps.filter((one) => !one.matches("[data-off]"));

  const go = (to) => {
    const way = onWay(), n = way.indexOf(to) + 1;
    step = to;
    for (const one of steps) one.hidden = one !== to;
    send.textContent = way[n] ? send.dataset.next : sendLabel;
    if (!progress) return;
    back.hidden = n < 2;
    progress.hidden = way.length < 2;
    one("p", progress).textContent = fit(one("p", progress).dataset.text, n).replace("{count}", way.length);
    Object.assign(one("progress"), { max: way.length, value: n });
  };

  const turn = (to) => {
    go(to);
    say.replaceChildren();
    complain({});
    to.focus({ preventScroll: true });
    (progress.hidden ? to : progress).scrollIntoView({ block: "nearest" });
  };

  // Mistakes

  const wrong = (field) => {
    const inputs = all("[name]", field), input = inputs[0], { needed, least, most } = field.dataset;
    if (!input || input.type === "hidden") return "";
    const answers = given(field.dataset.field), { validity } = input;
    if (!answers.length && !validity.badInput) return needed || "";
    if (answers.length < least) return fit(texts.few, least);
    if (most && answers.length > most) return fit(texts.many, most);
    if (input.files) {
      const bytes = [...input.files].reduce((sum, file) => sum + file.size, 0);
      return input.files.length > input.dataset.most || bytes > input.dataset.bytes ? texts.large : "";
    }
    if (input.dataset.most < size(input)) return fit(texts.tooLong, input.dataset.most);
    if (validity.patternMismatch && input.title) return input.title;
    const kind = Object.keys(texts).find((name) => validity[name]), bound = { tooShort: "minLength", rangeUnderflow: "min", rangeOverflow: "max" }[kind];
    const isDay = input.type === "date" && bound, n = input[bound];
    return kind ? fit(texts[isDay ? bound + "Day" : kind], isDay ? new Date(n).toLocaleDateString(root.lang, { timeZone: "UTC" }) : n) : "";
  };

  const tell = (field, problem) => {
    const line = one(".tf-problem", field);
    if (line) line.textContent = problem;
    for (const input of [field.matches("[role]") ? field : all("[name]", field)].flat()) input.ariaInvalid = problem ? true : null;
  };

  /** Say what is wrong, at the fields and above them; go there. Whether anything is. */
  const complain = (problems, sentence) => {
    const wrongs = fields().filter((field) => problems[field.dataset.field]);
    for (const field of all(".tf-field")) tell(field, problems[field.dataset.field] || "");
    summary.hidden = !sentence;
    if (!sentence) return;
    const at = (field) => "tf-" + field.dataset.field;
    summary.replaceChildren(make("p", {}, [sentence]), make("ul", {}, wrongs.map((field) =>
      ["li", {}, [["a", { href: "#" + at(field) }, [label(field)]], " ", ["span", {}, [problems[field.dataset.field]]]]])));
    const first = wrongs[0] && steps.find((step) => step.contains(wrongs[0]));
    if (first && first !== step) go(first);
    (wrongs[1] || !first ? summary : one("#" + at(wrongs[0]))).focus();
  };

  // A draft for a reload of the page, from the first failure on

  const memory = (value) => {
    const name = "tidings:" + facts.key;
    try {
      if (value === undefined) return JSON.parse(sessionStorage.getItem(name)) || [];
      if (value) sessionStorage.setItem(name, JSON.stringify(value));
      else sessionStorage.removeItem(name);
    } catch { /* storage is switched off: the text lives in the form alone */ }
    return [];
  };

  const texted = () => all(".tf-field [name]:not([type=file])");

  const keep = () => {
    memory(texted().filter(isPicked).map((input) => [input.name, input.value]));
    keeps = true;
  };

  const restore = () => {
    const kept = memory();
    for (const input of kept.length ? texted() : []) {
      const values = kept.filter(([name]) => name === input.name).map((pair) => pair[1]);
      if (/radio|checkbox/.test(input.type)) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
    if (kept.some((pair) => pair[1])) say.append(make("p", { class: "tf-help" }, [texts.kept]));
  };

  // Sending

  const prove = () => proof ||= (async () => {
    const until = Date.now() + PROOF_MS;
    if (window.crypto?.subtle) return await solve(await (await fetch(new URL(facts.challenge, base), { credentials: "omit" })).json(), () => Date.now() > until);
  })().catch(() => { proof = null; });

  const lock = (isLocked) => {
    for (const part of all(".tf-step,.tf-back")) part.inert = isLocked;
    send.textContent = isLocked ? texts.sending : sendLabel;
    if (!isLocked) pending = null;
  };

  const refuse = (sentence, problems = {}) => {
    lock(false);
    keep();
    complain(problems, sentence);
  };

  const thank = ({ heading, thanks, redirect }) => {
    memory(null);
    pending = null;
    keeps = false;
    const next = facts.thanks || redirect;
    if (next) return location.assign(next);
    const done = make("div", { class: "tf-thanks", tabindex: "-1", role: "status" }, [["p", { class: "tf-title" }, [heading]], ["p", {}, [thanks]]]);
    root.replaceChildren(done, again ? make("button", { type: "button", class: "tf-link", click: again }, [texts.again]) : "");
    done.focus();
  };

  const deliver = async (data, pause = FIRST_PAUSE_S, isSecond = false) => {
    pending = { stop() {} };
    lock(true);
    try {
      if (facts.proof) data.set("proof", await prove() || "");
      const bytes = [...data.values()].reduce((sum, value) => sum + (value.size || 0), 0);
      const signal = AbortSignal.timeout(60000 + bytes / SLOWEST_BYTES_PER_MS);
      const response = await fetch(new URL(facts.submit, base), { method: "POST", body: data, credentials: "omit", signal });
      if (response.status >= 500 && response.status !== 503) throw 0;
      const answer = await response.json();
      if (response.ok) return thank(answer);
      proof = null;
      facts.proof ||= answer.reason === "unproven";
      data.set("token", one("[name=token]").value = answer.token || data.get("token"));
      if (!isSecond && /stale|unproven/.test(answer.reason)) return setTimeout(deliver, PATIENCE_MS, data, pause, true);
      refuse(answer.error, answer.fields);
    } catch {
      keep();
      const link = (text, click) => ["button", { type: "button", class: "tf-link", click }, [text]];
      pending = later(pause, texts.away, () => deliver(data, Math.min(pause * 2, LONGEST_PAUSE_S), isSecond), say, [
        link(texts.now, () => pending.now()),
        link(texts.edit, () => { pending.stop(); say.replaceChildren(); lock(false); send.focus(); }),
      ]);
    }
  };

  const submit = (event) => {
    event.preventDefault();
    if (pending) return;
    const problems = {};
    for (const field of fields(step)) {
      const problem = wrong(field);
      if (problem) problems[field.dataset.field] = problem;
    }
    if (Object.keys(problems).length) return complain(problems, texts.marked);
    const way = onWay(), next = way[way.indexOf(step) + 1];
    if (next) return turn(next);
    complain({});
    say.replaceChildren();
    const data = new FormData(form);
    for (const input of all("[data-off] [name]")) data.delete(input.name);
    if (facts.submit) deliver(data);
  };

  // Texts that are counted, files that are listed

  const count = (input) => {
    const line = one(".tf-count", input.closest(".tf-field")), left = input.dataset.most - size(input);
    if (!line) return;
    line.textContent = left < 0 ? fit(texts.over, -left) : fit(texts.left, left);
    line.ariaLive = left < 20 ? "polite" : "off";
    line.classList.toggle("tf-problem", left < 0);
  };

  const list = (input) => {
    let chosen = [];
    const lines = make("ul", { class: "tf-files" });
    const show = (files) => {
      const data = new DataTransfer();
      chosen = files;
      for (const file of files) data.items.add(file);
      input.files = data.files;
      lines.replaceChildren(...files.map((file) => make("li", {}, [
        ["span", {}, [file.name]],
        ["small", {}, [file.size < 1e6 ? Math.ceil(file.size / 1e3) + " kB" : (file.size / 1e6).toFixed(1) + " MB"]],
        ["button", { type: "button", class: "tf-remove", "aria-label": texts.remove.replace("{name}", file.name), click: () => {
          show(chosen.filter((other) => other !== file));
          input.focus();
        } }, []],
      ])));
    };
    input.after(lines);
    input.addEventListener("change", () => show(input.multiple ? [...chosen, ...input.files] : [...input.files]));
  };

  // Beginning

  form.noValidate = true;
  root.classList.add("tf-live");
  root.append(news);
  for (const input of all("[type=file]")) list(input);
  restore();
  arrange();
  go(steps.find((step) => one("[aria-invalid]", step)) || step);
  for (const input of all("textarea[data-most]")) count(input);
  if (!summary.hidden) summary.focus();

  form.addEventListener("submit", submit);
  form.addEventListener("focusin", () => { if (facts.proof) prove(); });
  form.addEventListener("input", ({ target }) => {
    const field = target.closest(".tf-field");
    if (!field) return;
    if (target.matches("textarea[data-most]")) count(target);
    if (one(".tf-problem", field)?.textContent && !wrong(field)) tell(field, "");
    const appeared = arrange();
    if (appeared[0]) news.textContent = texts.appeared.replace("{fields}", appeared.join(", "));
    go(step);
    if (keeps) keep();
  });
  back?.addEventListener("click", () => { const way = onWay(); turn(way[way.indexOf(step) - 1]); });
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    const target = one(link.hash);
    go(steps.find((step) => step.contains(target)) || step);
    target.focus();
  });
  addEventListener("beforeunload", (event) => { if (pending) event.preventDefault(); });
};

/** The forms of one of our own pages. One that comes back out of the browser's memory has a token that was used. */
const startPages = () => {
  for (const root of document.querySelectorAll(".tf-root")) enhance(root, location);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
};
