"""The contact form that visitors fill in: its fields, its limits and what is wrong with a post.

What an accepted post becomes is the business of the channel that shows the form. Its texts, labels too, come out in the language of
the page or of a catalogue handed in as `meta={"catalogue": …}`.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import (
    EmailField,
    Field,
    HiddenField,
    MultipleFileField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional, StopValidation

from forms.base import Form

__all__ = ["MAX_MESSAGE", "ContactForm", "ContactLimits", "EmailAddress", "Needed", "OneLine", "clean_text"]

MAX_NAME = 100
MAX_EMAIL = 254
MAX_LOCAL_BYTES = 64
MAX_SUBJECT = 200
MAX_MESSAGE = 20_000
MAX_PAGE = 2_000

_LOCAL = re.compile(r"[^\s\x00-\x20\x7f\"(),.:;<>@\[\\\]]+(?:\.[^\s\x00-\x20\x7f\"(),.:;<>@\[\\\]]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class ContactLimits:
    """What a form takes: `max_files` files of together `max_bytes` bytes; no files at all when `max_files` is 0."""

    max_files: int = 5
    max_bytes: int = 10_000_000
    asks_subject: bool = True


def clean_text(value: str | None) -> str:
    """Text as it can be stored: NFC, line ends as \\n, no control or direction-override characters, no lone surrogates."""
    text = (value or "").encode("utf-8", "replace").decode("utf-8")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text)).strip()


class OneLine:
    """Refuses a line break, which a browser cannot put into a one-line field: it would end up in the header of a mail."""

    def __call__(self, form: Form, field: Field) -> None:
        if "\n" in field.data:
            raise StopValidation(field.gettext("Please write this in one line."))


class Needed:
    """Refuses an empty field with a sentence of its own, which is translated as those of WTForms are."""

    field_flags = {"required": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation(field.gettext(self.sentence))


class EmailAddress:
    """Takes what can be written to (RFC 5321 dot-atoms, RFC 6531 letters of any language), names of private networks too.

    Does not ask the DNS: an address that is written well and belongs to nobody shows when the answer bounces.
    """

    def __call__(self, form: Form, field: Field) -> None:
        if len(field.data) > MAX_EMAIL:
            return  # its length is refused beside this
        local, _, domain = field.data.rpartition("@")
        if len(local.encode()) > MAX_LOCAL_BYTES or not _LOCAL.fullmatch(local) or not _is_domain(domain):
            raise ValidationError(
                field.gettext("Please check the e-mail address; it should look like name@example.com.")
            )


class ContactForm(Form):
    """Name, e-mail, subject, message and files. `homepage` is a trap that people do not see; `token` and `page` come from the page."""

    name = StringField(
        "Name",
        filters=[clean_text],
        validators=[Needed("Please tell us your name."), OneLine(), Length(max=MAX_NAME)],
        render_kw={"autocomplete": "name"},
    )
    email = EmailField(
        "E-mail",
        filters=[clean_text],
        validators=[
            Needed("Please tell us your e-mail address, so that we can answer."),
            OneLine(),
            Length(max=MAX_EMAIL),
            EmailAddress(),
        ],
        render_kw={"autocomplete": "email"},
    )
    subject = StringField("Subject", filters=[clean_text], validators=[Optional(), OneLine(), Length(max=MAX_SUBJECT)])
    message = TextAreaField(
        "Message",
        filters=[clean_text],
        validators=[Needed("Please write your message."), Length(max=MAX_MESSAGE)],
    )
    files = MultipleFileField("Files", validators=[Optional()])
    homepage = StringField("Leave this field empty", filters=[clean_text])
    token = HiddenField()
    page = HiddenField(filters=[clean_text])

    def __init__(self, formdata: Any = None, limits: ContactLimits | None = None, **kwargs: Any) -> None:
        super().__init__(formdata, **kwargs)
        self.limits = limits or ContactLimits()
        if not self.limits.asks_subject:
            del self.subject
        if not self.limits.max_files:
            del self.files
        else:
            self.files.description = self._files_help()
        for field in self:
            field.label.text = field.gettext(field.label.text) if field.label.text else ""

    @property
    def is_trapped(self) -> bool:
        """True when the field that people do not see was filled in."""
        return bool(self.homepage.data)

    @property
    def chosen_files(self) -> Sequence[Any]:
        """The uploads that have a name, each with `filename`, `mimetype` and `stream`."""
        field = self._fields.get("files")
        return [item for item in (field.data if field else None) or () if getattr(item, "filename", "")]

    @property
    def problems(self) -> Mapping[str, str]:
        """Field name to the first thing that is wrong with it, in the order of the page."""
        return {name: str(found[0]) for name, found in self.errors.items() if name and found}

    def _files_help(self) -> str:
        most, size = self.limits.max_files, _megabytes(self.limits.max_bytes)
        if most == 1:
            return self.files.gettext("One file of at most %s MB.") % size
        return self.files.gettext("At most %(count)d files, together %(size)s MB.") % {"count": most, "size": size}

    def validate_files(self, field: Field) -> None:
        """Count and total size; called by WTForms."""
        chosen = self.chosen_files
        if len(chosen) > self.limits.max_files:
            most = self.limits.max_files
            raise ValidationError(
                field.ngettext("Please choose one file at most.", "Please choose at most %d files.", most).replace(
                    "%d", str(most)
                )
            )
        if sum(map(_size, chosen)) > self.limits.max_bytes:
            raise ValidationError(
                field.gettext("The files are too large. Together they may have %s MB.")
                % _megabytes(self.limits.max_bytes)
            )


def _is_domain(domain: str) -> bool:
    """Two labels at least, each a host name's; letters of other languages as IDNA writes them."""
    try:
        labels = domain.encode("idna").decode("ascii").split(".")
    except UnicodeError:
        return False
    return len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()


def _size(upload: Any) -> int:
    """Bytes of an upload, found without reading it."""
    upload.stream.seek(0, 2)
    size = int(upload.stream.tell())
    upload.stream.seek(0)
    return size


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f}".removesuffix(".0")
