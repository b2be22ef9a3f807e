"""A form as JSON for the embed script and for programs, drawn once for all visitors who get the same; each gets a token of their own."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from werkzeug import Request

from forms.definitions import DefinedForm, FormDefinition, ShownField
from plugins.webform.guarding import proof
from plugins.webform.publication import PublishedForm
from plugins.webform.visiting.languages import Catalogue
from plugins.webform.visiting.outcomes import Way
from plugins.webform.visiting.posting import blank_form, page_address
from plugins.webform.visiting.promise import promise_of
from plugins.webform.visiting.timetrap import fresh_token, written_token
from plugins.webform.visiting.tree import tree_of
from plugins.webform.visiting.viewing import embedded_theme, language_of, view_of
from tidings import Host

__all__ = ["MOST_DRAWINGS", "Drawings"]

MOST_DRAWINGS = 256
PARTIAL = "webform/visitor/form.html"


class Drawings:
    """What was drawn already, by everything that it shows; the oldest is forgotten first."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._token = secrets.token_hex(16)
        self._kept: dict[tuple[object, ...], tuple[FormDefinition, str]] = {}

    def draw(self, request: Request, published: PublishedForm) -> str:
        """`{"title", "html": the form as a tree, "token", "fields": for programs}`, in the visitor's language."""
        host, definition = self._host, published.definition
        language = language_of(host, request, definition)
        seen_on = page_address(request.args.get("page"))
        base = f"{request.root_path}/plugins/{host.plugin}/f/{published.key}"
        frame = _Frame(published, language, embedded_theme(request, definition), base, proof.is_wanted(host, published))
        names = {*request.args, *dict(parse_qsl(urlsplit(seen_on).query))}
        is_empty = not _may_be_filled(definition, names)
        token = fresh_token(host, published.number, Way.SCRIPT, seen_on)
        drawn = self._drawn_once(frame) if is_empty else self._drawn(frame, seen_on, request.args)
        return drawn.replace(self._token, written_token(host, published.key, token))

    def _drawn_once(self, frame: "_Frame") -> str:
        """By what can differ between two empty forms of one definition. The definition is kept too, so that nothing else takes its id."""
        now, definition = self._host.now(), frame.published.definition
        hours = promise_of(definition, now, Catalogue(self._host, frame.language))
        today = now.astimezone(ZoneInfo(definition.zone)).date()
        place = (id(definition), today, hours, frame.language, frame.theme, frame.base, frame.is_proof_wanted)
        if place not in self._kept:
            while len(self._kept) >= MOST_DRAWINGS:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[place] = (definition, self._drawn(frame))
        return self._kept[place][1]

    def _drawn(self, frame: "_Frame", seen_on: str = "", asked: Mapping[str, str] | None = None) -> str:
        """With a text of ours in place of the token."""
        form = blank_form(self._host, frame.published, frame.language, Way.SCRIPT, seen_on, asked)
        form.token.data = self._token
        view = view_of(self._host, frame.published, form, theme=frame.theme, base=frame.base)
        return json.dumps(
            {
                "title": view.title,
                "html": tree_of(self._host.render(PARTIAL, view=view)),
                "token": view.form.token.data,
                "fields": _fields(view.form),
            }
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a drawing is made for."""

    published: PublishedForm
    language: str
    theme: str
    base: str
    is_proof_wanted: bool


def _may_be_filled(definition: FormDefinition, names: Iterable[str]) -> bool:
    """Whether parameters of these names put something into the form."""
    waiting = {"context", "signature", *(one.parameter for one in definition.fields if one.parameter)}
    return not waiting.isdisjoint(names)


def _fields(form: DefinedForm) -> list[dict[str, Any]]:
    """What can be posted under which name."""
    return [_field(one) for step in form.shown_steps for one in step.fields if one.definition.kind.is_answer]


def _field(shown: ShownField) -> dict[str, Any]:
    one = shown.definition
    offered = shown.field.iter_choices() if one.choices else ()
    choices = [{"value": value, "label": label} for value, label, *_ in offered if value]
    return {
        "name": one.id,
        "kind": one.kind.value,
        "label": shown.label,
        "required": one.is_required,
        **({"choices": choices} if choices else {}),
    }
