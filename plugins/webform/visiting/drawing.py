"""A form as JSON for the embed script and for programs, drawn once for all visitors who get the same; each gets a token of their own."""

import json
import secrets
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug import Request

from forms.definitions import DefinedForm, FormDefinition, ShownField
from plugins.webform.publication import PublishedForm
from plugins.webform.visiting.outcomes import Way
from plugins.webform.visiting.posting import blank_form, page_address
from plugins.webform.visiting.tree import tree_of
from plugins.webform.visiting.view import FormView
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
        language = language_of(self._host, request, published.definition)
        seen_on = page_address(request.args.get("page"))
        form = blank_form(self._host, published, language, Way.SCRIPT, seen_on, request.args)
        token, form.token.data = form.token.data, self._token
        view = view_of(
            self._host,
            published,
            form,
            theme=embedded_theme(request, published.definition),
            base=f"{request.root_path}/plugins/{self._host.plugin}/f/{published.key}",
        )
        names = {*request.args, *dict(parse_qsl(urlsplit(seen_on).query))}
        drawn = self._drawn(view) if _may_be_filled(published.definition, names) else self._drawn_once(view)
        return drawn.replace(self._token, token)

    def _drawn_once(self, view: FormView) -> str:
        """By what can differ between two empty forms of one definition. The definition is kept too, so that nothing else takes its id."""
        facts, today = view.facts, view.form.around.today
        place = (id(view.definition), today, view.language, view.theme, view.hours, facts["submit"], facts["proof"])
        if place not in self._kept:
            while len(self._kept) >= MOST_DRAWINGS:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[place] = (view.definition, self._drawn(view))
        return self._kept[place][1]

    def _drawn(self, view: FormView) -> str:
        return json.dumps(
            {
                "title": view.title,
                "html": tree_of(self._host.render(PARTIAL, view=view)),
                "token": view.form.token.data,
                "fields": _fields(view.form),
            }
        )


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
