"""What the embed script and programs talk to: the form as JSON, and posts that are answered in JSON, across origins.

The origin allow-list is enforced here as well as by the browser. A request without an `Origin` comes from no page, so no list
can speak about it; the token, the limits and the spam rules hold for it all the same.
"""

import json
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response

from forms.contact import ContactForm
from plugins.webform.publication import PublishedForm, find_form
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.pages import RETRY_AFTER_S, STATUS
from plugins.webform.visiting.posting import blank_form, take_post
from plugins.webform.visiting.texts import CLOSED_TO_SITE, NO_FORM, REFUSALS, SCRIPT_TEXTS
from tidings import Host

__all__ = ["ScriptedForm"]

PREFLIGHT_S = 7200
KINDS = {"EmailField": "email", "TextAreaField": "textarea", "MultipleFileField": "file"}
HIDDEN = ("homepage", "token", "page")


@dataclass(frozen=True, slots=True)
class ScriptedForm:
    """The JSON views of all forms."""

    host: Host

    def definition(self, request: Request, key: str) -> Response:
        """GET: everything the script needs to draw the form, with a fresh token."""
        published = find_form(self.host, key)
        if published is None:
            return _refused(404, "missing", self.host.gettext(NO_FORM))
        if not _is_allowed(published, request):
            return _refused(403, "origin", self.host.gettext(CLOSED_TO_SITE))
        if not published.is_open:
            return _answer(published, request, 503, {"error": self.host.gettext(REFUSALS[Outcome.CLOSED])})
        return _answer(published, request, 200, _described(self.host, published, blank_form(self.host, published)))

    def submit(self, request: Request, key: str) -> Response:
        """POST: `{"ok": true}` once the message is stored, else what is wrong and a token for the next attempt. OPTIONS: may I."""
        published = find_form(self.host, key)
        if published is None:
            return _refused(404, "missing", self.host.gettext(NO_FORM))
        if not _is_allowed(published, request):
            return _refused(403, "origin", self.host.gettext(CLOSED_TO_SITE))
        if request.method == "OPTIONS":
            return _preflight(published, request)
        result = take_post(self.host, published, request, Way.SCRIPT)
        if result.outcome is Outcome.ACCEPTED:
            return _answer(published, request, 200, {"ok": True, "thanks": published.definition.thanks})
        body = {
            "error": self.host.gettext(REFUSALS[result.outcome]),
            "reason": result.outcome.value,
            "fields": dict(result.form.problems),
            "token": result.form.token.data,
        }
        return _answer(published, request, STATUS[result.outcome], body)


def _described(host: Host, published: PublishedForm, form: ContactForm) -> dict[str, Any]:
    definition = published.definition
    return {
        "title": definition.title,
        "intro": definition.intro,
        "token": form.token.data,
        "trap": "homepage",
        "max_bytes": definition.limits.max_bytes,
        "max_files": definition.limits.max_files,
        "fields": [_field(field) for field in form if field.name not in HIDDEN],
        "texts": {name: host.gettext(text) for name, text in SCRIPT_TEXTS.items()},
    }


def _field(field: Any) -> dict[str, Any]:
    lengths = [v.max for v in field.validators if getattr(v, "max", -1) > 0]
    return {
        "name": field.name,
        "kind": KINDS.get(type(field).__name__, "text"),
        "label": field.label.text,
        "help": field.description,
        "required": bool(field.flags.required),
        "max_length": lengths[0] if lengths else None,
        "autocomplete": (field.render_kw or {}).get("autocomplete", "off"),
    }


def _is_allowed(published: PublishedForm, request: Request) -> bool:
    origin = request.headers.get("Origin", "")
    return not origin or published.definition.allows(origin)


def _answer(published: PublishedForm, request: Request, status: int, body: dict[str, Any]) -> Response:
    response = Response(json.dumps(body), status=status, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    if status == STATUS[Outcome.TOO_MANY]:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return _shared(published, request, response)


def _preflight(published: PublishedForm, request: Request) -> Response:
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "POST"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type"
    response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_S)
    return _shared(published, request, response)


def _shared(published: PublishedForm, request: Request, response: Response) -> Response:
    """Open the answer to the page that asked; to any page when the form has no list. No cookies are involved."""
    origins = published.definition.allowed_origins
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*") if origins else "*"
    if origins:
        response.headers["Vary"] = "Origin"
    return response


def _refused(status: int, reason: str, sentence: str) -> Response:
    """Readable by any page, so that the script there can say why nothing shows."""
    body = json.dumps({"error": sentence, "reason": reason})
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return Response(body, status=status, mimetype="application/json", headers=headers)
