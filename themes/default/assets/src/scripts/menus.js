// <details class="menu">: closes on Escape, on a click elsewhere and when focus leaves; arrow keys walk its items.

export function setUpMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("toggle", (event) => {
    const bar = event.target.closest?.(".list-bar");
    bar?.classList.toggle("filters-open", bar.querySelector("details[open]") !== null);
  }, true);
  document.addEventListener("keydown", onKey);
}

function openMenus() {
  return document.querySelectorAll("details.menu[open]");
}

function onKey(event) {
  const menu = event.target.closest?.("details.menu");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !event.target.matches("textarea, select, input[type=datetime-local]")) {
    event.preventDefault();
    menu.open = true;
    walk(menu, step);
  }
}

function walk(menu, step) {
  const items = [...menu.querySelectorAll(".menu-panel a[href], .menu-panel button, .menu-panel input")];
  const here = items.indexOf(document.activeElement);
  items.at(here < 0 && step < 0 ? -1 : (here + step + items.length) % items.length)?.focus();
}
