"""What the embed script and programs talk to: the form as JSON, and posts that are answered in JSON, across origins.

The origin allow-list is enforced here as well as by the browser. A request without an `Origin` comes from no page, so no list
can speak about it; the token, the limits and the spam rules hold for it all the same.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from werkzeug import Request, Response

from plugins.webform.form_settings import origin_of
from plugins.webform.guarding import proof
from plugins.webform.publication import PublishedForm, find_form
from plugins.webform.visiting.drawing import Drawings
from plugins.webform.visiting.languages import Catalogue
from plugins.webform.visiting.look import look_css
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.pages import RETRY_AFTER_S, STATUS, require_form, thanks_lines
from plugins.webform.visiting.posting import take_post
from plugins.webform.visiting.texts import CLOSED_TO_SITE, NO_FORM, REFUSALS, SENT
from plugins.webform.visiting.viewing import language_of
from tidings import Host

__all__ = ["ScriptedForm"]

PREFLIGHT_S = 7200
LOOK_CACHED_S = 300


@dataclass(frozen=True, slots=True)
class ScriptedForm:
    """The JSON views of all forms, and the style of one."""

    host: Host
    drawings: Drawings

    def definition(self, request: Request, key: str) -> Response:
        """GET: the form as a tree of elements for the script, and its fields for programs, with a fresh token."""
        return self._for_allowed(request, key, self._described)

    def challenge(self, request: Request, key: str) -> Response:
        """GET: what a browser has to work out before it sends, where proof of work is wanted."""
        return self._for_allowed(request, key, lambda _, __: (200, json.dumps(proof.challenge(self.host))))

    def submit(self, request: Request, key: str) -> Response:
        """POST: `{"ok": true}` once the message is stored, else what is wrong and a token for the next attempt. OPTIONS: may I."""
        if request.method == "OPTIONS":
            return self._for_allowed(request, key, None)
        return self._for_allowed(request, key, self._submitted)

    def look(self, request: Request, key: str) -> Response:
        """GET: the form's accent as a stylesheet, empty where it has none. `?accent=0a6b66` is another one."""
        wanted = request.args.get("accent", "").removeprefix("#")
        accent = f"#{wanted}" if wanted else require_form(self.host, key).definition.accent
        response = Response(look_css(accent), mimetype="text/css")
        response.headers["Cache-Control"] = f"public, max-age={LOOK_CACHED_S}"
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def _for_allowed(
        self,
        request: Request,
        key: str,
        say: Callable[[Request, PublishedForm], tuple[int, str]] | None,
    ) -> Response:
        """What `say` answers, for pages that may use the form; without it only that they may."""
        published = find_form(self.host, key)
        if published is None:
            return _refused(404, "missing", self.host.gettext(NO_FORM))
        if not _is_allowed(self.host, published, request):
            return _refused(403, "origin", self.host.gettext(CLOSED_TO_SITE))
        if say is None:
            return _preflight(published, request)
        return _answer(published, request, *say(request, published))

    def _described(self, request: Request, published: PublishedForm) -> tuple[int, str]:
        if published.is_open:
            return 200, self.drawings.draw(request, published)
        said = self.host.gettext(REFUSALS[Outcome.CLOSED], language_of(self.host, request, published.definition))
        return STATUS[Outcome.CLOSED], json.dumps({"error": said, "reason": Outcome.CLOSED.value})

    def _submitted(self, request: Request, published: PublishedForm) -> tuple[int, str]:
        language = language_of(self.host, request, published.definition)
        result = take_post(self.host, published, request, Way.SCRIPT, language)
        catalogue = Catalogue(self.host, language)
        if result.outcome is Outcome.ACCEPTED:
            return 200, json.dumps(
                {
                    "ok": True,
                    "heading": catalogue.gettext(SENT),
                    "thanks": "\n".join(thanks_lines(published, catalogue)),
                    "redirect": published.definition.redirect,
                }
            )
        return STATUS[result.outcome], json.dumps(
            {
                "error": catalogue.gettext(REFUSALS[result.outcome]),
                "reason": result.outcome.value,
                "fields": dict(result.form.problems),
                "token": result.form.token.data,
            }
        )


def _is_allowed(host: Host, published: PublishedForm, request: Request) -> bool:
    """Our own pages always are."""
    origin = request.headers.get("Origin", "")
    ours = (origin_of(request.host_url), origin_of(host.url()))
    return not origin or origin in ours or published.settings.allows(origin)


def _answer(published: PublishedForm, request: Request, status: int, body: str) -> Response:
    response = Response(body, status=status, mimetype="application/json")
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
    origins = published.settings.allowed_origins
    response.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "*") if origins else "*"
    if origins:
        response.headers["Vary"] = "Origin"
    return response


def _refused(status: int, reason: str, sentence: str) -> Response:
    """Readable by any page, so that the script there can say why nothing shows."""
    body = json.dumps({"error": sentence, "reason": reason})
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
    return Response(body, status=status, mimetype="application/json", headers=headers)
