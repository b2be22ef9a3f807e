// Selecting conversations: counts what is chosen, shift-click chooses a range, "all" chooses the page.

export function setUpSelection() {
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target.closest(".row-check");
    if (!box) return;
    const boxes = [...box.form.querySelectorAll(".row-check")];
    if (event.shiftKey && last && boxes.includes(last)) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      boxes.slice(from, to + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.(".list-form");
    if (event.target.matches?.(".check-all")) {
      form.querySelectorAll(".row-check").forEach((box) => { box.checked = event.target.checked; });
    }
    if (form) count(form);
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-clears-selection]")?.closest(".list-form");
    if (!form) return;
    form.querySelectorAll(".row-check").forEach((box) => { box.checked = false; });
    count(form);
  });
  document.addEventListener("htmx:afterSwap", () => document.querySelectorAll(".list-form").forEach(count));
}

export function count(form) {
  const boxes = [...form.querySelectorAll(".row-check")];
  const chosen = boxes.filter((box) => box.checked).length;
  const label = form.querySelector(".chosen");
  if (label) label.textContent = label.dataset.text.replace("%d", chosen);
  const all = form.querySelector(".check-all");
  if (all) Object.assign(all, { checked: chosen > 0 && chosen === boxes.length, indeterminate: chosen > 0 && chosen < boxes.length });
}
