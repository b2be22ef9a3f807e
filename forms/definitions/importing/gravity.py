"""Gravity Forms of WordPress: the JSON of its export. Fields stand in `gravity_fields`, conditions in `gravity_logic`.

The objects are described at https://docs.gravityforms.com/category/developers/data-objects/.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forms.base import translatable
from forms.definitions.importing.drafts import Draft, GetText, Imported, nothing_found, same_text
from forms.definitions.importing.gravity_fields import TAKERS, Form
from forms.definitions.importing.gravity_logic import condition_of, joined
from forms.definitions.importing.markup import text_of
from forms.definitions.limits import MAX_PARAGRAPH, MAX_VALUE

__all__ = ["MAX_EXPORT", "import_gravity"]

MAX_EXPORT = 20_000_000


def import_gravity(text: str, language: str = "en", gettext: GetText = same_text) -> tuple[Imported, ...]:
    """The forms in an export, which does not tell their `language`; remarks are said through `gettext`. Raises `DefinitionError` when
    there is no form that can be taken over."""
    found = tuple(_imported(form, language, gettext) for form in _forms(_read(text)))
    if not found:
        raise nothing_found(translatable("There is no form of Gravity Forms in this."))
    return found


def _read(text: str) -> Any:
    if len(text) > MAX_EXPORT:
        raise nothing_found(translatable("The file is too large. Export only some of the forms."))
    try:
        return json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise nothing_found(translatable("This is no JSON that can be read.")) from error


def _forms(data: Any) -> Iterator[Mapping[str, Any]]:
    """An export numbers its forms and has its version beside them; one form alone is an object with fields."""
    if isinstance(data, Mapping) and isinstance(data.get("fields"), list):
        yield data
        return
    every = data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ()
    yield from (one for one in every if isinstance(one, Mapping) and isinstance(one.get("fields"), list))


def _imported(data: Mapping[str, Any], language: str, gettext: GetText) -> Imported:
    draft = Draft(language, gettext)
    form = Form(draft)
    pages = _page_titles(data)
    draft.steps[0]["title"] = draft.said(pages[0] if pages else "", MAX_VALUE)
    for field in data["fields"]:
        if isinstance(field, Mapping):
            _take(form, field, pages)
    _say(draft, data)
    _confirm(draft, data.get("confirmations") or data.get("confirmation"))
    return draft.finish(_plain(data.get("title")))


def _take(form: Form, field: Mapping[str, Any], pages: Sequence[str]) -> None:
    kind = str(field.get("type") or "")
    if kind == "page":
        form.section = None
        place = len(form.draft.steps)
        title = pages[place] if place < len(pages) else ""
        form.draft.begin_step(title, condition_of(form, field, form.label(field)))
        return
    condition = condition_of(form, field, form.label(field))
    if kind == "section":
        form.section = condition
    form.show_if = condition if kind == "section" else joined(form, form.section, condition, form.label(field))
    TAKERS.get(kind, TAKERS[""])(form, field)


def _page_titles(data: Mapping[str, Any]) -> list[str]:
    pagination = data.get("pagination")
    pages = pagination.get("pages") if isinstance(pagination, Mapping) else None
    return [_plain(one) for one in pages] if isinstance(pages, list) else []


def _say(draft: Draft, data: Mapping[str, Any]) -> None:
    draft.form["intro"] = draft.said(text_of(str(data.get("description") or "")), MAX_PARAGRAPH)
    button = data.get("button")
    if isinstance(button, Mapping):
        draft.form["send_label"] = draft.said(_plain(button.get("text")), MAX_VALUE)
        if button.get("conditionalLogic"):
            draft.remark(translatable("The button to send was shown on a condition; now it is always there."))
    if data.get("notifications"):
        draft.remark(
            translatable(
                "The mails that the form sent were not taken over; whoever writes gets the usual confirmation."
            )
        )


def _confirm(draft: Draft, confirmations: Any) -> None:
    every = list(confirmations.values()) if isinstance(confirmations, Mapping) else confirmations
    every = [confirmations] if isinstance(confirmations, Mapping) and "type" in confirmations else every
    known = [one for one in every or () if isinstance(one, Mapping)]
    chosen = next((one for one in known if one.get("isDefault")), known[0] if known else {})
    if len(known) > 1:
        draft.remark(translatable("Of several confirmations only the usual one was taken over."))
    if chosen.get("type") == "redirect" and chosen.get("url"):
        draft.form["redirect"] = str(chosen["url"])
    elif chosen.get("type") == "page":
        draft.remark(
            translatable("The form led to another page of the site afterwards; enter its address if it should still.")
        )
    elif chosen.get("message"):
        text = text_of(str(chosen["message"]))
        draft.form["thanks"] = draft.said(text, MAX_PARAGRAPH)
        if "{" in text:
            draft.remark(translatable("The text after sending had places that were filled in; please look through it."))


def _plain(value: object) -> str:
    return text_of(str(value or "")).replace("\n", " ")
