// A conversation opens at what is new, or at its end; a link to one message wins. Who reads at the end stays there when more arrives.

const NEAR_END_PX = 160;

export function setUpTimeline() {
  const timeline = document.getElementById("timeline");
  if (timeline) followTheEnd();
  if (!timeline || location.hash || performance.getEntriesByType("navigation")[0]?.type === "back_forward") return;
  const items = timeline.querySelectorAll(".message");
  const target = timeline.querySelector(".is-new") ?? items[items.length - 1];
  if (items.length > 1) target?.scrollIntoView({ block: "start" });
}

function followTheEnd() {
  let isAtEnd = false;
  document.addEventListener("htmx:beforeSwap", () => {
    isAtEnd = document.documentElement.scrollHeight - window.innerHeight - window.scrollY < NEAR_END_PX;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "timeline" && isAtEnd) window.scrollTo({ top: document.documentElement.scrollHeight });
  });
}
