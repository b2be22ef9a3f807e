"""An admin who uses the pages of the builder, on a host that renders them in a bare shell."""

import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder

from forms.definitions import FormDefinition, write_definition
from plugins.webform.routes import routes_for
from plugins.webform.storing.tests.factories import create_definition
from plugins.webform.storing.versions import publish_first
from tidings import Account, Viewer
from tidings.testing import FakeHost

__all__ = ["Admin", "AdminHost", "create_admin"]

PLUGIN = Path(__file__).parents[2]
THEME = PLUGIN.parents[1] / "themes" / "default" / "templates"
SHELL = "{% block title %}{% endblock %}{% block head %}{% endblock %}{% block topbar %}{% endblock %}{% block actions %}{% endblock %}"


class AdminHost(FakeHost):
    """Keeps the page that a template was given, and renders the plugin's own templates."""

    page: Any = None

    def render(self, template: str, **context: Any) -> str:
        self.page = context.get("page")
        return _templates().get_template(template).render(**context)


@cache
def _templates() -> Environment:
    shells = {name: f"{SHELL}{{% block content %}}{{% endblock %}}" for name in ("base.html", "public/layout.html")}
    folders = FileSystemLoader([PLUGIN / "templates", THEME])
    environment = Environment(
        loader=ChoiceLoader([DictLoader(shells), folders]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(dict.fromkeys(("brief_time", "full_time", "iso_time", "translated"), str))
    environment.globals.update(
        asset="/assets/{}".format,
        icon_address="/assets/icons.svg#{}".format,
        csrf_token=lambda: "a token",
        plugin_url=lambda name, path="": f"/plugins/{name}/{path}",
        url_for=lambda name, **values: f"/{name}/{values.get('id', '')}",
    )
    return environment


@dataclass
class Admin:
    """Somebody signed in, and what they ask for."""

    host: AdminHost
    name: str = "Ada"

    def ask(self, path: str, method: str = "GET", **options: Any) -> Response:
        """The answer to one request at a path of the plugin."""
        self.host.signed_in = Viewer(7, self.name, "admin")
        request = Request(EnvironBuilder(path, "https://inbox.example.com", method=method, **options).get_environ())
        routes = Map([Rule(one.rule, methods=one.methods, endpoint=one.view) for one in routes_for(self.host)])
        try:
            view, values = routes.bind_to_environ(request.environ).match(path.partition("?")[0], method)
            answer = view(request, **values)
        except HTTPException as error:
            return cast(Response, error.get_response())
        return answer if isinstance(answer, Response) else Response(answer, mimetype="text/html")

    def text(self, path: str) -> str:
        return self.ask(path).get_data(as_text=True)

    def post(self, path: str, **values: Any) -> Response:
        return self.ask(path, "POST", data=values)

    def upload(self, path: str, name: str, content: bytes) -> Response:
        return self.post(path, file=(io.BytesIO(content), name))

    def send(self, path: str, **values: Any) -> tuple[int, dict[str, Any]]:
        """Post JSON; gives status and what was answered."""
        answer = self.ask(path, "POST", json=values)
        return answer.status_code, json.loads(answer.data)

    def save(self, definition: FormDefinition, revision: int = 0) -> int:
        """Save a draft of form 1; gives its revision."""
        status, answer = self.send("/forms/1/draft", revision=revision, definition=write_definition(definition))
        assert status == 200, answer
        return int(answer["revision"])


def create_admin(definition: FormDefinition | None = None, **settings: object) -> Admin:
    """Ada, and form 1 with this as its first version."""
    host = AdminHost("webform", [Account(1, "webform", "Shop", "", settings)])
    publish_first(host, 1, definition or create_definition(), "Ada")
    return Admin(host)
