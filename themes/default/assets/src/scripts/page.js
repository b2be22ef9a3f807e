// What scripts read from the page: the CSRF token, and translated sentences that templates put on <body>.

export function csrfToken() {
  return document.querySelector('meta[name="csrf-token"]')?.content ?? "";
}

/** A translated sentence from `<body data-say-NAME>`. */
export function say(name) {
  return document.body.getAttribute(`data-say-${name}`) ?? "";
}

/** POST form fields in the background. `fields` is FormData or a plain object. */
export function post(url, fields, options = {}) {
  const body = fields instanceof FormData ? fields : toFormData(fields);
  return fetch(url, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() }, credentials: "same-origin", ...options });
}

function toFormData(fields) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

/** Whether typing into this element means text, so that single keys are not shortcuts. */
export function takesText(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && !/^(checkbox|radio|button|submit)$/.test(element.type);
}
