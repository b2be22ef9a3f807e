"""The postbox channel: every capability there is."""

import base64
import hashlib
import hmac
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from wtforms import StringField

from postbox import provider as provider_module
from tidings import (
    BadSignature,
    Capability,
    Channel,
    Check,
    ConnectionReport,
    FetchBatch,
    InboundAttachment,
    InboundMessage,
    NeedsReauth,
    Participant,
    Permanent,
    RawEvent,
    SecretField,
    SendReceipt,
    SettingsForm,
    Temporary,
    UnrecognisedPayload,
    UnsupportedEvent,
)


class PostboxForm(SettingsForm):
    town = StringField("Town", description="Where the postbox stands.")
    token = SecretField("Token", description="From the postbox's own page.")


class PostboxChannel(Channel):
    title = "Postbox"
    capabilities = frozenset(Capability) - {Capability.PUBLIC_FORM, Capability.COPY}
    settings_form = PostboxForm
    address_kind = "email"

    def __init__(self, host):
        self._host = host

    @property
    def _provider(self):
        return provider_module.PROVIDER

    def test_connection(self, account):
        try:
            with self._translated():
                self._provider.letters_after(0, account.secret("token"))
        except (NeedsReauth, Temporary) as error:
            return ConnectionReport((Check("Postbox", False, str(error)),))
        return ConnectionReport((Check("Postbox", True),))

    def translate(self, account, event):
        try:
            letter = json.loads(event.payload)
            if letter["kind"] == "receipt":
                raise UnsupportedEvent("receipts are not shown")
            return [self._message(letter)]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UnrecognisedPayload("this is no letter") from error

    def _message(self, letter):
        return InboundMessage(
            external_id=letter["id"],
            sender=Participant("email", letter["from"]),
            text=letter["text"],
            sent_at=datetime.fromtimestamp(letter["at"], UTC),
            content_key=hashlib.sha256(json.dumps(letter, sort_keys=True).encode()).hexdigest(),
            html=letter.get("html"),
            in_reply_to=letter.get("answers"),
            attachments=tuple(
                InboundAttachment(one["name"], "text/plain", base64.b64decode(one["data"]))
                for one in letter.get("files", ())
            ),
        )

    def fetch(self, account):
        yield from self._batches(account, int(account.cursor.get("number", 0)))

    def backfill(self, account, since):
        yield from self._batches(account, 0)

    def _batches(self, account, number):
        with self._translated():
            found = self._provider.letters_after(number, account.secret("token"))
        for place, letter in found:
            yield FetchBatch((RawEvent(letter, source_key=str(place)),), cursor={"number": place})

    def watch(self, account, stop):
        while not stop.is_set():
            if self._provider.wait(int(account.cursor.get("number", 0)), 0.1):
                return True
        return False

    def verify_webhook(self, account, request):
        wanted = self.sign_webhook(account, request)["x-signature"]
        if not account.secret("token") or request.headers.get("x-signature") != wanted:
            raise BadSignature("the signature does not fit")

    def sign_webhook(self, account, request):
        return {"x-signature": hmac.new(account.secret("token").encode(), request.body, "sha256").hexdigest()}

    def send(self, account, message):
        with self._translated():
            self._provider.send(message.external_id, message.text, account.secret("token"))
        return SendReceipt(message.external_id)

    def was_sent(self, account, message):
        return message.external_id in self._provider.sent

    @contextmanager
    def _translated(self):
        try:
            yield
        except provider_module.Refusal as error:
            if error.status == 401:
                raise NeedsReauth("the token is no longer accepted") from error
            if error.status == 422:
                raise Permanent("the postbox does not take this") from error
            wait = timedelta(seconds=error.wait_s)
            until = self._host.now() + wait if error.status == 429 else None
            raise Temporary("the postbox is closed", until, outcome_unknown=error.status > 503) from error
