"""Whether the parts of a definition fit together: ids, bounds, choices, conditions, and what the whole names elsewhere. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import phonenumbers

from forms.base import translatable
from forms.definitions.building import OWN_FIELDS, SCRIPT_NAMES
from forms.definitions.cleaning import is_email, read_day, read_number
from forms.definitions.limits import MAX_FIELDS, MAX_LINE, MAX_TEXT
from forms.definitions.making import MEDIA, highest_rating
from forms.definitions.parts import is_language
from forms.definitions.patterns import PatternError, check_pattern
from forms.definitions.problems import Problem
from forms.definitions.rule_checks import check_conditions
from forms.definitions.types import Becomes, FieldDefinition, FormDefinition, Kind
from forms.hours import HoursError, read_hours

__all__ = ["SUITS", "check"]

THEMES = ("auto", "light", "dark")
MAX_LONGEST_LINE = 1_000
RATINGS = range(3, 11)

_ANY_LINE = frozenset({Kind.TEXT, Kind.CHOICE, Kind.HIDDEN})
SUITS: Mapping[Becomes, frozenset[Kind]] = {
    Becomes.FACT: frozenset(Kind),
    Becomes.NAME: _ANY_LINE,
    Becomes.EMAIL: frozenset({Kind.EMAIL}),
    Becomes.PHONE: frozenset({Kind.PHONE}),
    Becomes.COMPANY: _ANY_LINE,
    Becomes.SUBJECT: _ANY_LINE,
    Becomes.MESSAGE: frozenset({Kind.TEXT, Kind.LONG_TEXT}),
}
"""Which kinds of fields may become what."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
_PARAMETER = re.compile(r"[A-Za-z0-9_.\-]{1,60}")
_ACCENT = re.compile(r"#[0-9a-fA-F]{6}")
_PLACE = re.compile(r"\{([^{}]*)\}")

Found = Iterator[Problem]


def check(definition: FormDefinition) -> tuple[Problem, ...]:
    """All that does not fit, in the order of the definition."""
    return (
        *_languages(definition),
        *_whole(definition),
        *_ids(definition),
        *_fields(definition),
        *check_conditions(definition),
    )


def _languages(definition: FormDefinition) -> Found:
    if not definition.languages:
        yield Problem("languages", translatable("Choose at least one language."))
    for place, language in enumerate(definition.languages):
        if not is_language(language):
            yield Problem(f"languages[{place}]", translatable("This is no language we know."))


def _whole(definition: FormDefinition) -> Found:
    yield from (Problem(path, text) for path, text, is_wrong in WHOLE if is_wrong(definition))
    known = {one.id for one in definition.fields if one.kind.is_answer}
    for name in _PLACE.findall(definition.subject):
        if name not in known:
            yield Problem("subject", translatable("No field is called “%(name)s”."), {"name": name[:40]})


def _is_no_address(definition: FormDefinition) -> bool:
    if not definition.redirect:
        return False
    try:
        parts = urlsplit(definition.redirect)
        host = parts.hostname
    except ValueError:
        return True
    return parts.scheme not in ("http", "https") or not host or bool(re.search(r"\s", definition.redirect))


def _has_no_hours(definition: FormDefinition) -> bool:
    try:
        read_hours(definition.hours)
    except HoursError:
        return True
    return False


def _has_no_zone(definition: FormDefinition) -> bool:
    try:
        ZoneInfo(definition.zone)
    except (ValueError, OSError, KeyError):
        return True
    return False


def _asks_nothing(definition: FormDefinition) -> bool:
    return not any(one.kind.is_asked for one in definition.fields)


WHOLE: tuple[tuple[str, str, Callable[[FormDefinition], bool]], ...] = (
    ("redirect", translatable("This must be a web address that begins with https:// or http://."), _is_no_address),
    ("hours", translatable("These hours cannot be read; write lines such as Mon-Fri 09:00-17:00."), _has_no_hours),
    ("zone", translatable("This is no time zone we know."), _has_no_zone),
    (
        "region",
        translatable("This must be the two letters of a country, such as DE."),
        lambda form: bool(form.region) and form.region not in phonenumbers.SUPPORTED_REGIONS,
    ),
    (
        "accent",
        translatable("This must be a colour such as #2f6f4f."),
        lambda form: bool(form.accent) and not _ACCENT.fullmatch(form.accent),
    ),
    ("theme", translatable("This must be one of: auto, light, dark."), lambda form: form.theme not in THEMES),
    ("steps", translatable("A form needs at least one field that visitors fill in."), _asks_nothing),
    (
        "steps",
        translatable("A form can have at most 100 fields."),
        lambda form: sum(1 for _ in form.fields) > MAX_FIELDS,
    ),
)
"""(place, what to change, whether it is wrong) of what the form says about itself."""


def _ids(definition: FormDefinition) -> Found:
    taken: set[str] = set()
    for path, name in _named(definition):
        if not _ID.fullmatch(name):
            yield Problem(
                path, translatable("A name begins with a letter and has letters, digits and _ only, at most 40.")
            )
        elif name in OWN_FIELDS or name in SCRIPT_NAMES:
            yield Problem(path, translatable("Every form has a field of this name by itself; choose another."))
        elif name in taken:
            yield Problem(path, translatable("This name is taken by another field or step."))
        taken.add(name)


def _named(definition: FormDefinition) -> Iterator[tuple[str, str]]:
    for number, step in enumerate(definition.steps):
        yield f"steps[{number}].id", step.id
        for place, field in enumerate(step.fields):
            yield f"steps[{number}].fields[{place}].id", field.id


def _fields(definition: FormDefinition) -> Found:
    for number, step in enumerate(definition.steps):
        for place, field in enumerate(step.fields):
            for key, text in _field(field):
                yield Problem(f"steps[{number}].fields[{place}].{key}", text)


def _field(field: FieldDefinition) -> Iterator[tuple[str, str]]:
    if not field.label and field.kind is not Kind.HIDDEN:
        yield "label", translatable("Say what visitors read here.")
    if field.kind not in SUITS[field.becomes]:
        yield "becomes", translatable("A field of this kind cannot become this.")
    if field.parameter and not _PARAMETER.fullmatch(field.parameter):
        yield "parameter", translatable("A parameter has letters, digits, and _ - . only.")
    for place, one in enumerate(field.accepts):
        if one not in MEDIA:
            yield f"accepts[{place}]", translatable("This is no kind of files we know.")
    yield from _choices(field)
    yield from _bounds(field)
    yield from _pattern(field)
    if field.default and not DEFAULTS.get(field.kind, lambda _: True)(field):
        yield "default", translatable("This field could not be answered so.")


def _choices(field: FieldDefinition) -> Iterator[tuple[str, str]]:
    if field.kind in (Kind.CHOICE, Kind.CHOICES) and not field.choices:
        yield "choices", translatable("Add at least one answer to choose.")
    taken: set[str] = set()
    for place, choice in enumerate(field.choices):
        if not choice.value:
            yield f"choices[{place}].value", translatable("This is missing.")
        elif "\n" in choice.value:
            yield f"choices[{place}].value", translatable("Please write this in one line.")
        elif choice.value.lower() in taken:
            yield f"choices[{place}].value", translatable("Another answer of this field has the same value.")
        if not choice.label:
            yield f"choices[{place}].label", translatable("Say what visitors read here.")
        taken.add(choice.value.lower())


def _bounds(field: FieldDefinition) -> Iterator[tuple[str, str]]:
    reader, sentence = BOUNDS.get(field.kind, (None, ""))
    if reader is None:
        return
    found = {"minimum": reader(field.minimum), "maximum": reader(field.maximum)}
    wrong = [key for key, value in found.items() if getattr(field, key) and value is None]
    yield from ((key, sentence) for key in wrong)
    least, most = found.values()
    if least is not None and most is not None and least > most:  # type: ignore[operator]
        yield "maximum", translatable("This must not be less than the other bound.")


def _whole_number(most: int) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        return int(text) if re.fullmatch(r"[0-9]{1,6}", text) and int(text) <= most else None

    return read


def _rating(text: str) -> int | None:
    return int(text) if text in map(str, RATINGS) else None


def _day(text: str) -> date | None:
    """Days from today are compared as if today were one fixed day."""
    return read_day(text, date(2026, 1, 1))


BOUNDS: Mapping[Kind, tuple[Callable[[str], object], str]] = {
    Kind.TEXT: (_whole_number(MAX_LONGEST_LINE), translatable("Enter a number of characters, at most 1000.")),
    Kind.LONG_TEXT: (_whole_number(MAX_TEXT), translatable("Enter a number of characters, at most 20000.")),
    Kind.NUMBER: (read_number, translatable("Please enter a number, in figures.")),
    Kind.CHOICES: (_whole_number(999), translatable("Enter how many answers may be chosen.")),
    Kind.DATE: (_day, translatable("Enter a day as in 2030-12-31, or today, today+14 or today-30.")),
    Kind.RATING: (_rating, translatable("Enter the best mark, from 3 to 10.")),
}
"""How the bounds of a kind are read, None meaning that they cannot be, and what to say then."""


def _pattern(field: FieldDefinition) -> Iterator[tuple[str, str]]:
    if not field.pattern:
        return
    try:
        check_pattern(field.pattern)
    except PatternError as error:
        if error.is_slow:
            yield "pattern", translatable("This pattern takes too long on some texts; write it more simply.")
        else:
            yield "pattern", translatable("This pattern cannot be read as a regular expression.")


def _offers(field: FieldDefinition) -> bool:
    return field.default in {one.value for one in field.choices}


def _offers_all(field: FieldDefinition) -> bool:
    offered = {one.value for one in field.choices}
    return field.default in offered or offered.issuperset(re.split(r"[,\n]", field.default))


DEFAULTS: Mapping[Kind, Callable[[FieldDefinition], bool]] = {
    Kind.TEXT: lambda field: len(field.default) <= int(field.maximum or MAX_LINE) and "\n" not in field.default,
    Kind.EMAIL: lambda field: is_email(field.default),
    Kind.NUMBER: lambda field: read_number(field.default) is not None,
    Kind.CHOICE: _offers,
    Kind.CHOICES: _offers_all,
    Kind.DATE: lambda field: read_day(field.default, date(2026, 1, 1)) is not None,
    Kind.RATING: lambda field: field.default in map(str, range(1, highest_rating(field) + 1)),
}
"""Whether a field could be answered with its default."""
