// What the server put into the page: the form's draft, names to choose from, addresses, icons and the texts of this page.

const read = (id) => JSON.parse(document.getElementById(id).textContent);

export const facts = read("fb-facts");
export const urls = read("fb-urls");
const texts = read("fb-texts");
const icons = read("fb-icons");

/** A text of this page by its dotted name, `{holes}` filled in: `say("moved", { name: "Topic" })`. */
export function say(name, holes = {}) {
  const text = name.split(".").reduce((part, key) => part?.[key], texts);
  if (typeof text !== "string") throw new Error(`the page has no text ${name}`);
  return text.replace(/\{(\w+)\}/g, (hole, key) => (key in holes ? holes[key] : hole));
}

/** The address of an icon in the theme's sprite. */
export function iconAddress(name) {
  if (!(name in icons)) throw new Error(`the page has no icon ${name}`);
  return icons[name];
}

/** A language's own name ("Deutsch"), or its code. */
export function languageName(code) {
  return facts.languages.find(([one]) => one === code)?.[1] ?? code;
}

/** POST JSON to the server; the answer's JSON stands in `data`. Rejects when the server cannot be reached. */
export async function postJSON(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    body: JSON.stringify(body),
  });
  const isJSON = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { status: answer.status, isSignedOut: answer.status === 401 || answer.redirected, data: isJSON ? await answer.json() : {} };
}
