// Keeps the queue on the page Calls fresh while the page can be seen. The theme fetches what hears "live" again.
"use strict";

(() => {
  const part = () => document.getElementById("voip-live");
  if (!part()) return;

  const refresh = () => {
    if (document.visibilityState === "visible") part()?.dispatchEvent(new CustomEvent("live"));
  };
  setInterval(refresh, 1000 * Number(part().dataset.refreshS));
  document.addEventListener("visibilitychange", refresh);
})();
