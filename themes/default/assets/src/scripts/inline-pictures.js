// Pictures that are pasted or dropped into the text stand in it: `![plan.png](attached:image-1.png)`, and the file goes along under that name.

const ENDINGS = { "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp" };

/** Put those of `files` that are pictures into the text, when they were pasted or dropped there; gives all files back, these renamed. */
export function placePictures(form, files, event) {
  const text = form.querySelector("textarea");
  const isNote = form.querySelector(".mode-note")?.checked;
  if (!text || event.target !== text || isNote) return files;
  return files.map((file) => (ENDINGS[file.type] ? placed(form, text, file) : file));
}

/** Take a picture out of the text when its file is removed. */
export function removePicture(form, name) {
  const text = form.querySelector("textarea");
  const pattern = new RegExp(`!\\[[^\\]\\n]*\\]\\(attached:${name.replace(/[.]/g, "\\.")}\\)\\n?`, "g");
  if (!text || !/^[\w.-]+$/.test(name) || !pattern.test(text.value)) return;
  text.value = text.value.replace(pattern, "");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function placed(form, text, file) {
  const name = freeName(form, text, ENDINGS[file.type]);
  const words = (file.name || name).replace(/\.\w+$/, "").replace(/[[\]\\\n]/g, " ").trim() || name;
  const before = text.value.slice(0, text.selectionStart);
  const gap = before && !before.endsWith("\n") ? "\n\n" : "";
  text.setRangeText(`${gap}![${words}](attached:${name})\n`, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
  return new File([file], name, { type: file.type });
}

/** A name that neither a file of the message nor the text has. */
function freeName(form, text, ending) {
  const kept = [...form.querySelectorAll("[name=kept]")].map((box) => box.dataset.name);
  const taken = new Set([...kept, ...[...form.querySelector("input[type=file]").files].map((file) => file.name)]);
  let number = 1;
  while (taken.has(`image-${number}.${ending}`) || text.value.includes(`attached:image-${number}.`)) number += 1;
  return `image-${number}.${ending}`;
}
