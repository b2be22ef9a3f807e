"""A form as plain HTML for any website: no script, no style, nothing of ours but the address it posts to. Pure.

What a browser can check is in the markup; the rest, conditions among it, the server decides. The names in it are those that `building` of
the engine reads, so that a post of this HTML is a post like any other.
"""

from collections.abc import Iterator, Sequence
from html import escape

from forms.definitions import Becomes, FieldDefinition, FormDefinition, Kind, StepDefinition, Text, highest_rating, say
from forms.definitions.cleaning import read_date

__all__ = ["plain_form"]

TRAP = "homepage"
_AUTOCOMPLETE = {
    Becomes.NAME: "name",
    Becomes.EMAIL: "email",
    Becomes.PHONE: "tel",
    Becomes.COMPANY: "organization",
}
_TYPES = {Kind.EMAIL: "email", Kind.PHONE: "tel", Kind.NUMBER: "number", Kind.DATE: "date"}
_ACCEPTS = {
    "image": "image/*",
    "pdf": "application/pdf",
    "audio": "audio/*",
    "video": "video/*",
    "document": ".doc,.docx,.odt,.rtf,.txt,.xls,.xlsx,.ods,.csv,.ppt,.pptx,.odp",
    "archive": ".zip,.7z,.gz,.tar",
}


def plain_form(definition: FormDefinition, address: str, language: str, *, send: str, trap: str) -> str:
    """The `<form>` in one language, indented for people. `send` and `trap` are the words on the button and on the field that people
    leave empty because they do not see it."""
    words = _Words(language, definition.languages[0])
    has_files = any(field.kind is Kind.FILE for field in definition.fields)
    encoding = ' enctype="multipart/form-data"' if has_files else ""
    lines = [
        f'<form action="{escape(address)}" method="post"{encoding} accept-charset="utf-8">',
        *_indented(_steps(definition, words)),
        f'  <div hidden><label>{escape(trap)} <input name="{TRAP}" tabindex="-1" autocomplete="off"></label></div>',
        f'  <button type="submit">{escape(words.say(definition.send_label) or send)}</button>',
        "</form>",
    ]
    return "\n".join(lines)


class _Words:
    """Texts of a form in one language."""

    def __init__(self, language: str, base: str) -> None:
        self._language, self._base = language, base

    def say(self, text: Text) -> str:
        return say(text, self._language, self._base)


def _steps(definition: FormDefinition, words: _Words) -> Iterator[str]:
    for step in definition.steps:
        if len(definition.steps) == 1:
            yield from _fields(step, words)
            continue
        yield "<fieldset>"
        yield f"  <legend>{escape(words.say(step.title))}</legend>"
        yield from _indented(_fields(step, words))
        yield "</fieldset>"


def _fields(step: StepDefinition, words: _Words) -> Iterator[str]:
    for field in step.fields:
        is_required = field.is_required and field.show_if is None and step.show_if is None
        yield from _field(field, words, is_required)


def _field(field: FieldDefinition, words: _Words, is_required: bool) -> Sequence[str]:
    label, required = escape(words.say(field.label)), " required" if is_required else ""
    match field.kind:
        case Kind.HEADING:
            return [f"<h3>{label}</h3>"]
        case Kind.PARAGRAPH:
            return [f"<p>{label}</p>"]
        case Kind.HIDDEN:
            return [f'<input type="hidden" name="{field.id}" value="{escape(field.default)}">']
        case Kind.CONSENT:
            box = f'<input type="checkbox" name="{field.id}" value="yes"{required}>'
            return [f"<p><label>{box} {label}</label></p>"]
        case Kind.CHOICES:
            return _group(field, label, words, "checkbox", "")
        case Kind.RATING:
            return _rating(field, label, required)
        case Kind.CHOICE:
            return _list(field, label, words, required)
        case _:
            return [f"<p><label>{label}<br>", f"  {_control(field, words, required)}</label></p>"]


def _control(field: FieldDefinition, words: _Words, required: str) -> str:
    attributes = f' name="{field.id}"{_limits(field)}{_hints(field, words)}{required}'
    if field.kind is Kind.LONG_TEXT:
        return f'<textarea rows="6"{attributes}>{escape(field.default)}</textarea>'
    if field.kind is Kind.FILE:
        accepts = ",".join(_ACCEPTS[one] for one in field.accepts if one in _ACCEPTS)
        many = " multiple" if field.max_files > 1 else ""
        return f'<input type="file"{attributes}{many}' + (f' accept="{accepts}">' if accepts else ">")
    value = f' value="{escape(field.default)}"' if field.default else ""
    return f'<input type="{_TYPES.get(field.kind, "text")}"{attributes}{value}>'


def _limits(field: FieldDefinition) -> str:
    """What a browser checks by itself."""
    if field.kind is Kind.NUMBER:
        given = {"min": field.minimum, "max": field.maximum, "step": "any"}
    elif field.kind is Kind.DATE:  # "today+14" moves on and cannot stand in a page
        given = {name: day for name, day in (("min", field.minimum), ("max", field.maximum)) if read_date(day)}
    elif field.kind in (Kind.TEXT, Kind.LONG_TEXT):
        given = {"minlength": field.minimum, "maxlength": field.maximum}
    else:
        given = {}
    return "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)


def _hints(field: FieldDefinition, words: _Words) -> str:
    given = {"placeholder": words.say(field.placeholder), "autocomplete": _AUTOCOMPLETE.get(field.becomes, "")}
    return "".join(f' {name}="{escape(value)}"' for name, value in given.items() if value)


def _list(field: FieldDefinition, label: str, words: _Words, required: str) -> Sequence[str]:
    options = [
        f'  <option value="{escape(one.value)}"{" selected" if one.value == field.default else ""}>'
        f"{escape(words.say(one.label))}</option>"
        for one in field.choices
    ]
    return [
        f"<p><label>{label}<br>",
        f'  <select name="{field.id}"{required}>',
        '    <option value=""></option>',
        *_indented(options),
        "  </select></label></p>",
    ]


def _group(field: FieldDefinition, label: str, words: _Words, kind: str, required: str) -> Sequence[str]:
    boxes = [
        f'  <label><input type="{kind}" name="{field.id}" value="{escape(one.value)}"{required}>'
        f" {escape(words.say(one.label))}</label><br>"
        for one in field.choices
    ]
    return ["<fieldset>", f"  <legend>{label}</legend>", *boxes, "</fieldset>"]


def _rating(field: FieldDefinition, label: str, required: str) -> Sequence[str]:
    boxes = [
        f'  <label><input type="radio" name="{field.id}" value="{number}"{required}> {number}</label>'
        for number in range(1, highest_rating(field) + 1)
    ]
    return ["<fieldset>", f"  <legend>{label}</legend>", *boxes, "</fieldset>"]


def _indented(lines: Iterator[str] | Sequence[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)
