// The hours of a week, a row a day, kept as lines such as "Mon-Fri 09:00-17:00". What the rows cannot say is edited as lines.
import { labelled, segmented } from "./controls.js";
import { setValue } from "./definition.js";
import { h, iconButton } from "./dom.js";
import { say } from "./page.js";
import { draw, store, view } from "./state.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const LINE = /^([A-Z][a-z]{2})(?:-([A-Z][a-z]{2}))? +(\d{2}:\d{2})-(\d{2}:\d{2})$/;
const USUAL = { from: "09:00", to: "17:00" };

/** The spans of each day, or null when the lines say more than rows can show. */
export function readWeek(lines) {
  const week = DAYS.map(() => []);
  for (const line of lines
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean)) {
    const [, first, last = first, from, to] = LINE.exec(line) ?? [];
    const [start, end] = [DAYS.indexOf(first), DAYS.indexOf(last)];
    if (start < 0 || end < start) return null;
    for (let day = start; day <= end; day += 1) week[day].push({ from, to });
  }
  return week;
}

/** The shortest lines that say a week: days one after the other with equal hours share one. */
export function writeWeek(week) {
  const lines = [];
  for (let start = 0; start < 7;) {
    let end = start;
    while (end < 6 && JSON.stringify(week[end + 1]) === JSON.stringify(week[start])) end += 1;
    const days = start === end ? DAYS[start] : `${DAYS[start]}-${DAYS[end]}`;
    lines.push(...week[start].map(({ from, to }) => `${days} ${from}-${to}`));
    start = end + 1;
  }
  return lines.join("\n");
}

export function hoursEditor() {
  const lines = store.definition.hours ?? "";
  const isSaid = view.saysHours ?? lines !== "";
  const choose = (way) => {
    view.saysHours = way === "hours";
    store.edit((d) => setValue(d, "hours", way === "hours" ? d.hours || writeWeek(DAYS.map((_, day) => (day < 5 ? [USUAL] : []))) : "", ""));
    draw();
  };
  const week = readWeek(lines);
  return h(
    "div",
    { class: "fb-hours", "data-path": "hours" },
    segmented({
      label: say("hours.title"),
      key: "hours",
      value: isSaid ? "hours" : "none",
      options: [
        ["none", say("hours.none")],
        ["hours", say("hours.some")],
      ],
      act: choose,
    }),
    isSaid &&
      (week
        ? h(
            "ul",
            { class: "fb-week" },
            DAYS.map((day, at) => dayRow(week, at)),
          )
        : asLines(lines)),
  );
}

function dayRow(week, at) {
  const name = say(`days.${DAYS[at]}`);
  const put = (change, key = "") => {
    const next = structuredClone(week);
    change(next[at]);
    store.edit((d) => setValue(d, "hours", writeWeek(next), ""), { key });
  };
  const toggle = (event) => put((spans) => (event.target.checked ? spans.push(USUAL) : spans.splice(0)));
  return h(
    "li",
    {},
    h("label", { class: "fb-day" }, h("input", { type: "checkbox", checked: week[at].length > 0, key: `day:${at}`, onchange: toggle }), name),
    h(
      "div",
      { class: "fb-spans" },
      week[at].length
        ? week[at].map((span, index) =>
            h(
              "span",
              { class: "fb-span" },
              time(span.from, say("hours.from", { day: name }), `from:${at}:${index}`, (value) =>
                put((spans) => {
                  spans[index].from = value;
                }),
              ),
              "–",
              time(span.to, say("hours.to", { day: name }), `to:${at}:${index}`, (value) =>
                put((spans) => {
                  spans[index].to = value;
                }),
              ),
              index === week[at].length - 1
                ? iconButton("plus", say("hours.add", { day: name }), () => put((spans) => spans.push({ from: span.to, to: "18:00" })), {
                    key: `span-add:${at}`,
                  })
                : iconButton("x", say("hours.remove", { day: name }), () => put((spans) => spans.splice(index, 1)), {
                    key: `span-drop:${at}:${index}`,
                  }),
            ),
          )
        : h("span", { class: "muted" }, say("hours.closed")),
    ),
  );
}

function time(value, label, key, put) {
  return h("input", {
    class: "input compact",
    type: "time",
    value,
    "aria-label": label,
    key,
    onchange: (event) => event.target.value && put(event.target.value),
  });
}

function asLines(lines) {
  return labelled({ label: say("hours.lines"), help: say("hours.lines_help"), path: "hours" }, (attributes) =>
    h("textarea", {
      ...attributes,
      class: "textarea fb-area mono",
      rows: 4,
      value: lines,
      oninput: (event) => store.edit((d) => setValue(d, "hours", event.target.value, ""), { key: "hours", isText: true }),
    }),
  );
}
