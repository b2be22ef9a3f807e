// What a conversation gets: team, priority and tags. The same controls serve the whole form and each choice.
import { labelled, select, tagsControl } from "./controls.js";
import { setValue } from "./definition.js";
import { facts, say } from "./page.js";
import { store } from "./state.js";

const PRIORITIES = ["low", "normal", "high", "urgent"];

/** `owner(definition)` has the `routing`; the empty choice says what nothing means here. */
export function routingControls({ owner, path, nothing }) {
  const place = `${path}routing`;
  const routing = (d, mayMake = false) => {
    const holder = owner(d);
    if (mayMake) holder.routing ??= {};
    return holder.routing ?? {};
  };
  const put = (name, value) =>
    store.edit((d) => {
      setValue(routing(d, true), name, value, null);
      tidy(owner(d));
    });
  const now = routing(store.definition);
  const teams = [["", nothing], ...facts.teams.map(([id, name]) => [id, name])];
  if (now.team_id && !facts.teams.some(([id]) => id === now.team_id)) teams.push([now.team_id, say("routing.gone_team")]);
  const priorities = [["", nothing], ...PRIORITIES.map((one) => [one, say(`priorities.${one}`)])];
  return [
    labelled({ label: say("routing.team"), path: `${place}.team_id` }, (attributes) =>
      select(
        { ...attributes, onchange: (event) => put("team_id", event.target.value ? Number(event.target.value) : null) },
        teams,
        now.team_id ?? "",
      ),
    ),
    labelled({ label: say("routing.priority"), path: `${place}.priority` }, (attributes) =>
      select({ ...attributes, onchange: (event) => put("priority", event.target.value || null) }, priorities, now.priority ?? ""),
    ),
    tagsControl({ owner: routing, path: place, suggestions: facts.tags, label: say("routing.tags"), help: "" }),
  ];
}

function tidy(holder) {
  if (!Object.keys(holder.routing ?? {}).length) delete holder.routing;
}

/** A routing in a few words: "Sales · High · orders", or nothing. */
export function routingWords(routing) {
  if (!routing) return "";
  const team = facts.teams.find(([id]) => id === routing.team_id)?.[1];
  return [team, routing.priority && say(`priorities.${routing.priority}`), ...(routing.tags ?? [])].filter(Boolean).join(" · ");
}
