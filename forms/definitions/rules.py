"""What an answer must be, as validators of WTForms. Each says in a sentence of its own what to change."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import Field, Form
from wtforms.validators import StopValidation, ValidationError

from forms.definitions.cleaning import is_email, read_date, read_number, read_phone
from forms.definitions.patterns import matches

__all__ = [
    "Accepted",
    "BetweenDays",
    "BetweenNumbers",
    "CountBetween",
    "EmailAddress",
    "FewFiles",
    "LengthBetween",
    "Matches",
    "Needed",
    "Offered",
    "OneLine",
    "PhoneNumber",
]

MEGABYTE = 1_000_000


class Needed:
    """Refuses an empty field with a sentence of its own, which is translated as those of WTForms are; lets empty ones pass else.

    Whatever comes after it is asked of answers only.
    """

    def __init__(self, sentence: str, is_required: bool) -> None:
        self.sentence = sentence
        self.is_required = is_required
        self.field_flags = {"required": True} if is_required else {}

    def __call__(self, form: Form, field: Field) -> None:
        if field.data:
            return
        raise StopValidation(field.gettext(self.sentence)) if self.is_required else StopValidation()


class OneLine:
    """Refuses a line break, which a browser cannot put into a one-line field: it would end up in the header of a mail."""

    def __call__(self, form: Form, field: Field) -> None:
        if "\n" in field.data:
            raise StopValidation(field.gettext("Please write this in one line."))


class LengthBetween:
    """So many characters; `least` 0 asks for none."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self.field_flags = {"maxlength": most} | ({"minlength": least} if least > 1 else {})

    def __call__(self, form: Form, field: Field) -> None:
        length = len(field.data)
        if length > self.most:
            sentence = field.ngettext(
                "Please write at most %(count)d character.", "Please write at most %(count)d characters.", self.most
            )
            raise StopValidation(sentence % {"count": self.most})
        if length < self.least:
            sentence = field.ngettext(
                "Please write at least %(count)d character.", "Please write at least %(count)d characters.", self.least
            )
            raise ValidationError(sentence % {"count": self.least})


class Matches:
    """The whole text matches a pattern; `hint` is what the owner says when it does not, in the visitor's language."""

    def __init__(self, pattern: str, hint: str) -> None:
        self.pattern, self.hint = pattern, hint

    def __call__(self, form: Form, field: Field) -> None:
        if not matches(self.pattern, field.data):
            raise ValidationError(self.hint or field.gettext("Please check this; it does not look as it should."))


class EmailAddress:
    """An address that can be written to."""

    def __call__(self, form: Form, field: Field) -> None:
        if not is_email(field.data):
            raise ValidationError(
                field.gettext("Please check the e-mail address; it should look like name@example.com.")
            )


class PhoneNumber:
    """A phone number; one without a + is read as one of the region ("DE", empty: none)."""

    def __init__(self, region: str) -> None:
        self.region = region

    def __call__(self, form: Form, field: Field) -> None:
        if read_phone(field.data, self.region) is None:
            raise ValidationError(
                field.gettext(
                    "Please check the phone number; with a + and the number of the country it is always understood."
                )
            )


class BetweenNumbers:
    """A number within bounds; None sets none."""

    def __init__(self, least: Decimal | None, most: Decimal | None) -> None:
        self.least, self.most = least, most
        bounds = {"min": least, "max": most}
        self.field_flags = {name: f"{bound:f}" for name, bound in bounds.items() if bound is not None}

    def __call__(self, form: Form, field: Field) -> None:
        number = read_number(field.data)
        if number is None:
            raise StopValidation(field.gettext("Please enter a number, in figures."))
        if self.least is not None and number < self.least:
            raise ValidationError(field.gettext("Please enter %(bound)s or more.") % {"bound": f"{self.least:f}"})
        if self.most is not None and number > self.most:
            raise ValidationError(field.gettext("Please enter %(bound)s or less.") % {"bound": f"{self.most:f}"})


class BetweenDays:
    """A day within bounds; None sets none."""

    def __init__(self, first: date | None, last: date | None) -> None:
        self.first, self.last = first, last
        bounds = {"min": first, "max": last}
        self.field_flags = {name: bound.isoformat() for name, bound in bounds.items() if bound is not None}

    def __call__(self, form: Form, field: Field) -> None:
        day = read_date(field.data)
        if day is None:
            raise StopValidation(field.gettext("Please enter a day as in 2030-12-31."))
        if self.first is not None and day < self.first:
            raise ValidationError(field.gettext("Please choose %(day)s or later.") % {"day": self.first.isoformat()})
        if self.last is not None and day > self.last:
            raise ValidationError(field.gettext("Please choose %(day)s or earlier.") % {"day": self.last.isoformat()})


class Offered:
    """Only answers that the form offers."""

    def __init__(self, values: Sequence[str]) -> None:
        self.values = frozenset(values)

    def __call__(self, form: Form, field: Field) -> None:
        chosen = [field.data] if isinstance(field.data, str) else field.data
        if not self.values.issuperset(chosen):
            raise StopValidation(field.gettext("Please choose from what is offered."))


class CountBetween:
    """So many choices; `most` None sets no limit."""

    def __init__(self, least: int, most: int | None) -> None:
        self.least, self.most = least, most

    def __call__(self, form: Form, field: Field) -> None:
        count = len(field.data)
        if count < self.least:
            sentence = field.ngettext(
                "Please choose at least %(count)d answer.", "Please choose at least %(count)d answers.", self.least
            )
            raise ValidationError(sentence % {"count": self.least})
        if self.most is not None and count > self.most:
            sentence = field.ngettext(
                "Please choose at most %(count)d answer.", "Please choose at most %(count)d answers.", self.most
            )
            raise ValidationError(sentence % {"count": self.most})


class FewFiles:
    """At most so many files of together so many bytes."""

    def __init__(self, max_files: int, max_bytes: int) -> None:
        self.max_files, self.max_bytes = max_files, max_bytes

    def __call__(self, form: Form, field: Field) -> None:
        if len(field.data) > self.max_files:
            sentence = field.ngettext(
                "Please choose one file at most.", "Please choose at most %(count)d files.", self.max_files
            )
            raise StopValidation(sentence % {"count": self.max_files})
        if sum(map(_size, field.data)) > self.max_bytes:
            sentence = field.gettext("The files are too large. Together they may have %(size)s MB.")
            raise StopValidation(sentence % {"size": f"{self.max_bytes / MEGABYTE:g}"})


class Accepted:
    """Asks somebody else about each file: `refusal` gives a sentence when one is refused."""

    def __init__(self, refusal: Callable[[Any], str | None]) -> None:
        self.refusal = refusal

    def __call__(self, form: Form, field: Field) -> None:
        for upload in field.data:
            if sentence := self.refusal(upload):
                raise ValidationError(sentence)


def _size(upload: Any) -> int:
    """Bytes of an upload, found without reading it."""
    upload.stream.seek(0, 2)
    size = int(upload.stream.tell())
    upload.stream.seek(0)
    return size
