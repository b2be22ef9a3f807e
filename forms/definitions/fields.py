"""The WTForms field of each kind. A text where a file belongs, or the other way round, is as good as nothing posted.

Beside what WTForms gives, a field has `value`, the answer as it is kept and as conditions see it, and `shown`, the answer as
people read it.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol

import phonenumbers
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, NumberInput

from forms.definitions.cleaning import clean_text, read_number, read_phone

__all__ = [
    "YES",
    "Answered",
    "BoxesField",
    "ButtonsField",
    "CalledField",
    "CarriedField",
    "ConsentField",
    "DayField",
    "LineField",
    "ListField",
    "MailField",
    "MarksField",
    "NumberField",
    "ParagraphsField",
    "UntouchedField",
    "UploadsField",
]

YES = "yes"
"""The value of a consent that was given."""


class Answered(Protocol):
    """What every field of a form that was made from a definition tells about its answer."""

    data: Any

    @property
    def value(self) -> str | list[str]: ...
    @property
    def shown(self) -> str: ...


class _Text:
    """One text: what was posted first, cleaned."""

    data: str

    def process_data(self, value: Any) -> None:
        self.data = clean_text(value)

    def process_formdata(self, posted: Sequence[Any]) -> None:
        self.data = clean_text(next((one for one in posted if isinstance(one, str)), ""))

    @property
    def value(self) -> str:
        return self.data

    @property
    def shown(self) -> str:
        return self.data


class LineField(_Text, StringField):
    """A text of one line."""


class ParagraphsField(_Text, TextAreaField):
    """A text of several lines."""


class MailField(_Text, EmailField):
    """An e-mail address."""


class CarriedField(_Text, HiddenField):
    """Comes along unseen. Nobody can correct it, so what is too long is cut and line breaks become spaces."""

    MOST = 2_000

    def process_formdata(self, posted: Sequence[Any]) -> None:
        super().process_formdata(posted)
        self.data = " ".join(self.data.split())[: self.MOST]


class UntouchedField(HiddenField):
    """Comes along unseen and is taken to the letter, because somebody signed it."""

    data: str

    def process_data(self, value: Any) -> None:
        self.data = value or ""

    def process_formdata(self, posted: Sequence[Any]) -> None:
        self.data = next((one for one in posted if isinstance(one, str)), "")


class CalledField(_Text, TelField):
    """A phone number. `region` is where one without a + belongs."""

    def __init__(self, *args: Any, region: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.region = region

    @property
    def value(self) -> str:
        """As E.164 ("+49301234567"), or what was typed when it is no number; an extension is kept (";ext=12")."""
        number = read_phone(self.data, self.region)
        if number is None:
            return self.data
        plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{plain};ext={number.extension}" if number.extension else plain

    @property
    def shown(self) -> str:
        number = read_phone(self.data, self.region)
        if number is None:
            return self.data
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


class NumberField(_Text, StringField):
    """A number as text, so that what is none can be shown again."""

    widget = NumberInput(step="any")

    @property
    def value(self) -> str:
        """As short as it can be written, so that 7, 07 and 7.0 are the same answer."""
        shown = self.shown
        return shown.rstrip("0").rstrip(".") if "." in shown and read_number(shown) is not None else shown

    @property
    def shown(self) -> str:
        number = read_number(self.data)
        return self.data if number is None else f"{number:f}"


class DayField(_Text, StringField):
    """A day as ISO text, so that what is none can be shown again."""

    widget = DateInput()


class _Choice(_Text):
    """One of several values. `iter_choices` of WTForms marks it while it is shown."""

    choices: Any

    def pre_validate(self, form: Any) -> None:
        """Says nothing: a rule of its own does."""

    @property
    def shown(self) -> str:
        return next((choice.label for choice in self._offered() if choice.value == self.data), self.data)

    def _offered(self) -> Any:
        return self.iter_choices()  # type: ignore[attr-defined]


class ListField(_Choice, SelectField):
    """A list that opens."""


class ButtonsField(_Choice, RadioField):
    """All choices side by side."""


class MarksField(ButtonsField):
    """A rating: one of the marks from 1 to the best."""

    @property
    def shown(self) -> str:
        return f"{self.data} / {len(self.choices)}" if self.data else ""


class BoxesField(SelectMultipleField):
    """Several of several values, each with its box."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    data: list[str]

    def process_data(self, value: Any) -> None:
        text, offered = clean_text(value), {choice.value for choice in self.choices}
        self.data = [one for one in ([text] if text in offered else re.split(r"[,\n]", text)) if one in offered]

    def process_formdata(self, posted: Sequence[Any]) -> None:
        self.data = list(dict.fromkeys(clean_text(one) for one in posted if isinstance(one, str) and one.strip()))

    def pre_validate(self, form: Any) -> None:
        """Says nothing: a rule of its own does."""

    @property
    def value(self) -> list[str]:
        return self.data

    @property
    def shown(self) -> str:
        labels = {choice.value: choice.label for choice in self.iter_choices()}
        return ", ".join(labels.get(one, one) for one in self.data)


class ConsentField(BooleanField):
    """A box to tick."""

    false_values = (False, "false", "", "0", "no", "off")

    def process_formdata(self, posted: Sequence[Any]) -> None:
        super().process_formdata([one for one in posted if isinstance(one, str)])

    @property
    def value(self) -> str:
        return YES if self.data else ""

    @property
    def shown(self) -> str:
        return self.gettext("Yes") if self.data else ""


class UploadsField(MultipleFileField):
    """Files. `data` are uploads that have a name, each with `filename`, `mimetype` and `stream`."""

    data: list[Any]

    def process_data(self, value: Any) -> None:
        self.data = []

    def process_formdata(self, posted: Sequence[Any]) -> None:
        self.data = [one for one in posted if not isinstance(one, str) and getattr(one, "filename", None)]

    @property
    def value(self) -> list[str]:
        """Names, without the folders that some browsers send."""
        names = (re.split(r"[\\/]", clean_text(one.filename))[-1] for one in self.data)
        return [" ".join(name.split()) or "-" for name in names]

    @property
    def shown(self) -> str:
        return ", ".join(self.value)
