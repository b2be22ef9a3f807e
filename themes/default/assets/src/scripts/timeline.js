// A conversation opens at what is new, or at its end; a link to one message wins.

export function setUpTimeline() {
  const timeline = document.getElementById("timeline");
  if (!timeline || location.hash || performance.getEntriesByType("navigation")[0]?.type === "back_forward") return;
  const items = timeline.querySelectorAll(".message");
  const target = timeline.querySelector(".is-new") ?? items[items.length - 1];
  if (items.length > 1) target?.scrollIntoView({ block: "start" });
}
