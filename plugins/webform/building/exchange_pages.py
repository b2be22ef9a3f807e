"""Exporting a form as a file, and the page that takes files of ours and of other programs: it shows what it found before it makes it."""

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Any

from werkzeug import Request, Response

from forms.definitions import DefinitionError, FormDefinition, Kind, read_definition, say, write_definition
from plugins.webform.building.builder import form_account
from plugins.webform.building.exchange import FoundForm, UnreadableFile, export_text, read_file
from plugins.webform.building.form_list import add_form
from plugins.webform.building.languages import known_language, languages_by_name
from plugins.webform.building.picture import Picture, picture_of
from plugins.webform.building.words import VALUES
from plugins.webform.storing.versions import draft
from plugins.webform.visiting.usual import USUAL_TITLE
from tidings import Host, translatable

__all__ = ["Exchange", "FoundCard", "ImportPage"]

LARGEST = 5_000_000
LONGEST_NAME = 120
_TOO_LARGE = translatable("The file is too large: 5 MB at most.")
_NO_FILE = translatable("Choose a file, or paste what is in it.")
_UNSUITABLE = translatable("This form cannot be used any more. Import it again.")


@dataclass(frozen=True, slots=True)
class FoundCard:
    """One form of a file: what it will be called, its picture, its fields (label, kind, whether it must be filled in), what is missing,
    and itself as JSON."""

    title: str
    picture: Picture
    fields: tuple[tuple[str, str, bool], ...]
    remarks: tuple[str, ...]
    definition: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    """What `webform/building/import.html` gets. Before a file was read there are no `cards`. `problem` says what did not work, `details`
    where; `pasted` is what was pasted, `language` one of `languages` (code, own name)."""

    languages: tuple[tuple[str, str], ...]
    language: str
    cards: tuple[FoundCard, ...] = ()
    problem: str = ""
    details: tuple[str, ...] = ()
    pasted: str = ""


class Exchange:
    """The way out and the way in."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def export(self, request: Request, account_id: int) -> Response:
        """GET `/forms/<id>/export`: the draft as a file."""
        account = form_account(self._host, account_id)
        text = export_text(account.name, draft(self._host, account).definition, dict(self._host.teams()))
        disposition = f'attachment; filename="{_file_name(account.name)}"'
        return Response(text, content_type="application/json", headers={"Content-Disposition": disposition})

    def show(self, request: Request) -> str:
        """GET `/forms/import`."""
        return self._render(self._empty())

    def read(self, request: Request) -> str:
        """POST `/forms/import` with a `file`, or with `text`, and the `language` of a form that does not tell its own."""
        pasted, language = request.form.get("text", ""), known_language(request.form.get("language", ""))
        try:
            text = _uploaded(request) or pasted
            if not text.strip():
                raise UnreadableFile(_NO_FILE)
            found = read_file(text, dict(self._host.teams()), self._host.gettext, language)
        except UnreadableFile as error:
            problem = self._host.gettext(error.sentence)
            return self._render(self._empty(problem, error.details, pasted, language))
        return self._render(replace(self._empty(), cards=tuple(map(self._card, found))))

    def make(self, request: Request) -> Any:
        """POST `/forms/import/make` with the `definition` that was shown and a `name`."""
        try:
            definition = read_definition(json.loads(request.form.get("definition", "")))
        except (DefinitionError, ValueError, RecursionError):
            return self._render(self._empty(self._host.gettext(_UNSUITABLE)))
        name = " ".join(request.form.get("name", "").split())[:LONGEST_NAME]
        added = add_form(self._host, name or self._host.gettext("Imported form"), definition)
        return self._host.done(
            self._host.gettext("The form is made. Look whether all is as you want it."), f"/forms/{added}"
        )

    def _empty(
        self, problem: str = "", details: tuple[str, ...] = (), pasted: str = "", language: str = ""
    ) -> ImportPage:
        chosen = language or known_language(self._host.language)
        return ImportPage(languages_by_name(), chosen, problem=problem, details=details, pasted=pasted)

    def _card(self, found: FoundForm) -> FoundCard:
        definition = found.definition
        return FoundCard(
            title=found.title or self._host.gettext("Imported form"),
            picture=picture_of(definition, title=self._host.gettext(USUAL_TITLE)),
            fields=self._fields(definition),
            remarks=found.remarks,
            definition=json.dumps(write_definition(definition), ensure_ascii=False),
        )

    def _fields(self, definition: FormDefinition) -> tuple[tuple[str, str, bool], ...]:
        base = definition.languages[0]
        return tuple(
            (say(one.label, base, base) or one.id, self._host.gettext(VALUES[one.kind]), one.is_required)
            for one in definition.fields
            if one.kind is not Kind.HEADING
        )

    def _render(self, page: ImportPage) -> str:
        return self._host.render("webform/building/import.html", page=page)


def _uploaded(request: Request) -> str:
    """The text of the file; empty when none was chosen. Raises `UnreadableFile`."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return ""
    content = file.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UnreadableFile(_TOO_LARGE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile from error


def _file_name(title: str) -> str:
    """ "Order & more" → "form-order-more.json"."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return f"form-{words}.json" if words else "form.json"
