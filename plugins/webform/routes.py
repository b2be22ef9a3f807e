"""The addresses of the plugin, the public ones in one table. Forms carry a signed token of their own, so no session and no CSRF cookie."""

from collections.abc import Callable, Sequence
from typing import Any

from plugins.webform.building.routes import builder_routes
from plugins.webform.checking.pages import check_routes
from plugins.webform.guarding.verification import ConfirmPages
from plugins.webform.sharing.share_pages import share_routes
from plugins.webform.visiting.drawing import Drawings
from plugins.webform.visiting.embedscript import embed_script, page_script, serve, style
from plugins.webform.visiting.outcomes import Way
from plugins.webform.visiting.pages import FormPages
from plugins.webform.visiting.plain import PlainPosts
from plugins.webform.visiting.scripted import ScriptedForm
from tidings import Host, Route

__all__ = ["routes_for"]


def routes_for(host: Host) -> Sequence[Route]:
    """Hosted page, frame, the script and what it talks to; the pages for admins."""
    confirm = ConfirmPages(host)
    page, frame, scripted = FormPages(host, Way.PAGE), FormPages(host, Way.FRAME), ScriptedForm(host, Drawings(host))
    return [
        _public("/f/<key>", page.show, "page"),
        _public("/f/<key>", page.post, "page_post", "POST"),
        _public("/f/<key>/thanks", page.thanks, "page_thanks"),
        _framed("/f/<key>/frame", frame.show, "frame"),
        _framed("/f/<key>/frame", frame.post, "frame_post", "POST"),
        _framed("/f/<key>/frame/thanks", frame.thanks, "frame_thanks"),
        _public("/f/<key>/form.json", scripted.definition, "definition"),
        _public("/f/<key>/submit", scripted.submit, "submit", "POST", "OPTIONS"),
        _public("/f/<key>/challenge", scripted.challenge, "challenge"),
        _public("/f/<key>/look.css", scripted.look, "look"),
        _public("/f/<key>/post", PlainPosts(host).post, "plain_post", "POST"),
        _public("/confirm/<token>", confirm.show, "confirm"),
        _public("/confirm/<token>", confirm.press, "confirm_press", "POST"),
        _public("/embed.js", serve(embed_script), "embed"),
        _public("/form.js", serve(page_script), "page_script"),
        _public("/form.css", serve(style), "style"),
        *builder_routes(host),
        *share_routes(host),
        *check_routes(host),
    ]


def _public(rule: str, view: Callable[..., Any], name: str, *methods: str) -> Route:
    return Route(rule, view, name, methods or ("GET",), is_public=True, needs_csrf=False)


def _framed(rule: str, view: Callable[..., Any], name: str, *methods: str) -> Route:
    return Route(rule, view, name, methods or ("GET",), is_public=True, needs_csrf=False, is_embeddable=True)
