"""Posts of forms that somebody wrote into a page of their own site: plain HTML, `<form action="…/f/KEY/post">`, no script and no token.

Where the form has a list of sites, the browser must say that the post comes from one of them. What is not taken is shown on our own page,
with everything that was typed; from there it goes on as if it had begun there.
"""

from dataclasses import dataclass

from werkzeug import Request, Response

from plugins.webform.form_settings import origin_of
from plugins.webform.publication import PublishedForm
from plugins.webform.visiting.outcomes import Outcome, Way
from plugins.webform.visiting.pages import FormPages, require_form
from plugins.webform.visiting.posting import take_post
from plugins.webform.visiting.texts import CLOSED_TO_SITE, NO_PLAIN_POSTS
from plugins.webform.visiting.viewing import language_of
from tidings import Host

__all__ = ["PlainPosts"]


@dataclass(frozen=True, slots=True)
class PlainPosts:
    """The view that takes them."""

    host: Host

    def post(self, request: Request, key: str) -> Response:
        """POST: to the thank-you page, or where the form's owner sends visitors; else our page with what was typed."""
        published, pages = require_form(self.host, key), FormPages(self.host, Way.PAGE)
        language = language_of(self.host, request, published.definition)
        refusal = _refusal(published, request)
        if refusal:
            return pages.refuse(request, published, language, refusal, 403)
        result = take_post(self.host, published, request, Way.PLAIN, language)
        if result.outcome is not Outcome.ACCEPTED:
            return pages.again(request, result, is_elsewhere=True)
        location = published.definition.redirect or pages.thanks_url(request, published)
        return Response(status=303, headers={"Location": location})


def _refusal(published: PublishedForm, request: Request) -> str:
    """Why nothing is taken from this page; empty when it may send. The page is known by `Origin`, or by `Referer` where a browser keeps
    the origin to itself ("null")."""
    if not published.settings.takes_plain_posts:
        return NO_PLAIN_POSTS
    origin = origin_of(request.headers.get("Origin", "")) or origin_of(request.referrer or "")
    return "" if published.settings.allows(origin) else CLOSED_TO_SITE
