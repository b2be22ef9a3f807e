"""An account at the fake X, a host for it, and people who write."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from plugins.twitter.tokens import pack
from tidings import Account, Channel, RawEvent
from tidings.testing import FakeClock, FakeHost, providers

APP = {"client_id": "Y2xpZW50OjE6Y2k", "client_secret": "s" * 50, "consumer_key": "k" * 25, "consumer_secret": "c" * 50}


class _Tokens:
    def __init__(self, token: Any) -> None:
        self.access_token, self.refresh_token, self.expires_in_s = token.access, token.refresh, 7200


def create_x(clock: FakeClock | None = None) -> providers.FakeX:
    """X with one account, at the time of `clock`."""
    return providers.FakeX(now=(clock or FakeClock()).now)


def create_account(x: providers.FakeX, *, by_keys: bool = False, **settings: object) -> Account:
    """The fake's account as it was connected: by signing in, or by keys of OAuth 1.0a."""
    if by_keys:
        secrets = dict(zip(("access_token", "access_token_secret"), x.new_oauth1_keys(), strict=True))
    else:
        secrets = {"sign_in": pack(_Tokens(x.new_token()), x.now())}  # type: ignore[arg-type]
    plain = {"user_id": x.account.id, "username": x.account.username, "may_post_long": False, **settings}
    for name in ("reads_messages", "reads_own_posts", "finds_removals"):
        plain.setdefault(name, True)
    return Account(1, "twitter", "@shop", "@shop", plain, secrets=secrets)


def create_host(x: providers.FakeX, *accounts: Account, clock: FakeClock | None = None, **settings: Any) -> FakeHost:
    """A host whose every request comes to the fake, wherever it goes."""
    host = FakeHost(
        "twitter",
        accounts,
        clock=clock,
        settings={**APP, **settings},
        package="plugins.twitter",
    )
    x.stand_in_for(host.http)
    return host


def event_of(x: providers.FakeX, item: Any) -> RawEvent:
    """What a webhook brings of a post or message."""
    return RawEvent(json.dumps(x.body_of(item), ensure_ascii=False).encode(), content_type="application/json")


@dataclass
class Desk:
    """X, a host, and the channel of one account; `said` completes and translates what was fetched so far."""

    x: providers.FakeX
    clock: FakeClock
    host: FakeHost
    channel: Channel
    events: list[RawEvent] = field(default_factory=list)

    @property
    def account(self) -> Account:
        account = self.host.account(1)
        assert account is not None
        return account

    def fetch(self) -> list[RawEvent]:
        """One fetch, with its cursor stored; the new events."""
        fresh: list[RawEvent] = []
        for batch in self.channel.fetch(self.account):
            fresh += batch.events
            self.host.put_account(replace(self.account, cursor=dict(batch.cursor)))
        self.events += fresh
        return fresh

    def said(self, events: list[RawEvent] | None = None) -> list[Any]:
        """What events say, those fetched so far if none are given."""
        found = self.events if events is None else events
        return [one for event in found for one in self.channel.translate(self.account, self.completed(event))]

    def completed(self, event: RawEvent) -> RawEvent:
        return self.channel.complete(self.account, event)
