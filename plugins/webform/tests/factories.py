"""Values that several tests start from, and a visitor who opens and posts forms."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder

from forms.definitions import (
    Answer,
    Becomes,
    ChoiceDefinition,
    DefinedForm,
    FieldDefinition,
    FormDefinition,
    Kind,
    StepDefinition,
)
from plugins.webform.keys import ensure_key
from plugins.webform.routes import routes_for
from plugins.webform.storing import versions
from plugins.webform.translate import translate_payload
from plugins.webform.visiting.pages import FormPage
from plugins.webform.visiting.submission import Submission
from tidings import Account, InboundMessage
from tidings.testing import FakeClock, FakeHost

VALUES = {"name": "Ada Abel", "email": "ada@example.com", "subject": "Order 7", "message": "Where is it?"}
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


ASKED = {
    "name": ("Name", Kind.TEXT, Becomes.NAME),
    "email": ("E-mail", Kind.EMAIL, Becomes.EMAIL),
    "subject": ("Subject", Kind.TEXT, Becomes.SUBJECT),
    "message": ("Message", Kind.LONG_TEXT, Becomes.MESSAGE),
}


def create_answer(field_id: str, text: str, **changes: object) -> Answer:
    """An answer of a field in `ASKED`, or a fact under the field's own name."""
    label, kind, becomes = ASKED.get(field_id, (field_id.capitalize(), Kind.TEXT, Becomes.FACT))
    return replace(Answer(field_id, kind, label, text, becomes), **changes)


def create_submission(**changes: object) -> Submission:
    """One of the usual form; answers and subject follow from the values unless they are given."""
    values = {"name": "Ada Abel", "email": "Ada@Example.com", "subject": "Order 7", "message": "Where is it?"}
    submission = replace(
        Submission(nonce="n1", received_at=AT, number=1, values=values, context={"way": "page"}), **changes
    )
    told = {
        "answers": tuple(create_answer(name, text) for name, text in submission.values.items() if text),
        "subject": submission.values.get("subject", ""),
    }
    return replace(submission, **{name: value for name, value in told.items() if name not in changes})


TEMPLATES = (
    Path(__file__).parents[1] / "templates",
    Path(__file__).parents[3] / "themes" / "default" / "templates",
)


class PageHost(FakeHost):
    """A fake host that keeps what a template was given, and renders it inside the default theme."""

    def __init__(self, clock: FakeClock | None = None, **settings: object) -> None:
        super().__init__("webform", [create_account(**settings)], clock=clock)
        self.shown: list[tuple[str, FormPage]] = []

    def render(self, template: str, **context: Any) -> str:
        if "page" in context:
            self.shown.append((template, context["page"]))
        return _theme().get_template(template).render(**context)

    @property
    def page(self) -> FormPage:
        """What was shown last."""
        return self.shown[-1][1]

    @property
    def form(self) -> DefinedForm:
        """The form that was shown last."""
        assert self.page.view is not None
        return self.page.view.form


@cache
def _theme() -> Environment:
    """Templates as the application has them: translated, escaped, with the theme's assets; what is missing raises."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    environment.install_null_translations()  # type: ignore[attr-defined]
    environment.filters.update(
        dict.fromkeys(("brief_time", "full_time", "iso_time", "duration", "file_size", "translated"), str)
    )
    environment.globals["asset"] = "/assets/{}".format
    environment.globals["plugin_url"] = "/plugins/{}/{}".format
    environment.globals["icon_address"] = "/assets/icons.svg#{}".format
    environment.globals["entrance"] = {"business_name": "Boots & Co", "locale": "en", "text_direction": "ltr"}
    return environment


def create_field(field_id: str, kind: Kind, *, choices: Sequence[str] = (), **changes: Any) -> FieldDefinition:
    """A field whose label is its id in capitals, and the choices' theirs."""
    offered = tuple(ChoiceDefinition(one, {"en": one.capitalize()}) for one in choices)
    return FieldDefinition(field_id, kind, {"en": field_id.capitalize()}, choices=offered, **changes)


def create_account(account_id: int = 1, **settings: object) -> Account:
    return Account(account_id, "webform", "Contact form", "", settings)


@dataclass
class Visitor:
    """Somebody who opens forms and posts them, from one internet address."""

    host: PageHost
    remote: str = "192.0.2.7"
    key: str = ""

    def __post_init__(self) -> None:
        self.key = self.key or ensure_key(self.host, 1)
        self.map = Map([Rule(r.rule, methods=r.methods, endpoint=r.view) for r in routes_for(self.host)])

    def ask(self, path: str, method: str = "GET", **options: Any) -> Response:
        """The answer to one request; a page that does not exist answers 404."""
        environ = EnvironBuilder(path, "https://inbox.example.com", method=method, **options).get_environ()
        environ["REMOTE_ADDR"] = self.remote
        return self.answer(Request(environ), path.partition("?")[0])

    def answer(self, request: Request, path: str) -> Response:
        """What the plugin's own page at `path` says."""
        try:
            view, values = self.map.bind_to_environ(request.environ).match(path, request.method)
            return cast(Response, view(request, **values))
        except HTTPException as error:
            return cast(Response, error.get_response())

    def open(self, part: str = "", **options: Any) -> str:
        """Show the form; gives its token."""
        self.ask(f"/f/{self.key}{part}", **options)
        return str(self.host.form.token.data)

    def post(self, token: str, part: str = "", data: dict[str, Any] | None = None, **changes: Any) -> Response:
        """Post the form with ordinary values, after the time a person needs to type."""
        self.host.clock.tick(20)
        return self.ask(f"/f/{self.key}{part}", "POST", data={**VALUES, "token": token, **(data or {}), **changes})

    def submit(self, **changes: Any) -> Response:
        """Post JSON as the embed script's endpoint takes it."""
        token = changes.pop("token", None) or json.loads(self.ask(f"/f/{self.key}/form.json").data)["token"]
        self.host.clock.tick(20)
        headers = changes.pop("headers", None)
        body = {**VALUES, "token": token, **changes}
        return self.ask(f"/f/{self.key}/submit", "POST", json=body, headers=headers)

    def publish(self, *fields: FieldDefinition, **changes: Any) -> FormDefinition:
        """Put another definition on the web, with these fields in one step."""
        account = self.host.account(1)
        assert account is not None
        languages = changes.pop("languages", ("en",))
        definition = FormDefinition(languages, (StepDefinition("main", fields),), **changes)
        revision = versions.draft(self.host, account).revision
        versions.save_draft(self.host, account, definition, revision=revision, by="Ada")
        versions.publish(self.host, account, "Ada")
        return definition


def stored(host: PageHost) -> list[InboundMessage]:
    """The messages that the journal's events become."""
    return [translate_payload(event.payload) for _, event in host.received]
