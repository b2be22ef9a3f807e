// A form of Tidings on any page: <script src="…/embed.js" data-form="KEY" async></script>. Served joined to form.js, in one closure.
// data-mode="button" opens it from a button in the corner (data-label names it), data-mode="modal" from whatever carries data-tidings-open="KEY";
// data-target="#id" places it elsewhere; data-theme="light|dark|auto" and data-accent="#0a6b66" fit it to the page; it speaks the page's language,
// or data-lang="de"; data-context and data-signature say who is signed in there. No cookies, no markup made from text, no inline style.
// Without data-form the script only gives plain frames of the form their height.

const me = document.currentScript || document.querySelector('script[data-form][src$="/embed.js"]');
const base = new URL(".", me.src), { form: key, mode, label: name = "Contact us", lang = "", target, theme = "", accent = "" } = me.dataset;
const opens = mode === "button" || mode === "modal";
const query = "?" + new URLSearchParams({ lang: lang || me.closest("[lang]")?.lang || "", theme, accent });
const holder = make("div", { "data-tidings": key }), box = make("div", { class: "tf-box" });
const close = make("button", { type: "button", class: "tf-close", "aria-label": "Close", click: () => dialog.close() });
const dialog = make("dialog", { class: `tf-root tf-dialog ${mode === "button" ? "tf-corner" : ""}`, "aria-label": name });

const fitFrames = () => {
  const mark = Symbol.for("tidings.frames:" + base.origin);
  if (window[mark]) return;
  window[mark] = true;
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== base.origin || data?.tidings !== "height" || !(data.height > 0)) return;
    for (const frame of document.getElementsByTagName("iframe")) {
      if (frame.contentWindow === source) frame.style.height = Math.min(Math.ceil(data.height), 4000) + "px";
    }
  });
};

/** Bring the stylesheets into the shadow root. */
const style = async () => {
  const parts = await Promise.all(["form.css", `f/${key}/look.css${query}`].map(async (part) => {
    const response = await ask(new URL(part, base));
    return response.ok ? response.text() : "";
  }));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(parts.join(""));
  holder.shadowRoot.adoptedStyleSheets = [sheet];
};

/** Draw the form from the tree of elements that the server makes of its HTML. */
const load = async (pause = FIRST_PAUSE_S) => {
  try {
    const [response] = await Promise.all([ask(new URL(`f/${key}/form.json${query}`, base)), style()]), answer = await response.json();
    holder.style.minHeight = "";
    if (answer.error) box.replaceChildren(make("p", { class: "tf-root" }, [answer.error]));
    else draw(make(...answer.html));
  } catch {
    later(pause, "The form cannot be reached. Trying again in {n} s.", () => load(Math.min(pause * 2, LONGEST_PAUSE_S)), box);
  }
};

/** Show a form with what this page knows, which travels with the answers and stands in no address. */
const draw = (root) => {
  const own = (name) => root.querySelector(`[name=${name}]`), parameters = new URLSearchParams(location.search);
  own("page").value = location.href.split("#")[0];
  for (const name of ["context", "signature"]) own(name).value = me.dataset[name] || "";
  for (const input of root.querySelectorAll("[data-parameter]")) input.value = parameters.get(input.dataset.parameter) ?? input.value;
  box.replaceChildren(root);
  box.parentNode.dir = root.dir;
  for (const part of holder.shadowRoot.children) part.dataset.theme = root.dataset.theme;
  close.ariaLabel = new Form(root, base, () => load()).texts.close;
};

const open = () => {
  if (!box.firstChild) load();
  dialog.showModal();
};

/** What stands in the page before anybody asks for the form. */
const ways = {
  async button(shadow) {
    const launch = make("button", { type: "button", class: "tf-button tf-launch", "aria-haspopup": "dialog", click: open }, [name]);
    await style().catch(() => {});
    shadow.append(make("div", { class: "tf-root", "data-theme": theme || "light" }, [launch]));
  },
  modal() {
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.(`[data-tidings-open="${key}"]`)) return;
      event.preventDefault();
      open();
    });
  },
  inline(shadow) {
    holder.style.minHeight = "24rem";
    shadow.append(box);
    load();
  },
};

const start = () => {
  const shadow = holder.attachShadow({ mode: "open" }), place = target && document.querySelector(target);
  if (opens) {
    dialog.append(make("div", {}, [close, box]));
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    shadow.append(dialog);
  }
  ways[opens ? mode : "inline"](shadow);
  if (place) place.append(holder);
  else if (opens || me.parentNode === document.head) document.body.append(holder);
  else me.after(holder);
};

fitFrames();
if (key) {
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
}
