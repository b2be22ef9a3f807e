"""Confirmed addresses (double opt-in): a message waits in Spam until whoever reads mail at its address has pressed a button.

The link in the mail leads to a page with that button, because mail scanners follow links and must not confirm anything. A link is good
for a week; from one that is too old a new one can be asked for.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from werkzeug import Request, Response
from werkzeug.exceptions import NotFound

from tidings import Account, ConversationUpdate, Host, RawEvent, UnrecognisedPayload, translatable

__all__ = ["ASKED", "CONTENT_TYPE", "NOT_CONFIRMED", "ConfirmPages", "Confirmation", "ask", "translate"]

CONTENT_TYPE = "application/x-tidings-confirmed+json"
"""Of the event that says that an address was confirmed."""
NOT_CONFIRMED = translatable("address not confirmed yet")
ASKED = translatable(
    "Nearly done: we have sent you a mail. Your message reaches us once you press the button behind its link."
)

WEEK_S = 7 * 86_400
_YEAR_S = 366 * 86_400
_AGAIN = "3 per day"
_TEMPLATE = "webform/guarding/confirm.html"

_MAIL = translatable(
    "You, or somebody who gave your address, sent us a message through our form. Please confirm that it was you:\n\n%(link)s\n\n"
    "We read the message as soon as that is done. If it was not you, there is nothing to do."
)
_CONFIRMED = translatable("The sender confirmed the e-mail address.")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a link stands for: a message of a form, the conversation it is in, the language of its mail, and when it was asked for."""

    account_id: int
    conversation_id: int
    external_id: str
    language: str
    asked_at: datetime

    def is_late(self, now: datetime) -> bool:
        return (now - self.asked_at).total_seconds() > WEEK_S


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """What the template shows: one of "ask", "done", "late", "sent", "wait". `action` is where its button posts to."""

    title: str
    state: str
    action: str
    theme: str = "auto"
    is_embedded: bool = False


_TITLES = {
    "ask": translatable("Confirm your address"),
    "done": translatable("Thank you"),
    "late": translatable("This link is too old"),
    "sent": translatable("A new mail is on its way"),
    "wait": translatable("Please wait a little"),
}


def ask(host: Host, account: Account, conversation_id: int, external_id: str, language: str) -> bool:
    """Send the mail with the link; False when the host's rules against loops, or a missing mailbox, forbid it."""
    fact = Confirmation(account.id, conversation_id, external_id, language, host.now())
    said = f"?{urlencode({'lang': language})}" if language else ""
    text = host.gettext(_MAIL, language) % {"link": host.url(f"/confirm/{_token(host, fact)}{said}")}
    return host.send_automatic(conversation_id, text, is_verification=True) is not None


def translate(event: RawEvent) -> ConversationUpdate:
    """What a stored confirmation means: the conversation leaves Spam. Raises `UnrecognisedPayload`."""
    try:
        body = json.loads(event.payload)
        at = datetime.fromisoformat(body["at"]).astimezone(UTC)
        return ConversationUpdate(at, external_id=str(body["external_id"]), status="open", activity=_CONFIRMED)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UnrecognisedPayload(f"not a confirmation ({type(error).__name__})") from error


@dataclass(frozen=True, slots=True)
class ConfirmPages:
    """The page behind the link, and what its button does."""

    host: Host

    def show(self, request: Request, token: str) -> Response:
        """GET: a button, which confirms or, from a late link, asks for a new mail. Changes nothing."""
        fact = self._read(token)
        return self._page(request, token, "late" if fact.is_late(self.host.now()) else "ask")

    def press(self, request: Request, token: str) -> Response:
        """POST: confirm. Pressing it again changes nothing."""
        fact = self._read(token)
        if fact.is_late(self.host.now()):
            return self._send_again(request, token, fact)
        self.host.receive(fact.account_id, _event(fact, self.host.now()))
        return self._page(request, token, "done")

    def _send_again(self, request: Request, token: str, fact: Confirmation) -> Response:
        account = self.host.account(fact.account_id)
        if account is None:
            raise NotFound
        is_sent = self.host.allow(f"confirm:{fact.conversation_id}", _AGAIN) and ask(
            self.host, account, fact.conversation_id, fact.external_id, fact.language
        )
        return self._page(request, token, "sent" if is_sent else "wait")

    def _read(self, token: str) -> Confirmation:
        """What the token stands for; raises werkzeug's `NotFound` for a forged one and when the form is gone."""
        value = self.host.unsign(token, _YEAR_S)
        if not value or "confirm" not in value or self.host.account(int(value["account"])) is None:
            raise NotFound
        asked_at = datetime.fromtimestamp(value["at"], UTC)
        return Confirmation(value["account"], value["confirm"], value["message"], value["language"], asked_at)

    def _page(self, request: Request, token: str, state: str) -> Response:
        action = f"{request.root_path}/plugins/{self.host.plugin}/confirm/{token}"
        if request.query_string:
            action += f"?{request.query_string.decode('ascii', 'replace')}"
        page = ConfirmPage(self.host.gettext(_TITLES[state]), state, action)
        response = Response(self.host.render(_TEMPLATE, page=page), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def _token(host: Host, fact: Confirmation) -> str:
    return host.sign(
        {
            "account": fact.account_id,
            "confirm": fact.conversation_id,
            "message": fact.external_id,
            "language": fact.language,
            "at": fact.asked_at.timestamp(),
        }
    )


def _event(fact: Confirmation, now: datetime) -> RawEvent:
    """Its source key makes the second press one with the first."""
    body = json.dumps({"version": 1, "external_id": fact.external_id, "at": now.isoformat()})
    key = hashlib.sha256(fact.external_id.encode()).hexdigest()[:40]
    return RawEvent(body.encode(), source_key=f"confirmed.{key}", content_type=CONTENT_TYPE)
