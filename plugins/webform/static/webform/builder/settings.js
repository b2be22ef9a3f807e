// Settings of the whole form: its texts, what follows sending, when somebody answers, and its looks.
import { hoursEditor } from "./hours.js";
import { labelled, section, segmented, select, selectControl, switchControl, textControl, valueControl } from "./controls.js";
import { setValue } from "./definition.js";
import { h, icon } from "./dom.js";
import { regionControl } from "./inspector.js";
import { facts, say } from "./page.js";
import { draw, store, view } from "./state.js";

const whole = (d) => d;
const SWATCHES = ["#0a6b66", "#1d4ed8", "#6d28d9", "#be185d", "#b01f28", "#b45309", "#15803d", "#334155"];
const PROMISES = [0, 1, 2, 4, 8, 24, 48, 72, 120];

export function settingsPanel() {
  return [
    section(
      say("settings.form"),
      "",
      textControl({ owner: whole, name: "title", path: "", label: say("texts.title"), placeholder: say("settings.title_usual"), isOptional: true }),
      textControl({
        owner: whole,
        name: "intro",
        path: "",
        label: say("texts.intro"),
        isLong: true,
        isOptional: true,
        help: say("settings.intro_help"),
      }),
      textControl({
        owner: whole,
        name: "send_label",
        path: "",
        label: say("texts.send_label"),
        placeholder: say("settings.send_usual"),
        isOptional: true,
      }),
    ),
    after(),
    section(
      say("settings.confirmation"),
      "",
      switchControl({
        owner: whole,
        name: "sends_confirmation",
        path: "",
        usual: true,
        label: say("settings.sends_confirmation"),
        help: say("settings.confirmation_help"),
      }),
      (store.definition.sends_confirmation ?? true) &&
        textControl({
          owner: whole,
          name: "confirmation",
          path: "",
          label: say("texts.confirmation"),
          isLong: true,
          rows: 5,
          isOptional: true,
          placeholder: say("settings.confirmation_usual"),
          help: say("settings.number_help"),
        }),
    ),
    section(
      say("settings.times"),
      say("settings.times_about"),
      hoursEditor(),
      selectControl({
        owner: whole,
        name: "zone",
        path: "",
        label: say("settings.zone"),
        usual: "UTC",
        options: facts.zones.map((zone) => [zone, zone.replaceAll("_", " ")]),
      }),
      promise(),
    ),
    section(say("settings.phones"), "", regionControl()),
    looks(),
  ];
}

function after() {
  const goesElsewhere = view.redirects ?? Boolean(store.definition.redirect);
  const choose = (way) => {
    view.redirects = way === "redirect";
    if (way === "thanks")
      store.edit((d) => {
        delete d.redirect;
      });
    draw();
  };
  return section(
    say("settings.after"),
    "",
    segmented({
      label: say("settings.after_what"),
      key: "after",
      value: goesElsewhere ? "redirect" : "thanks",
      options: [
        ["thanks", say("settings.thanks")],
        ["redirect", say("settings.redirect")],
      ],
      act: choose,
    }),
    goesElsewhere
      ? valueControl({
          owner: whole,
          name: "redirect",
          path: "",
          label: say("settings.redirect_to"),
          attributes: { type: "url", placeholder: "https://example.com/thanks", inputmode: "url" },
        })
      : textControl({
          owner: whole,
          name: "thanks",
          path: "",
          label: say("texts.thanks"),
          isLong: true,
          isOptional: true,
          placeholder: say("settings.thanks_usual"),
        }),
  );
}

function promise() {
  const now = store.definition.answers_within_h ?? 0;
  const hours = [...new Set([...PROMISES, now])].sort((one, other) => one - other);
  const words = (count) =>
    count === 0 ? say("settings.no_promise") : count % 24 === 0 && count > 24 ? duration(count / 24, "day") : duration(count, "hour");
  return labelled({ label: say("settings.promise"), help: say("settings.promise_help"), path: "answers_within_h" }, (attributes) =>
    select(
      { ...attributes, onchange: (event) => store.edit((d) => setValue(d, "answers_within_h", Number(event.target.value), 0)) },
      hours.map((count) => [count, words(count)]),
      now,
    ),
  );
}

const duration = (count, unit) => new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(count);

function looks() {
  const { accent = "", theme = "auto" } = store.definition;
  const put = (colour, key = "") => store.edit((d) => setValue(d, "accent", colour, ""), { key, isText: key !== "" });
  const swatch = (colour) => {
    const button = h(
      "button",
      {
        type: "button",
        class: "fb-swatch",
        key: `accent:${colour}`,
        "aria-pressed": String(colour === accent),
        "aria-label": say("settings.colour", { colour }),
        title: colour,
        onclick: () => put(colour),
      },
      colour === accent && icon("check", "icon-s"),
    );
    button.style.setProperty("--swatch", colour);
    return button;
  };
  return section(
    say("settings.looks"),
    "",
    h(
      "div",
      { class: "field", role: "group", "aria-label": say("settings.accent"), "data-path": "accent" },
      h("span", { class: "field-label" }, say("settings.accent")),
      h(
        "div",
        { class: "fb-swatches" },
        h(
          "button",
          { type: "button", class: "button small", key: "accent:none", "aria-pressed": String(!accent), onclick: () => put("") },
          say("settings.accent_usual"),
        ),
        SWATCHES.map(swatch),
        h(
          "label",
          { class: "fb-own-colour" },
          h("input", {
            type: "color",
            key: "accent:own",
            value: accent || SWATCHES[0],
            oninput: (event) => put(event.target.value, "accent"),
            onchange: () => draw(),
          }),
          say("settings.accent_own"),
        ),
      ),
      h("p", { class: "help" }, say("settings.accent_help")),
    ),
    segmented({
      label: say("settings.theme"),
      key: "theme",
      value: theme,
      options: [
        ["auto", say("themes.auto"), "monitor"],
        ["light", say("themes.light"), "sun"],
        ["dark", say("themes.dark"), "moon"],
      ],
      act: (one) => store.edit((d) => setValue(d, "theme", one, "auto")),
    }),
  );
}
