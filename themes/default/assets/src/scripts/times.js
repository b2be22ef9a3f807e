// Keeps times true on a page that stays open: `<time data-relative datetime="…">` since when, `<time data-until …>` how long still.

const UNITS = [["d", 86400], ["h", 3600], ["min", 60]];
const CLOSE_S = 3600;
const LONG_NAMES = { d: "day", h: "hour", min: "minute" };

export function setUpTimes() {
  setInterval(refresh, 30000);
  document.addEventListener("htmx:afterSettle", refresh);
  refresh();
}

function refresh() {
  if (document.hidden) return;
  const language = document.documentElement.lang || "en";
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    if (seconds >= 60 && seconds < 86400) time.textContent = brief(seconds, language);
  }
  for (const time of document.querySelectorAll("time[data-until]")) {
    const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
    time.classList.toggle("is-close", seconds < CLOSE_S);
    if (seconds <= 0) time.textContent = time.dataset.over;
    else if (seconds < 86400) time.textContent = time.dataset.left.replace("{time}", brief(Math.max(seconds, 60), language));
  }
}

/** "3 min", "2 hr" in the page's language, as the server writes it. */
function brief(seconds, language) {
  const [unit, size] = UNITS.find(([, length]) => seconds >= length);
  return new Intl.NumberFormat(language, { style: "unit", unit: LONG_NAMES[unit], unitDisplay: "short" }).format(Math.floor(seconds / size));
}
