// `<select data-timezone>` offers the time zone of this computer, unless somebody has chosen already.

export function setUpTimezone() {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const select of document.querySelectorAll("select[data-timezone]")) {
    const isFresh = select.form.querySelector("[aria-invalid]") === null;
    if (isFresh && [...select.options].some((option) => option.value === here)) select.value = here;
  }
}
