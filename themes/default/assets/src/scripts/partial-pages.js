// htmx: forms and links that replace parts of the page. The server answers with the page's content; htmx picks the parts.
import htmx from "htmx.org";
import { Idiomorph } from "idiomorph";
import { csrfToken, say } from "./page.js";
import { showToast } from "./toasts.js";

// What the person at the screen changed must survive a refresh of the same element.
const KEPT_ATTRIBUTES = { DETAILS: ["open"], IFRAME: ["style", "src"], INPUT: ["checked", "value"], TEXTAREA: ["value"] };

export function setUpPartialPages() {
  Object.assign(htmx.config, {
    includeIndicatorStyles: false,
    allowEval: false,
    allowScriptTags: false,
    selfRequestsOnly: true,
    historyCacheSize: 0,
    refreshOnHistoryMiss: true,
    defaultSettleDelay: 0,
    timeout: 30000,
  });
  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => style === "morph" && Idiomorph.morph(target, fragment.children, { morphStyle: "outerHTML" }),
  });
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, element) => !KEPT_ATTRIBUTES[element.tagName]?.includes(name);
  Idiomorph.defaults.callbacks.afterNodeAdded = (node) => { if (node.matches?.(".row, .message")) node.classList.add("has-arrived"); };
  document.addEventListener("htmx:configRequest", onRequest);
  document.addEventListener("htmx:beforeSwap", onAnswer);
  document.addEventListener("htmx:responseError", (event) => explain(event.detail));
  document.addEventListener("htmx:sendError", (event) => explain(event.detail));
}

/** A refresh says that it is one, so that the server keeps toasts for the page a person asked for. */
function onRequest({ detail }) {
  detail.headers["X-CSRFToken"] = csrfToken();
  if (detail.triggeringEvent?.type === "live") detail.headers["X-Tidings-Refresh"] = "1";
}

/** An answer without the part we want is another page (signed out, say): never swap that in, go there. */
function onAnswer({ detail }) {
  const wanted = detail.requestConfig.elt.getAttribute("hx-select");
  if (!wanted || !detail.shouldSwap || detail.serverResponse.includes(`id="${wanted.slice(1)}"`)) return;
  detail.shouldSwap = false;
  location.reload();
}

/** A refused or lost request: say so, unless the page refreshed itself (the live indicator speaks for that). */
function explain({ xhr, requestConfig }) {
  if (requestConfig?.triggeringEvent?.type === "live") return;
  if (xhr?.status === 401) location.reload();
  else showToast(xhr?.status ? say("refused") : say("offline"), "error");
}
