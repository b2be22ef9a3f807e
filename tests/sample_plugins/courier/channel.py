"""The courier channel: what arrives is told at one address for all offices."""

import hashlib
import json
from datetime import datetime, timedelta

from wtforms import BooleanField, HiddenField
from wtforms.validators import DataRequired

from courier import webhooks
from tidings import (
    AccountEvent,
    AccountHealth,
    Capability,
    Channel,
    Check,
    ConnectionReport,
    InboundMessage,
    Participant,
    Quota,
    RawEvent,
    SecretField,
    SendReceipt,
    SettingsForm,
    SharedWebhookReply,
    signatures,
)


class CourierSettings(SettingsForm):
    app_secret = SecretField("App secret")


class CourierForm(SettingsForm):
    office = HiddenField("Office", validators=[DataRequired("An office is needed.")])
    token_ends = HiddenField("Token ends")
    is_express = BooleanField("Express", default=True)
    token = SecretField("Token", validators=[DataRequired("A token is needed.")])


class CourierChannel(Channel):
    title = "Courier"
    capabilities = frozenset({Capability.SHARED_WEBHOOK, Capability.SEND})
    settings_form = CourierForm
    address_kind = "courier"
    connect_path = "/connect"

    def __init__(self, host):
        self._host = host

    def account_address(self, settings):
        return f"office:{settings['office']}"

    def sign_in_path(self, account):
        return f"/connect/{account.id}"

    def test_connection(self, account):
        return ConnectionReport((Check("Office", True),), needs_sign_in=not account.secret("token").startswith("token"))

    def verify_shared_webhook(self, request):
        webhooks.verify(self._host.settings["app_secret"], request)

    def sign_shared_webhook(self, request):
        return {webhooks.HEADER: "sha256=" + signatures.sign_body(self._host.settings["app_secret"], request.body)}

    def receive_shared_webhook(self, request):
        if request.method == "GET":
            return SharedWebhookReply(body=request.query.get("challenge", ""))
        offices = {account.settings["office"]: account.id for account in self._host.accounts(with_paused=True)}
        return SharedWebhookReply(
            tuple(
                AccountEvent(offices[one["office"]], RawEvent(json.dumps(one).encode(), source_key=one["id"]))
                for one in webhooks.parcels(request.body)
                if one["office"] in offices
            )
        )

    def translate(self, account, event):
        one = webhooks.parcels(b'{"parcels": [' + event.payload + b"]}")[0]
        return [
            InboundMessage(
                external_id=one["id"],
                sender=Participant("courier", "ada"),
                text=one["text"],
                sent_at=datetime.fromisoformat("2026-03-01T09:00:00+00:00"),
                content_key=hashlib.sha256(event.payload).hexdigest(),
                thread_key=one["office"],
            )
        ]

    def health(self, account):
        ends = account.settings.get("token_ends")
        return AccountHealth(
            token_expires_at=datetime.fromisoformat(ends) if ends else None,
            quotas=(Quota(96, 100, "calls", self._host.now() + timedelta(hours=1)),),
            rows=(("Office", account.settings["office"]),),
        )

    def send(self, account, message):
        return SendReceipt(message.external_id)
