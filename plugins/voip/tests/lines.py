"""Lines for tests, and a caller who does what callers do: listens to TwiML and goes where it leads."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree

from plugins.voip.channel import VoipChannel
from tidings import Account, RawEvent, WebhookRequest
from tidings.testing import FakeHost, providers

__all__ = ["ADA", "BEN", "OURS", "Caller", "Phone", "create_host", "told", "twilio_account"]

OURS, ADA, BEN = "+4930123456", "+491715550001", "+491715550002"
Caller = Callable[..., "Phone"]
FORM = "application/x-www-form-urlencoded"


def twilio_account(**settings: object) -> Account:
    """Our line at Twilio."""
    usual = {"driver": "twilio", "number": OURS, "region": "DE", "account_sid": "AC" + "0" * 31 + "1"}
    return Account(1, "voip", "Support", OURS, {**usual, **settings}, secrets={"auth_token": "token-of-the-tests"})


def create_host(twilio: providers.FakeTwilio, account: Account) -> FakeHost:
    """A host with this line, whose requests go to the Twilio on loopback."""
    host = FakeHost("voip", [account], package="plugins.voip")
    twilio.now = host.now
    twilio.stand_in_for(host.http)
    if not twilio.numbers:
        twilio.add_number(OURS)
    return host


class Phone:
    """One call to or from our line, as Twilio leads it. `answer` is the TwiML of the last step."""

    def __init__(self, twilio: providers.FakeTwilio, host: FakeHost, sid: str, account: Account) -> None:
        self.twilio, self.host, self.sid, self.account = twilio, host, sid, account
        self.channel = VoipChannel(host)
        self.events: list[RawEvent] = []
        self.answer = ElementTree.Element("Response")

    def post(self, address: str, **fields: str) -> ElementTree.Element:
        """Post what happens to an address, signed; gives the TwiML that came back. What the inbox gets is received by the host."""
        form = self.twilio.call_fields(self.sid, **fields)
        body, query = urlencode(form).encode(), dict(parse_qsl(urlsplit(address).query))
        headers = {"content-type": FORM, **{k.lower(): v for k, v in self.twilio.sign(address, form).items()}}
        request = WebhookRequest("POST", address, headers, query, body, self.host.now())
        self.channel.verify_webhook(self.account, request)
        reply = self.channel.receive_webhook(self.account, request)
        for event in reply.events:
            self.host.receive(self.account.id, event)
        self.answer = ElementTree.fromstring(reply.body)
        return self.answer

    def step(self, name: str, **fields: str) -> ElementTree.Element:
        """Post to the address of a step."""
        address = self.host.webhook_url(self.account.id)
        return self.post(f"{address}?step={name}" if name else address, **fields)

    def press(self, digit: str) -> ElementTree.Element:
        """Press a key while a <Gather> listens, or none."""
        gather = self.answer.find("Gather")
        assert gather is not None, "nobody listens"
        return self.post(gather.attrib["action"], **({"Digits": digit} if digit else {}))

    def hang_up(self, status: str = "completed", duration_s: int = 0) -> None:
        """The call is over."""
        self.twilio.end_call(self.sid, status, duration_s)
        self.step("status", CallDuration=str(duration_s))

    def said(self) -> str:
        """What one hears at this step."""
        return " ".join("".join(one.itertext()) for one in self.answer.iter() if one.tag == "Say")


def told(host: FakeHost, account: Account) -> list[Any]:
    """All that the inbox was told: messages and updates, completed as the host does it."""
    channel = VoipChannel(host)
    said: list[Any] = []
    for _, event in host.received:
        said.extend(channel.translate(account, channel.complete(account, event)))
    return said
