"""From a field of Gravity Forms to one or several of ours: one taker for each type, in one table.

What the properties mean: https://docs.gravityforms.com/gf_field/ and the pages of the single types.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from forms.base import translatable
from forms.definitions.importing.drafts import Draft, accepted_kinds
from forms.definitions.importing.gravity_logic import Rules
from forms.definitions.importing.markup import text_of
from forms.definitions.limits import MAX_HELP, MAX_LABEL, MAX_MEGABYTES, MOST_FILES
from forms.definitions.types import Becomes, Kind

__all__ = ["TAKERS", "Form"]

WEB_ADDRESS = r"https?://\S+"
TIME = r"([01]?\d|2[0-3])[:.][0-5]\d(\s*[AaPp][Mm])?"
HALF_OF_12 = 6
FEWEST, MOST_MARKS = 3, 10
OTHER = "gf_other_choice"
"""The value Gravity Forms itself gives to "Other"."""

Field = Mapping[str, Any]


class Form:
    """A form while it is taken over. `section` and `show_if` are the conditions of the section and of the field at hand."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.section: Rules | None = None
        self.show_if: Rules | None = None
        self._targets: dict[str, tuple[str, Kind]] = {}

    def target(self, field_id: str) -> tuple[str, Kind] | None:
        """Where a field went, by its id there ("3", or "1.6" for a part of it)."""
        return self._targets.get(field_id) or self._targets.get(field_id.partition(".")[0])

    def add(self, field: Field, kind: Kind, label: str = "", **more: Any) -> str:
        """Add what a field asks, with what all types have in common. `part` is the id of the part that is asked for."""
        part = str(more.pop("part", "") or field.get("id") or "")
        label = label or self.label(field)
        given = {
            "is_required": bool(field.get("isRequired")),
            "help": self.draft.said(text_of(_text(field, "description")), MAX_HELP),
            "placeholder": self.draft.said(_text(field, "placeholder"), MAX_LABEL),
            "width": "half" if _is_half(field) else "",
            "show_if": self.show_if,
            "parameter": _text(field, "inputName") if field.get("allowsPrepopulate") else "",
            "default": self._default(field),
        }
        name = _text(field, "adminLabel") or label
        field_id = self.draft.add(name, kind, label, **given | more)
        self._targets.setdefault(part, (field_id, kind))
        self._targets.setdefault(part.partition(".")[0], (field_id, kind))
        return field_id

    def label(self, field: Field) -> str:
        """What stands at a field, in one line."""
        return text_of(_text(field, "label")).replace("\n", " ") or _text(field, "adminLabel")

    def _default(self, field: Field) -> str:
        text = _text(field, "defaultValue")
        if "{" not in text:
            return text
        self.draft.remark(
            translatable("“%(field)s”: what stood in it at first came from WordPress."), field=self.label(field)
        )
        return ""


Taker = Callable[[Form, Field], None]


def _plain(kind: Kind, **always: Any) -> Taker:
    return lambda form, field: _ignore(form.add(field, kind, **always))


def _typed(kind: Kind) -> Taker:
    """A text, as long as it may be there."""

    def take(form: Form, field: Field) -> None:
        if field.get("inputMask") and _text(field, "inputMaskValue"):
            form.draft.remark(
                translatable("“%(field)s” had a mask, %(mask)s; a pattern can take its place."),
                field=form.label(field),
                mask=_text(field, "inputMaskValue"),
            )
        form.add(field, kind, maximum=_text(field, "maxLength"))

    return take


def _email(form: Form, field: Field) -> None:
    if field.get("emailConfirmEnabled"):
        form.draft.remark(translatable("“%(field)s” was asked for twice; now once."), field=form.label(field))
    form.add(field, Kind.EMAIL)


def _number(form: Form, field: Field) -> None:
    if field.get("enableCalculation"):
        form.draft.remark(translatable("“%(field)s” was calculated; now it is asked for."), field=form.label(field))
    form.add(field, Kind.NUMBER, minimum=_text(field, "rangeMin"), maximum=_text(field, "rangeMax"))


def _one_choice(display: str) -> Taker:
    def take(form: Form, field: Field) -> None:
        choices = _choices(form, field)
        if not choices:
            _nothing_to_choose(form, field)
            return
        if not field.get("enableOtherChoice"):
            form.add(field, Kind.CHOICE, choices=choices, display=display, default="".join(_selected(field)[:1]))
            return
        choices += form.draft.choices([(OTHER, _other_label(field))])
        chosen = form.add(field, Kind.CHOICE, choices=choices, display=display, default="".join(_selected(field)[:1]))
        rules = [
            *(form.show_if["rules"] if form.show_if and form.show_if["match"] == "all" else ()),
            _is(chosen, OTHER),
        ]
        form.draft.add(f"{chosen}_other", Kind.TEXT, _other_label(field), show_if={"rules": rules})

    return take


def _several(form: Form, field: Field) -> None:
    choices = _choices(form, field)
    if not choices:
        _nothing_to_choose(form, field)
        return
    bounds = {"exactly": ("choiceLimitNumber", "choiceLimitNumber"), "range": ("choiceLimitMin", "choiceLimitMax")}
    least, most = bounds.get(_text(field, "choiceLimit"), ("", ""))
    form.add(
        field,
        Kind.CHOICES,
        choices=choices,
        default="\n".join(_selected(field)),
        minimum=_text(field, least),
        maximum=_text(field, most),
    )


def _by_input_type(usual: str) -> Taker:
    """Types that borrow how they ask from another."""

    def take(form: Form, field: Field) -> None:
        kind = _text(field, "inputType") or usual
        TAKERS.get(kind if kind not in BORROWERS else usual, _left_out)(form, field)

    return take


def _hidden(form: Form, field: Field) -> None:
    form.add(field, Kind.HIDDEN, is_required=False)


def _html(form: Form, field: Field) -> None:
    text = text_of(_text(field, "content"))
    if text:
        form.draft.add(form.label(field) or "note", Kind.PARAGRAPH, text, show_if=form.show_if)


def _section(form: Form, field: Field) -> None:
    label, text = form.label(field), text_of(_text(field, "description"))
    if label:
        form.draft.add(label, Kind.HEADING, label, show_if=form.show_if)
    if text:
        form.draft.add(f"{label} text", Kind.PARAGRAPH, text, show_if=form.show_if)


def _name(form: Form, field: Field) -> None:
    parts = [one for one in _parts(field) if not one.get("isHidden")]
    if not parts:
        form.add(field, Kind.TEXT, becomes=Becomes.NAME)
    for part in parts:
        choices = form.draft.choices(_pairs(part.get("choices")))
        is_main = str(part.get("id")).endswith((".3", ".6"))
        form.add(
            {**field, "defaultValue": part.get("defaultValue")},
            Kind.CHOICE if choices else Kind.TEXT,
            _part_label(form, field, part),
            part=part.get("id"),
            becomes=Becomes.NAME,
            width="half",
            display="list" if choices else "",
            choices=choices,
            is_required=bool(field.get("isRequired")) and is_main,
            placeholder=form.draft.said(_text(part, "placeholder"), MAX_LABEL),
            help={},
        )


def _address(form: Form, field: Field) -> None:
    for part in _parts(field):
        if part.get("isHidden"):
            continue
        number = str(part.get("id")).rpartition(".")[2]
        form.add(
            {**field, "defaultValue": part.get("defaultValue")},
            Kind.TEXT,
            _part_label(form, field, part),
            part=part.get("id"),
            width="half" if number in ("3", "4", "5", "6") else "",
            is_required=bool(field.get("isRequired")) and number not in ("2", "4"),
            placeholder=form.draft.said(_text(part, "placeholder"), MAX_LABEL),
            help={},
        )


def _time(form: Form, field: Field) -> None:
    form.add(field, Kind.TEXT, pattern=TIME, maximum="10", placeholder=form.draft.said("14:30", MAX_LABEL))


def _file(form: Form, field: Field) -> None:
    kinds, unknown = accepted_kinds(_text(field, "allowedExtensions").split(","))
    if unknown:
        form.draft.remark(
            translatable("“%(field)s”: files ending in %(endings)s cannot be asked for by their ending."),
            field=form.label(field),
            endings=", ".join(unknown),
        )
    most = _whole(field, "maxFiles", 5) if field.get("multipleFiles") else 1
    form.add(
        field,
        Kind.FILE,
        max_files=min(max(most, 1), MOST_FILES),
        max_megabytes=min(max(_whole(field, "maxFileSize", 10), 1), MAX_MEGABYTES),
        accepts=kinds if not unknown else [],
    )


def _consent(form: Form, field: Field) -> None:
    form.add(field, Kind.CONSENT, text_of(_text(field, "checkboxLabel")).replace("\n", " ") or form.label(field))


def _list(form: Form, field: Field) -> None:
    columns = ", ".join(label for _, label in _pairs(field.get("choices")))
    form.draft.remark(translatable("“%(field)s” was a list of lines; now it is one text."), field=form.label(field))
    form.add(field, Kind.LONG_TEXT, becomes=Becomes.FACT, placeholder=form.draft.said(columns, MAX_LABEL))


def _rating(form: Form, field: Field) -> None:
    count = len(_pairs(field.get("choices"))) or 5
    if FEWEST <= count <= MOST_MARKS:
        form.add(field, Kind.RATING, maximum=str(count), default="")
    else:
        _one_choice("buttons")(form, field)


def _likert(form: Form, field: Field) -> None:
    rows = _pairs(field.get("gsurveyLikertRows")) if field.get("gsurveyLikertEnableMultipleRows") else []
    for _, row in rows or [("", form.label(field))]:
        form.add(field, Kind.CHOICE, row, choices=_choices(form, field), display="buttons")


def _no_spam(form: Form, field: Field) -> None:
    form.draft.remark(
        translatable("Questions and pictures against spam were left out; Tidings keeps spam away by other means.")
    )


def _left_out(form: Form, field: Field) -> None:
    form.draft.remark(
        translatable("“%(field)s” was left out: there is nothing like “%(kind)s” here."),
        field=form.label(field),
        kind=_text(field, "type"),
    )


def _nothing_to_choose(form: Form, field: Field) -> None:
    form.draft.remark(translatable("“%(field)s” was left out: it had nothing to choose from."), field=form.label(field))


BORROWERS = frozenset({"survey", "poll", "quiz", "multi_choice", "image_choice", "post_custom_field"})
TAKERS: Mapping[str, Taker] = {
    "text": _typed(Kind.TEXT),
    "textarea": _typed(Kind.LONG_TEXT),
    "select": _one_choice("list"),
    "radio": _one_choice("buttons"),
    "multiselect": _several,
    "checkbox": _several,
    "multi_choice": _by_input_type("checkbox"),
    "image_choice": _by_input_type("radio"),
    "number": _number,
    "hidden": _hidden,
    "html": _html,
    "section": _section,
    "name": _name,
    "date": _plain(Kind.DATE),
    "time": _time,
    "phone": _plain(Kind.PHONE),
    "address": _address,
    "website": _plain(Kind.TEXT, pattern=WEB_ADDRESS),
    "email": _email,
    "fileupload": _file,
    "consent": _consent,
    "list": _list,
    "rating": _rating,
    "likert": _likert,
    "survey": _by_input_type("text"),
    "poll": _by_input_type("radio"),
    "quiz": _by_input_type("radio"),
    "post_custom_field": _by_input_type("text"),
    "captcha": _no_spam,
    "honeypot": _no_spam,
    "turnstile": _no_spam,
    "": _left_out,
}
"""From a field's type to what takes it over; "" is any other."""


def _ignore(_: object) -> None:
    """For takers that are one expression."""


def _text(field: Field, key: str) -> str:
    value = field.get(key)
    return str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _whole(field: Field, key: str, usual: int) -> int:
    text = _text(field, key)
    return int(float(text)) if re.fullmatch(r"\d{1,6}(\.\d+)?", text) else usual


def _is_half(field: Field) -> bool:
    span = _whole(field, "layoutGridColumnSpan", 12)
    return span <= HALF_OF_12 or bool(re.search(r"gf_(left|right)_half", _text(field, "cssClass")))


def _parts(field: Field) -> list[Field]:
    inputs = field.get("inputs")
    return [one for one in inputs if isinstance(one, Mapping)] if isinstance(inputs, list) else []


def _part_label(form: Form, field: Field, part: Field) -> str:
    own = text_of(_text(part, "customLabel") or _text(part, "label"))
    return f"{form.label(field)} ({own})" if form.label(field) and own else own or form.label(field)


def _pairs(choices: Any) -> list[tuple[str, str]]:
    """(value, label) of choices as they stand in the export."""
    found: Iterable[Any] = choices if isinstance(choices, list) else ()
    pairs = [(_text(one, "value"), text_of(_text(one, "text"))) for one in found if isinstance(one, Mapping)]
    return [(value, label) for value, label in pairs if value]


def _choices(form: Form, field: Field) -> list[dict[str, Any]]:
    return form.draft.choices(_pairs(field.get("choices")))


def _selected(field: Field) -> list[str]:
    choices = field.get("choices")
    found: Iterable[Any] = choices if isinstance(choices, list) else ()
    return [_text(one, "value") for one in found if isinstance(one, Mapping) and one.get("isSelected")]


def _other_label(field: Field) -> str:
    choices = field.get("choices")
    found: Iterable[Any] = choices if isinstance(choices, list) else ()
    named = (_text(one, "text") for one in found if isinstance(one, Mapping) and one.get("isOtherChoice"))
    return next(named, "") or "Other"


def _is(name: str, value: str) -> dict[str, str]:
    return {"field": name, "test": "is", "value": value}
