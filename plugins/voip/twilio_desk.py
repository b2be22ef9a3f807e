"""What the steps of a call at Twilio share: the line, the addresses of the next step, the client, and what is written down."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from connectors.errors import ConnectorError
from connectors.twilio_voice import TwilioLine
from plugins.voip.calls import CallEvent, CallState
from plugins.voip.line import Line, Prompt, line_of
from plugins.voip.record import KeptCall, find, note
from tidings import Account, Host, RawEvent

__all__ = ["Asked", "Desk", "client_of"]

API_BASE = "https://api.twilio.com"
LOCALES: Mapping[str, str] = {
    "en": "en-GB", "de": "de-DE", "el": "el-GR", "es": "es-ES", "fr": "fr-FR", "pl": "pl-PL", "ru": "ru-RU",
}  # fmt: skip
VOICES: Mapping[str, str] = {"el": "Google.el-GR-Standard-B"}
"""Where Twilio's usual voice does not speak the language: https://www.twilio.com/docs/voice/twiml/say/text-speech."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What Twilio posted: the fields of its form, and those of the address it posted to, which are ours."""

    fields: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    now: datetime

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    @property
    def row(self) -> int:
        """The row of the call that the address names; 0 without one."""
        number = self.query.get("call", "")
        return int(number) if number.isdecimal() and len(number) < 18 else 0


@dataclass
class Desk:
    """One webhook's worth of work for one line. `events` gathers what the inbox should get."""

    host: Host
    account: Account
    events: list[RawEvent] = field(default_factory=list)

    @cached_property
    def line(self) -> Line:
        return line_of(self.account)

    @cached_property
    def twilio(self) -> TwilioLine:
        return client_of(self.host, self.account)

    @property
    def log(self) -> logging.Logger:
        return self.host.log

    # ---- calls
    def note(self, event: CallEvent) -> KeptCall:
        """Write down what happened; what the inbox should get is gathered."""
        noted = note(self.host, self.account, event)
        self.events.extend(noted.events)
        return noted.kept

    def found(self, call_id: str) -> KeptCall | None:
        """The call of this id, or None."""
        with self.host.tables.connect() as connection:
            return find(connection, self.account.id, call_id)

    def happened(self, asked: Asked, state: CallState | None = None, **facts: Any) -> KeptCall:
        """Write down that the call of this request is now in a state, or a fact about it."""
        people = {"our_number": asked["To"], "their_number": asked["From"]}
        return self.note(CallEvent(asked["CallSid"], asked.now, state, **{**people, **facts}))

    @contextmanager
    def going_on(self, what: str) -> Iterator[None]:
        """A request to Twilio whose failure must not end the call that waits for our answer."""
        try:
            yield
        except ConnectorError as error:
            self.log.warning("account %s: could not %s: %s", self.account.id, what, error.reason)

    # ---- what is said
    def address(self, step: str, **more: object) -> str:
        """Where Twilio posts the next step."""
        return f"{self.host.webhook_url(self.account.id)}?{urlencode({'step': step, **more})}"

    def text(self, sentence: str) -> str:
        """A sentence of ours in the language of the line."""
        return self.host.gettext(sentence, self.line.language)

    def say(self, verb: Any, prompt: Prompt, usual: str = "") -> None:
        """Let callers hear a prompt, or our usual sentence; nothing when there is neither."""
        if prompt.sound or prompt.address:
            verb.play(prompt.address or self.host.url(f"/sounds/{prompt.sound}"))
        elif prompt.text or usual:
            language = self.line.language
            voice = {"voice": VOICES[language]} if language in VOICES else {}
            verb.say(prompt.text or self.text(usual), language=LOCALES.get(language, "en-GB"), **voice)


def client_of(host: Host, account: Account) -> TwilioLine:
    """Twilio's client for an account."""
    sid = str(account.settings.get("account_sid") or "")
    return TwilioLine(host.http, sid, account.secret("auth_token"), host.config.get("twilio_api_base", API_BASE))
