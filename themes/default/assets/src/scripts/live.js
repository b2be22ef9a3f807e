// Live updates: one event stream for all tabs of this browser. A Web Lock elects the tab that holds it; the others listen to
// a BroadcastChannel. An event names topics; elements with `data-live="topic …"` fetch themselves again.
import htmx from "htmx.org";
import { say } from "./page.js";

const REFRESH_AFTER_MS = 120;
const RETRY_MS = [1000, 2000, 5000, 10000, 20000];
const REMEMBERED = 100;

export function setUpLiveUpdates() {
  const url = document.body.dataset.stream;
  if (!url) return;
  const bus = new BroadcastChannel("tidings");
  const address = new URL(url, location.href);
  const start = Number(address.searchParams.get("since") ?? 0);
  bus.onmessage = ({ data }) => receive(data);
  bus.postMessage({ kind: "hello", since: start });
  navigator.locks?.request("tidings-stream", () => holdStream(address, bus));
  document.addEventListener("visibilitychange", () => !document.hidden && refreshMarked());
  window.addEventListener("pageshow", (event) => event.persisted && refreshAll());
}

function receive(message) {
  if (message.kind === "changed") mark(message.topics);
  if (message.kind === "reset") refreshAll();
  if (message.kind === "state") showState(message.state);
}

/** Never resolves: the lock is ours until the tab goes away, then the next tab takes over. */
function holdStream(address, bus) {
  const recent = [];
  let state = "waiting";
  const tell = (message) => { receive(message); bus.postMessage(message); };
  bus.addEventListener("message", ({ data }) => {
    if (data.kind !== "hello") return;
    bus.postMessage({ kind: "state", state });
    for (const event of recent) if (event.id > data.since) bus.postMessage(event);
  });
  const setState = (next) => { state = next; tell({ kind: "state", state }); };
  const onChange = (event) => {
    const message = { kind: "changed", id: Number(event.lastEventId || 0), topics: JSON.parse(event.data).topics };
    if (message.id) address.searchParams.set("since", message.id);
    recent.push(message);
    recent.splice(0, recent.length - REMEMBERED);
    tell(message);
  };
  return new Promise(() => connect(address, { setState, onChange, onReset: () => tell({ kind: "reset" }) }, 0));
}

function connect(address, handlers, failures) {
  const source = new EventSource(address);
  source.onopen = () => { failures = 0; handlers.setState("live"); };
  source.addEventListener("change", handlers.onChange);
  source.addEventListener("reset", handlers.onReset);
  source.onerror = () => {
    handlers.setState("waiting");
    if (source.readyState !== EventSource.CLOSED) return;
    const pause = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] * (0.75 + Math.random() / 2);
    setTimeout(() => connect(address, handlers, failures + 1), pause);
  };
}

const marked = new Set();
let timer = null;

/** Note which elements are out of date; refresh them soon, or when the tab is looked at again. */
function mark(topics) {
  for (const element of document.querySelectorAll("[data-live]")) {
    if (element.dataset.live.split(" ").some((topic) => topics.includes(topic))) marked.add(element.id);
  }
  if (document.hidden) document.title = document.title.replace(/^(• )?/, marked.size ? "• " : "");
  else timer ??= setTimeout(refreshMarked, REFRESH_AFTER_MS);
}

function refreshMarked() {
  clearTimeout(timer);
  timer = null;
  document.title = document.title.replace(/^• /, "");
  const ids = [...marked];
  marked.clear();
  for (const id of ids) {
    const element = document.getElementById(id);
    if (element) htmx.trigger(element, "live");
  }
}

function refreshAll() {
  for (const element of document.querySelectorAll("[data-live]")) marked.add(element.id);
  refreshMarked();
}

function showState(state) {
  const light = document.getElementById("live");
  if (!light || light.dataset.state === state) return;
  light.dataset.state = state;
  light.querySelector(".label").textContent = say(state === "live" ? "live" : "reconnecting");
}
