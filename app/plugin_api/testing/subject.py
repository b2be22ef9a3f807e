"""What an author says about a channel so that the contract can test it, and which promises apply to it."""

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import pytest

from app.plugin_api.channel import Account, Capability, Channel
from app.plugin_api.manifest import Manifest, read_manifest
from app.plugin_api.messages import (
    InboundMessage,
    OutboundAttachment,
    OutboundMessage,
    Participant,
    RawEvent,
    SendReceipt,
    WebhookRequest,
)
from app.plugin_api.testing.host import FakeHost
from app.plugin_api.testing.provider import FakeProvider

__all__ = ["ChannelSubject", "applies"]

Test = TypeVar("Test", bound=Callable[..., Any])

GARBAGE = (b"", b"\0" * 64, b"\xff\xfe\xfa garbage", b"{", b"[]", b"{}", b"null", b"[" * 50_000, b"plain words")


def applies(
    *capabilities: Capability,
    any_of: Sequence[Capability] = (),
    fault: str = "",
    overrides: str = "",
    differs: str = "",
    only_wakes: bool | None = None,
) -> Callable[[Test], Test]:
    """Collect a promise only for channels that have all `capabilities` and one `any_of` those, whose author supplies the `fault`,
    whose test class overrides the method `overrides`, whose channel overrides the method `differs`, and whose webhook `only_wakes` or
    does not."""

    def mark(test: Test) -> Test:
        test.applies_to = lambda cls: (  # type: ignore[attr-defined]
            set(capabilities) <= cls.channel_class.capabilities
            and (not any_of or bool(set(any_of) & cls.channel_class.capabilities))
            and (not fault or fault in cls.faults)
            and (not overrides or getattr(cls, overrides) is not getattr(ChannelSubject, overrides))
            and (not differs or getattr(cls.channel_class, differs) is not getattr(Channel, differs))
            and (only_wakes is None or only_wakes == cls.only_wakes)
        )
        return test

    return mark


class ChannelSubject:
    """The part of a contract test that its author writes. `host`, `account` and `channel` are made once for each test."""

    plugin: ClassVar[str]
    """The plugin's package, such as "plugins.echo"."""
    channel_class: ClassVar[type[Channel]]
    garbage: ClassVar[Sequence[bytes]] = GARBAGE
    """Payloads that are no events at all; each must raise `UnrecognisedPayload`."""
    only_wakes: ClassVar[bool] = False
    """SHARED_WEBHOOK: the provider's requests bring nothing but word that there is news, whereupon the channel says `host.wake`. Then
    what they say need not be signed, but who says it."""
    faults: ClassVar[frozenset[str]] = frozenset()
    """Which troubles `fault` can make: expired_credential, server_trouble, rate_limited, refused, gone, cut_connection, silence, garbage.
    All of them when `prepare_provider` is written."""
    plugin_settings: ClassVar[Mapping[str, Any]] = {}
    """What an admin saved on the plugin's settings page (`host.settings`), such as the secret of a shared webhook."""
    rate_limit_wait_s: ClassVar[float | None] = None
    """How long the provider asks to wait when it is `rate_limited`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls, "channel_class"):
            return
        if cls.prepare_provider is not ChannelSubject.prepare_provider and not cls.faults:
            cls.faults, cls.rate_limit_wait_s = frozenset(FakeProvider.FAULTS), FakeProvider.RETRY_AFTER_S
        for name in dir(cls):
            test = getattr(cls, name)
            if hasattr(test, "applies_to") and not test.applies_to(cls):
                setattr(cls, name, None)  # pytest collects what can be called

    # ---- to be written for each channel
    def create_account(self) -> Account:
        """An account as an owner would configure it, with its secrets."""
        raise NotImplementedError("create_account: make an account of your channel")

    def sample_events(self) -> Sequence[RawEvent]:
        """Events as the provider sends them, each for at least one message. Between them: letters beyond ASCII; HTML and files when
        the channel has those capabilities; with COMPLETE, something to fetch from the (fake) provider."""
        raise NotImplementedError("sample_events: give some events of your provider, from fixtures")

    # ---- to be written for what the channel can do
    def prepare_provider(self, provider: FakeProvider) -> None:
        """A provider that speaks HTTP: say what `provider` answers. It is `self.provider` then, stands in for every server that
        `host.http` is used for, and makes every fault."""

    def arrive(self) -> None:
        """FETCH: let one more message wait at the (fake) provider."""
        raise NotImplementedError("arrive: let a message wait at your fake provider")

    def signed_request(self) -> WebhookRequest:
        """WEBHOOK: a request as the provider signs it for `self.account`, at `self.host.now()`. To be written unless the channel has
        `sign_webhook`."""
        if type(self.channel).sign_webhook is Channel.sign_webhook:
            raise NotImplementedError("signed_request: make a request that your provider would have signed")
        return self.request_with(self.webhook_body(self.sample_events()[0]))

    def webhook_body(self, event: RawEvent) -> bytes:
        """WEBHOOK: the body of a request that brings this event. Default: the event's payload."""
        return event.payload

    def signed_shared_request(self) -> WebhookRequest:
        """SHARED_WEBHOOK: a request as the provider signs it, with an event for `self.account`, at `self.host.now()`. To be written
        unless the channel has `sign_shared_webhook`."""
        if type(self.channel).sign_shared_webhook is Channel.sign_shared_webhook:
            raise NotImplementedError("signed_shared_request: make a request that your provider would have signed")
        return self.shared_request_with(self.shared_webhook_body(self.sample_events()[0]))

    def shared_webhook_body(self, event: RawEvent) -> bytes:
        """SHARED_WEBHOOK: the body of a request that brings this event for `self.account`. Default: the event's payload."""
        return event.payload

    def sent_count(self, message: OutboundMessage) -> int:
        """SEND, where the provider tells repeated messages apart: how often the recipient has this one."""
        raise NotImplementedError

    def fault(self, name: str) -> AbstractContextManager[object]:
        """Make the (fake) provider behave badly for a while, for each name in `faults`."""
        if type(self).prepare_provider is ChannelSubject.prepare_provider:
            raise NotImplementedError(f"fault: make {name} happen at your fake provider")
        return self.provider.fault(name)

    def exchange_events(self) -> Sequence[RawEvent]:
        """Events of one exchange, the first one first: a question, and what the same person wrote after it."""
        return ()

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        """SEND: the event of a contact's answer to a message that was sent."""
        raise NotImplementedError

    def unsupported_events(self) -> Sequence[RawEvent]:
        """Events that the channel knows and leaves alone: `UnsupportedEvent`, or no message."""
        return ()

    def update_events(self) -> Sequence[RawEvent]:
        """Events about messages that are there already (delivered, changed, removed, reacted to), each for at least one update."""
        return ()

    # ---- made from the above; override what does not fit
    def create_host(self, account: Account) -> FakeHost:
        host = FakeHost(
            self.manifest.name,
            [account],
            settings=self.plugin_settings,
            templates=self.folder / "templates",
            package=self.plugin,
        )
        if type(self).prepare_provider is not ChannelSubject.prepare_provider:
            self.provider.stand_in_for(host.http)
        return host

    def create_channel(self, host: FakeHost) -> Channel:
        """The channel as the host gets it: from the plugin's `register_channels`."""
        return next(iter(importlib.import_module(self.plugin).register_channels(host=host)))

    def create_message(self, account: Account) -> OutboundMessage:
        """A message to send; its recipient must be one the provider takes. From a channel that can only answer it is the answer to the
        first of the sample messages."""
        can = self.channel_class.capabilities
        can_attach = Capability.ATTACHMENTS in can
        answered = None if Capability.BEGIN in can else next(iter(self.sample_messages()), None)
        return OutboundMessage(
            message_id=11,
            conversation_id=7,
            external_id="t.contract.11@inbox.example.com",
            to=(Participant(self.channel_class.address_kind, self.recipient, "Ada Ünlü"),),
            text="Grüße aus 東京 🙂\n\nSecond paragraph.",
            created_at=self.host.now(),
            subject="Re: Grüße",
            thread_key=answered.thread_key if answered else None,
            in_reply_to=answered.external_id if answered else None,
            attachments=(OutboundAttachment("grüße.txt", "text/plain", b"file"),) if can_attach else (),
        )

    recipient: ClassVar[str] = "ada@example.com"

    # ---- at hand in every test
    @cached_property
    def account(self) -> Account:
        return self.create_account()

    @cached_property
    def provider(self) -> FakeProvider:
        """The provider that `prepare_provider` prepared, new for each test and closed after it."""
        provider = FakeProvider()
        self.prepare_provider(provider)
        return provider

    @pytest.fixture(autouse=True)
    def _provider_of_a_test(self) -> Iterator[None]:
        if type(self).prepare_provider is not ChannelSubject.prepare_provider:
            _ = self.provider
        yield
        if "provider" in vars(self):
            self.provider.close()

    @cached_property
    def host(self) -> FakeHost:
        return self.create_host(self.account)

    @cached_property
    def channel(self) -> Channel:
        return self.create_channel(self.host)

    @property
    def folder(self) -> Path:
        """The plugin's folder."""
        return Path(str(importlib.import_module(self.plugin).__file__)).parent

    @property
    def manifest(self) -> Manifest:
        return read_manifest(self.folder / "manifest.toml")

    def with_cursor(self, cursor: Mapping[str, object]) -> Account:
        """The account as it stands after reading up to `cursor`."""
        return replace(self.account, cursor=dict(cursor))

    def request_with(self, body: bytes) -> WebhookRequest:
        """A request with this body, signed by the channel's `sign_webhook`."""
        address, kept = self.host.webhook_url(self.account.id), {"content-type": "application/json"}
        request = WebhookRequest("POST", address, kept, {}, body, self.host.now())
        return replace(request, headers={**kept, **self.channel.sign_webhook(self.account, request)})

    def shared_request_with(self, body: bytes) -> WebhookRequest:
        """The same at the address that all accounts share, signed by the channel's `sign_shared_webhook`."""
        kept = {"content-type": "application/json"}
        request = WebhookRequest("POST", self.host.shared_webhook_url(), kept, {}, body, self.host.now())
        return replace(request, headers={**kept, **self.channel.sign_shared_webhook(request)})

    def sample_messages(self) -> list[InboundMessage]:
        """What the sample events say."""
        return [one for event in self.sample_events() for one in self.messages_of(event)]

    def messages_of(self, event: RawEvent, channel: Channel | None = None) -> list[InboundMessage]:
        """The messages among what an event says, once it is completed as the host does it."""
        channel = channel or self.channel
        return self.messages_left_in(self.completed(event, channel), channel)

    def messages_left_in(self, event: RawEvent, channel: Channel | None = None) -> list[InboundMessage]:
        """The messages among what an event says just as it is."""
        said = (channel or self.channel).translate(self.account, event)
        return [one for one in said if isinstance(one, InboundMessage)]

    def completed(self, event: RawEvent, channel: Channel | None = None) -> RawEvent:
        """The event as the host hands it to `translate`."""
        if Capability.COMPLETE not in self.channel_class.capabilities:
            return event
        return (channel or self.channel).complete(self.account, event)
