// Forms marked `data-previews` show what they make in a frame while one writes: their button `data-preview` posts them there.

const PAUSE_MS = 400;

export function setUpPreviews() {
  let timer;
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-previews]");
    if (!form) return;
    clearTimeout(timer);
    timer = setTimeout(() => preview(form), PAUSE_MS);
  });
  document.addEventListener("htmx:load", showFirst);
  showFirst();
}

function showFirst() {
  document.querySelectorAll("form[data-previews]:not([data-shown])").forEach((form) => {
    form.dataset.shown = "yes";
    preview(form);
  });
}

function preview(form) {
  if (!form.isConnected) return;
  const button = form.querySelector("[data-preview]");
  const frame = document.getElementsByName(button.formTarget)[0];
  frame?.replaceWith(frame.cloneNode()); // what comes first in a frame is no step that Back would undo
  form.requestSubmit(button);
}
