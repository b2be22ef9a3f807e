// A form of Tidings on any page: <script src="…/embed.js" data-form="KEY" async></script>. Served joined to form.js, in one closure.
// data-mode="button" opens it from a button in the corner (data-label names it), data-mode="modal" from whatever carries data-tidings-open="KEY";
// data-target="#id" places it elsewhere; data-theme="light|dark|auto" and data-accent="#0a6b66" fit it to the page; it speaks the page's language,
// or data-lang="de"; data-context and data-signature say who is signed in there. No cookies, no markup made from text, no inline style.
// Without data-form the script only gives plain frames of the form their height.

const me = document.currentScript || document.querySelector('script[data-form][src$="/embed.js"]');
const base = new URL(".", me.src), { form: key, mode, label = "Contact us", lang = "", target, theme = "", accent = "" } = me.dataset;

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

const start = () => {
  const holder = make("div", { "data-tidings": key }), shadow = holder.attachShadow({ mode: "open" }), sheet = new CSSStyleSheet();
  const box = make("div", { class: "tf-box" });
  const query = "?" + new URLSearchParams({ lang: lang || me.closest("[lang]")?.lang || "", theme, accent });
  let close;

  const get = async (part) => {
    const response = await fetch(new URL(part, base), { credentials: "omit" });
    if (response.status >= 500 && response.status !== 503) throw 0;
    return response;
  };

  /** Once the stylesheet is there. */
  const styled = async () => {
    const parts = await Promise.all(["form.css", `f/${key}/look.css${query}`].map(async (part) => {
      const response = await get(part);
      return response.ok ? response.text() : "";
    }));
    sheet.replaceSync(parts.join(""));
  };

  /** The form, as the tree of elements that the server makes of its HTML, with what this page knows. */
  const load = async (pause = FIRST_PAUSE_S) => {
    try {
      const [answer] = await Promise.all([get(`f/${key}/form.json${query}`).then((response) => response.json()), styled()]);
      holder.style.minHeight = "";
      if (answer.error) return box.replaceChildren(make("p", { class: "tf-root" }, [answer.error]));
      const root = make(...answer.html), own = (name) => root.querySelector(`[name=${name}]`);
      const address = new URL(location);
      own("page").value = address.href.split("#")[0];
      for (const name of ["context", "signature"]) own(name).value = me.dataset[name] || "";
      for (const input of root.querySelectorAll("[data-parameter]")) {
        input.value = address.searchParams.get(input.dataset.parameter) ?? input.value;
      }
      box.replaceChildren(root);
      for (const part of shadow.children) part.dataset.theme = root.dataset.theme;
      enhance(root, base, () => load());
      if (close) close.ariaLabel = JSON.parse(root.dataset.facts).texts.close;
    } catch {
      later(pause, "The form cannot be reached at the moment. Trying again in {n} s.", () => load(Math.min(pause * 2, LONGEST_PAUSE_S)), box);
    }
  };

  const dialogue = () => {
    close = make("button", { type: "button", class: "tf-close", "aria-label": "Close", click: () => dialog.close() });
    const dialog = make("dialog", { class: `tf-root tf-dialog ${mode === "button" ? "tf-corner" : ""}`, "aria-label": label }, [make("div", {}, [close, box])]);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    shadow.append(dialog);
    return () => {
      if (!box.firstChild) load();
      dialog.showModal();
    };
  };

  shadow.adoptedStyleSheets = [sheet];
  if (mode === "button") {
    const open = dialogue();
    const launch = make("button", { type: "button", class: "tf-button tf-launch", "aria-haspopup": "dialog", click: open }, [label]);
    styled().catch(() => {}).then(() => shadow.append(make("div", { class: "tf-root", "data-theme": theme || "light" }, [launch])));
  } else if (mode === "modal") {
    const open = dialogue();
    document.addEventListener("click", (event) => {
      if (event.target.closest?.(`[data-tidings-open="${key}"]`)) {
        event.preventDefault();
        open();
      }
    });
  } else {
    holder.style.minHeight = "24rem";
    shadow.append(box);
    load();
  }
  const place = target && document.querySelector(target);
  if (place) place.append(holder);
  else if (mode || me.parentNode === document.head) document.body.append(holder);
  else me.after(holder);
};

if (key) {
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
}
