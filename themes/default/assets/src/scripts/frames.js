// Frames with the sender's own formatting: as tall as their content. They are sandboxed without scripts.

const TALLEST_PX = 4000;

export function setUpFrames() {
  document.addEventListener("load", (event) => event.target.matches?.("iframe[data-fits]") && fit(event.target), true);
  document.querySelectorAll("iframe[data-fits]").forEach(fit);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-shows-images]");
    if (link) setTimeout(() => link.closest(".remote-images").remove());
  });
}

function fit(frame) {
  const root = frame.contentDocument?.documentElement;
  if (!frame.contentDocument?.body || frame.contentDocument.URL === "about:blank") return;
  const measure = () => { frame.style.height = `${Math.min(frame.contentDocument.body.scrollHeight + 2, TALLEST_PX)}px`; };
  measure();
  new ResizeObserver(measure).observe(root);
}
