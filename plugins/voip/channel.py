"""The telephone as a channel: asks the driver that an account's settings name. What a line does is in `twilio_driver` and `sip_driver`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from plugins.voip.call_messages import OF_CALLS, messages_of
from plugins.voip.drivers import Driver, Update
from plugins.voip.forms import VoipSettingsForm
from plugins.voip.numbers import normalised
from plugins.voip.sip_driver import SIPDriver
from plugins.voip.twilio_driver import TwilioDriver
from tidings import (
    Account,
    AccountHealth,
    Capability,
    Channel,
    ConnectionReport,
    Exchange,
    FetchBatch,
    Host,
    InboundMessage,
    OutboundMessage,
    RawEvent,
    ReplyRules,
    SendReceipt,
    WebhookReply,
    WebhookRequest,
)

__all__ = ["VoipChannel"]


class VoipChannel(Channel):
    """One account is one number."""

    title = "Telephone"
    icon = "phone"
    capabilities = frozenset(
        {
            Capability.FETCH,
            Capability.BACKFILL,
            Capability.WEBHOOK,
            Capability.COMPLETE,
            Capability.SEND,
            Capability.BEGIN,
            Capability.ATTACHMENTS,
        }
    )
    settings_form = VoipSettingsForm
    address_kind = "phone"
    connect_path = "/connect"

    def __init__(self, host: Host) -> None:
        self._host = host
        self._drivers: Mapping[str, Driver] = {"twilio": TwilioDriver(host), "sip": SIPDriver(host)}

    def driver_of(self, account: Account) -> Driver:
        """The driver of an account; Twilio's where the settings name none."""
        return self._drivers.get(str(account.settings.get("driver")), self._drivers["twilio"])

    def account_address(self, settings: Mapping[str, object]) -> str:
        return normalised(str(settings.get("number") or ""), str(settings.get("region") or ""))

    def test_connection(self, account: Account) -> ConnectionReport:
        return self.driver_of(account).test_connection(account)

    def health(self, account: Account) -> AccountHealth:
        return self.driver_of(account).health(account)

    def fetch(self, account: Account) -> Iterator[FetchBatch]:
        return self.driver_of(account).fetch(account)

    def backfill(self, account: Account, since: datetime) -> Iterator[FetchBatch]:
        return self.driver_of(account).backfill(account, since)

    def verify_webhook(self, account: Account, request: WebhookRequest) -> None:
        self.driver_of(account).verify_webhook(account, request)

    def sign_webhook(self, account: Account, request: WebhookRequest) -> Mapping[str, str]:
        return self.driver_of(account).sign_webhook(account, request)

    def receive_webhook(self, account: Account, request: WebhookRequest) -> WebhookReply:
        return self.driver_of(account).receive_webhook(account, request)

    def complete(self, account: Account, event: RawEvent) -> RawEvent:
        return self.driver_of(account).complete(account, event)

    def translate(self, account: Account, event: RawEvent) -> Sequence[InboundMessage | Update]:
        if event.meta.get("kind") in OF_CALLS:
            language = str(account.settings.get("language") or "en")
            return messages_of(account, event, lambda text: self._host.gettext(text, language))
        return self.driver_of(account).translate(account, event)

    def reply_rules(self, account: Account, exchange: Exchange) -> ReplyRules:
        return self.driver_of(account).reply_rules(account, exchange)

    def send(self, account: Account, message: OutboundMessage) -> SendReceipt:
        return self.driver_of(account).send(account, message)

    def was_sent(self, account: Account, message: OutboundMessage) -> bool | None:
        return self.driver_of(account).was_sent(account, message)
