"""A definition while it is taken over from another program: fields get names of ours, what does not fit is left out with a remark."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.base import translatable
from forms.definitions.building import OWN_FIELDS, SCRIPT_NAMES
from forms.definitions.limits import MAX_CHOICES, MAX_FIELDS, MAX_LABEL, MAX_PARAGRAPH, MAX_STEPS, MAX_VALUE
from forms.definitions.problems import DefinitionError, Problem
from forms.definitions.reading import read_definition
from forms.definitions.types import Becomes, FormDefinition, Kind

__all__ = ["Draft", "GetText", "Imported", "accepted_kinds", "nothing_found", "same_text"]

GetText = Callable[[str], str]

_PATH = re.compile(r"steps\[(\d+)\](?:\.fields\[(\d+)\])?(?:\.([a-z_]+))?")
_NEEDED = ("id", "kind", "label", "choices", "fields", "steps")
"""What a field cannot do without, so that a problem with it cannot be mended by leaving it out."""
_NAMES: Mapping[str, Becomes] = {
    "name": Becomes.NAME,
    "full_name": Becomes.NAME,
    "subject": Becomes.SUBJECT,
    "company": Becomes.COMPANY,
    "organisation": Becomes.COMPANY,
    "organization": Becomes.COMPANY,
}
_KINDS: Mapping[Kind, Becomes] = {
    Kind.EMAIL: Becomes.EMAIL,
    Kind.PHONE: Becomes.PHONE,
    Kind.LONG_TEXT: Becomes.MESSAGE,
}
_ENDINGS: Mapping[str, str] = {
    "image": "jpg jpeg png gif webp heic heif bmp tif tiff svg image/*",
    "pdf": "pdf application/pdf",
    "document": "doc docx odt rtf txt xls xlsx ods csv ppt pptx odp",
    "archive": "zip 7z gz tar rar",
    "audio": "mp3 wav ogg m4a aac flac audio/*",
    "video": "mp4 mov avi webm mkv mpg mpeg video/*",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """A form that was taken over, under its title there. `remarks` are sentences about what is different now, in the language asked for."""

    definition: FormDefinition
    title: str
    remarks: tuple[str, ...] = ()


def same_text(text: str) -> str:
    """Plain English, where nobody translates."""
    return text


def nothing_found(text: str) -> DefinitionError:
    """The error of a file in which there is no form."""
    return DefinitionError((Problem("", text),))


def accepted_kinds(endings: Iterable[str]) -> tuple[list[str], list[str]]:
    """(our kinds of files, endings for which we have none) of endings such as "jpg" and ".pdf"."""
    wanted = [ending.strip().lstrip(".").lower() for ending in endings if ending.strip()]
    kinds = [kind for kind, known in _ENDINGS.items() if set(known.split()) & set(wanted)]
    unknown = [one for one in wanted if not any(one in known.split() for known in _ENDINGS.values())]
    return kinds, unknown


class Draft:
    """Steps and fields as JSON in one language. `add` names the fields; `finish` gives a definition without problems."""

    def __init__(self, language: str, gettext: GetText) -> None:
        self.language = language
        self._gettext = gettext
        self._remarks: dict[str, None] = {}
        self._taken: set[str] = {*OWN_FIELDS, *SCRIPT_NAMES}
        self._became: set[Becomes] = set()
        self.form: dict[str, Any] = {}
        self.steps: list[dict[str, Any]] = []
        self.begin_step("")

    def begin_step(self, title: str, show_if: dict[str, Any] | None = None) -> None:
        """Fields that are added from now on stand on a new page; a page without any is used before."""
        if self.steps and not self.steps[-1]["fields"]:
            self.steps.pop()
        step = {"id": self._id(f"step_{len(self.steps) + 1}"), "fields": [], "title": self.said(title, MAX_LABEL)}
        self.steps.append(step | ({"show_if": show_if} if show_if else {}))

    def add(self, name: str, kind: Kind, label: str, **more: Any) -> str:
        """Add a field under a name like the one it had there; the name it has now. `more` are JSON keys, empty ones are left out."""
        field_id = self._id(name)
        most = MAX_PARAGRAPH if kind in (Kind.PARAGRAPH, Kind.CONSENT) else MAX_LABEL
        texts = {"label": self.said(label or _spoken(name) or _spoken(field_id), most)}
        becomes = more.pop("becomes", None) or self._becomes(field_id, kind, is_always_shown=not more.get("show_if"))
        self._became.add(becomes)
        self.steps[-1]["fields"].append(
            {"id": field_id, "kind": str(kind), **texts, "becomes": str(becomes)}
            | {key: one for key, one in more.items() if one}
        )
        return field_id

    def choices(self, pairs: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
        """(value, label) pairs as choices; an equal value gets a number."""
        found: dict[str, dict[str, Any]] = {}
        for value, label in list(pairs)[:MAX_CHOICES]:
            name = plain = " ".join((value or label).split())[: MAX_VALUE - 4]
            number = 2
            while name.lower() in found:
                name, number = f"{plain} {number}", number + 1
            if name:
                found[name.lower()] = {"value": name, "label": self.said(label or value, MAX_LABEL)}
        return list(found.values())

    def said(self, text: str, most: int) -> dict[str, str]:
        """A text in the form's language; nothing when it is empty."""
        return {self.language: text.strip()[:most].strip()} if text.strip() else {}

    def remark(self, text: str, **details: object) -> None:
        """Say what is different now; the same is said once."""
        said = self._gettext(text)
        self._remarks[said % {name: str(one) for name, one in details.items()} if details else said] = None

    def finish(self, title: str) -> Imported:
        """The definition. Raises `DefinitionError` when leaving out what is optional does not make a form of it."""
        if not self.steps[-1]["fields"] and len(self.steps) > 1:
            self.steps.pop()
        self._shorten()
        data = {"languages": [self.language], **self.form, "title": self.said(title, MAX_LABEL), "steps": self.steps}
        if not self._became & {Becomes.EMAIL}:
            self.remark(translatable("No field asks for an e-mail address, so answers could not be sent by mail."))
        return Imported(self._mended(data), title.strip(), tuple(self._remarks))

    def _mended(self, data: dict[str, Any]) -> FormDefinition:
        for _ in range(3):  # what is left out may be missed elsewhere
            try:
                return read_definition(data)
            except DefinitionError as error:
                for problem in error.problems:
                    self._leave_out(data, problem)
        return read_definition(data)

    def _leave_out(self, data: dict[str, Any], problem: Problem) -> None:
        match = _PATH.match(problem.path)
        if match is None:
            data.pop(problem.path.partition(".")[0], None)
            self.remark(translatable("Left out of the form: %(reason)s"), reason=problem.said(self._gettext))
            return
        step = self.steps[int(match[1])]
        part = step["fields"][int(match[2])] if match[2] else step
        if match[3] and match[3] not in _NEEDED:
            part.pop(match[3], None)
        name = next(iter((part.get("label") or part.get("title") or {}).values()), part["id"])
        self.remark(
            translatable("“%(field)s”: a setting was left out. %(reason)s"),
            field=name,
            reason=problem.said(self._gettext),
        )

    def _shorten(self) -> None:
        """Keep as many pages and fields as a form may have."""
        if len(self.steps) > MAX_STEPS:
            self.remark(translatable("The form had more pages than one can have here; the last ones were joined."))
            for step in self.steps[MAX_STEPS:]:
                self.steps[MAX_STEPS - 1]["fields"] += step["fields"]
            del self.steps[MAX_STEPS:]
        spare = MAX_FIELDS
        for step in self.steps:
            if len(step["fields"]) > spare:
                self.remark(translatable("The form had more fields than one can have here; the last ones are missing."))
            step["fields"] = step["fields"][: max(spare, 0)]
            spare -= len(step["fields"])

    def _id(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        plain = re.sub(r"[^A-Za-z0-9]+", "_", plain).strip("_").lower()[:34]
        plain = plain if plain[:1].isalpha() else f"field_{plain}".rstrip("_")
        found, number = plain, 2
        while found in self._taken:
            found, number = f"{plain}_{number}", number + 1
        self._taken.add(found)
        return found

    def _becomes(self, field_id: str, kind: Kind, is_always_shown: bool) -> Becomes:
        """What the first field of its sort becomes; all others are facts. A message is asked for in any case."""
        found = _KINDS.get(kind) or (_NAMES.get(field_id) if kind is Kind.TEXT else None) or Becomes.FACT
        is_free = found not in self._became and (found is not Becomes.MESSAGE or is_always_shown)
        return found if is_free else Becomes.FACT


def _spoken(name: str) -> str:
    """ "date-of-birth" → "Date of birth"."""
    words = re.sub(r"[\W_]+", " ", name).strip()
    return words[:1].upper() + words[1:]
