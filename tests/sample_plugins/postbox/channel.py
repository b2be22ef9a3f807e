"""The postbox channel: every capability there is."""

import base64
import hashlib
import hmac
import json
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from wtforms import StringField

from postbox import provider as provider_module
from tidings import (
    AccountEvent,
    AccountHealth,
    BadSignature,
    Capability,
    Channel,
    Check,
    ConnectionReport,
    ConversationUpdate,
    DeliveryUpdate,
    DeliveryWord,
    FetchBatch,
    InboundAttachment,
    InboundMessage,
    Listed,
    ListedMail,
    MessageEdit,
    MessageRemoval,
    NeedsReauth,
    Participant,
    Permanent,
    Quota,
    RawEvent,
    Reaction,
    ReplyChoice,
    ReplyRules,
    SecretField,
    SendReceipt,
    SettingsForm,
    SharedWebhookReply,
    Temporary,
    UnrecognisedPayload,
    UnsupportedEvent,
    signatures,
)


class PostboxForm(SettingsForm):
    town = StringField("Town", description="Where the postbox stands.")
    token = SecretField("Token", description="From the postbox's own page.")


class PostOfficeForm(SettingsForm):
    office_secret = SecretField("Secret of the post office")


class PostboxChannel(Channel):
    title = "Postbox"
    capabilities = frozenset(Capability) - {Capability.PUBLIC_FORM, Capability.COPY, Capability.ALIASES}
    settings_form = PostboxForm
    address_kind = "email"
    connect_path = "/connect"

    def __init__(self, host):
        self._host = host

    @property
    def _provider(self):
        return provider_module.PROVIDER

    def reply_rules(self, account, exchange):
        ways = (
            ReplyChoice("letter", "Letter", longest=10_000),
            ReplyChoice("card", "Postcard", "Everybody can read it."),
        )
        if exchange.last_inbound_at is None or exchange.now - exchange.last_inbound_at > timedelta(days=365):
            thanks = ReplyChoice("thanks", "Printed card", takes_text=False, text="With kind regards.")
            return ReplyRules("They moved: only printed cards find them.", is_refused=True, choices=(thanks,))
        return ReplyRules(until=exchange.last_inbound_at + timedelta(days=365), longest=200, choices=ways)

    def sign_in_path(self, account):
        return f"/connect/{account.id}?again=1"

    def health(self, account):
        ends_at = self._host.now() + timedelta(days=30)
        return AccountHealth(ends_at, (Quota(2, 40, "letters", ends_at),), (("Town", account.settings["town"]),))

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
            if letter["kind"] == "leaflet":
                raise UnsupportedEvent("leaflets are not shown")
            if letter["kind"] == "letter":
                return [self._message(letter, event.files)]
            return [UPDATES[letter["kind"]](letter, _moment(letter))]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UnrecognisedPayload("this is no letter") from error

    def complete(self, account, event):
        try:
            photo = json.loads(event.payload).get("photo")
        except (AttributeError, ValueError, RecursionError) as error:
            raise UnrecognisedPayload("this is no letter") from error
        if not photo or photo in event.files:
            return event
        try:
            with self._translated():
                return replace(event, files={photo: self._provider.photo(photo, account.secret("token"))})
        except provider_module.Refusal:
            return event

    def _message(self, letter, photos):
        return InboundMessage(
            external_id=letter["id"],
            sender=Participant("email", letter["from"]),
            text=letter["text"],
            sent_at=_moment(letter),
            content_key=hashlib.sha256(json.dumps(letter, sort_keys=True).encode()).hexdigest(),
            html=letter.get("html"),
            in_reply_to=letter.get("answers"),
            attachments=tuple(
                InboundAttachment(one["name"], "text/plain", base64.b64decode(one["data"]))
                for one in letter.get("files", ())
            )
            + tuple(InboundAttachment(name, "image/jpeg", data) for name, data in photos.items()),
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

    def inventory(self, account):
        with self._translated():
            found = self._provider.letters_after(0, account.secret("token"))
        yield [Listed(str(place), "Letters") for place, _ in found]

    def describe(self, account, source_keys):
        with self._translated():
            found = self._provider.letters_after(0, account.secret("token"))
        wanted = set(source_keys)
        for place, letter in found:
            if str(place) in wanted:
                yield ListedMail(str(place), json.loads(letter)["id"], len(letter))

    def fetch_listed(self, account, source_keys):
        wanted = set(source_keys)
        for batch in self._batches(account, 0):
            if batch.events[0].source_key in wanted:
                yield FetchBatch(batch.events, account.cursor)

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

    def verify_shared_webhook(self, request):
        signatures.verify_body(self._host.settings["office_secret"], request, "x-office-signature")

    def sign_shared_webhook(self, request):
        return {"x-office-signature": signatures.sign_body(self._host.settings["office_secret"], request.body)}

    def receive_shared_webhook(self, request):
        try:
            bag = json.loads(request.body)
            letters = [(one["town"], json.dumps(one["letter"]).encode()) for one in bag["letters"]]
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise UnrecognisedPayload("this is no bag of letters") from error
        boxes = {account.settings.get("town"): account.id for account in self._host.accounts(with_paused=True)}
        return SharedWebhookReply(
            tuple(
                AccountEvent(boxes[town], RawEvent(letter, source_key=hashlib.sha256(letter).hexdigest()))
                for town, letter in letters
                if town in boxes
            )
        )

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
            if error.status == 404:
                raise
            if error.status == 401:
                raise NeedsReauth("the token is no longer accepted") from error
            if error.status == 422:
                raise Permanent("the postbox does not take this") from error
            wait = timedelta(seconds=error.wait_s)
            until = self._host.now() + wait if error.status == 429 else None
            raise Temporary("the postbox is closed", until, outcome_unknown=error.status > 503) from error


def _moment(letter):
    return datetime.fromtimestamp(letter["at"], UTC)


UPDATES = {
    "receipt": lambda letter, at: DeliveryUpdate(
        DeliveryWord(letter["word"]), at, letter["id"], reason=letter.get("why", "")
    ),
    "correction": lambda letter, at: MessageEdit(letter["id"], letter["text"], at),
    "recall": lambda letter, at: MessageRemoval(letter["id"], at),
    "stamp": lambda letter, at: Reaction(letter["id"], Participant("email", letter["from"]), letter["sign"], at),
    "filing": lambda letter, at: ConversationUpdate(at, external_id=letter["id"], status=letter["status"]),
}
"""What else comes in the post, by its kind."""
