"""X's API v2 for tests: posts, direct messages, files, sign-in and the webhooks of the Account Activity API, on loopback, with state.

Written from X's public documents and its OpenAPI description (2.167, August 2026), by the same people as the connector: no independent peer
was at hand, so what both misread stays hidden. Where it is not like the real one: one account signs in, and X's page of consent agrees at
once; groups, encrypted chats, polls, protected posts, blocks and spaces are not there; a query's `start_time` counts whole seconds; reads
are charged each time, not once a day; webhooks go out at once and are never repeated or reordered by themselves; their addresses may have
a port and no TLS. Wording follows what X documents, which is not all it sends.
"""

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.plugin_api.testing.providers.x_api_callback import Callback, listen_for_webhooks
from app.plugin_api.testing.providers.x_api_calls import listen_for_calls
from app.plugin_api.testing.providers.x_api_login import (
    LIFE,
    give_app_token,
    give_token,
    revoke_token,
    show_consent,
    who_asks,
)
from app.plugin_api.testing.providers.x_api_people import People
from app.plugin_api.testing.providers.x_api_state import Media, Message, Person, Post, Refused, State, Token, problem

__all__ = ["FakeX"]

ALL_SCOPES = ("tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "media.write", "offline.access")
WINDOW = timedelta(minutes=15)
_USUAL_LIMITS = {
    "me": 75, "mentions": 300, "own": 900, "lookup": 5000, "post": 100, "dm_events": 15, "dm": 15, "upload": 1875, "dm_media": 300,
}  # fmt: skip
_DAY_LIMITS = {"post": 10_000, "dm": 1440}


def _now() -> datetime:
    return datetime.now(UTC)


class FakeX(People, Callback, FakeProvider):
    """`x = FakeX()`; its `address` is the base address of the API and of the site, and its files' servers are there too.

    `account` is the person who signs in. `now` tells its time. Flags: `allows_writing`, `allows_reading`, `allows_messages`,
    `allows_subscriptions` (the plan), `has_credits`, `reads_left` (None: no cap), `limits` (calls in 15 minutes), `person_declines` (the
    page of consent), `is_telling` (webhooks go out), `says_posts` (X's newer names of fields), `hidden` (ids of posts the account may not
    see), `processing_checks`, `processing_pause_s` and `fails_processing` (of uploads), `most_webhooks`. `reads` counts what X would
    charge for, `sent_posts` and `sent_messages` is what came through the API.
    """

    FAULTS: Mapping[str, Answer | None] = {
        **FakeProvider.FAULTS,
        "expired_credential": problem("", 401, "Unauthorized", "Unauthorized"),
        "rate_limited": Answer(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}),
        "server_trouble": problem("", 503, "Service Unavailable", "Service Unavailable"),
        "refused": problem("invalid-request", 400, "Invalid Request", "One or more parameters to your request was invalid."),
        "plan_forbids": problem(
            "client-forbidden",
            403,
            "Client Forbidden",
            "This request must be made using an approved developer account that is enrolled in the requested endpoint.",
            reason="client-not-enrolled",
        ),
        "usage_capped": problem(
            "usage-capped", 429, "UsageCapExceeded", "Usage cap exceeded: Monthly product cap", period="Monthly", scope="Product"
        ),
    }  # fmt: skip

    def __init__(
        self, *, now: Callable[[], datetime] = _now, username: str = "shop", name: str = "Corner Shop"
    ) -> None:
        super().__init__()
        self.now = now
        self.state = State()
        self.client_id, self.client_secret = "Y2xpZW50OjE6Y2k", "s" * 50
        self.consumer_key, self.consumer_secret = "k" * 25, "c" * 50
        self.app_token = "AAAA" + secrets.token_urlsafe(60)
        self.oauth1_keys: dict[str, tuple[Person, str]] = {}
        self.revoked_people: set[str] = set()
        self.hidden: set[str] = set()
        self.allows_writing = self.allows_reading = self.allows_messages = self.allows_subscriptions = True
        self.has_credits = self.is_telling = True
        self.person_declines = self.says_posts = self.fails_processing = False
        self.reads, self.processing_checks, self.processing_pause_s, self.most_webhooks = 0, 0, 1, 1
        self.reads_left: int | None = None
        self.limits: dict[str, int] = dict(_USUAL_LIMITS)
        self.delivered, self.undelivered = [], []
        self.sent_posts: list[Post] = []
        self.sent_messages: list[Message] = []
        self._calls: dict[str, tuple[datetime, int]] = {}
        self._lock = threading.RLock()
        self.account = self.add_person(name, username)
        self._listen()

    def __enter__(self) -> Self:
        return self

    def new_token(self, person: Person | None = None, scopes: Sequence[str] = ALL_SCOPES) -> Token:
        """Give out tokens as the page of consent would."""
        person = person or self.account
        self.revoked_people.discard(person.id)
        token = Token(secrets.token_urlsafe(48), secrets.token_urlsafe(48), person, tuple(scopes), self.now() + LIFE)
        self.state.tokens[token.access] = token
        return token

    def new_oauth1_keys(self, person: Person | None = None) -> tuple[str, str]:
        """Give out an access token and its secret as the console does."""
        person = person or self.account
        token, secret = f"{person.id}-{secrets.token_urlsafe(20)}", secrets.token_urlsafe(24)
        self.oauth1_keys[token] = (person, secret)
        return token, secret

    def answers(self, rule: str, *methods: str, limit: str = "", status: int = 200) -> Callable[..., Any]:
        """As `on`, with limits, their headers, and refusals in X's form. One request is answered at a time."""

        def take(function: Callable[[Asked], object]) -> Callable[[Asked], object]:
            self.on(rule, *(methods or ("GET",)))(lambda asked: self._limited(asked, function, limit, status))
            return function

        return take

    def charge(self, count: int) -> None:
        """Count what was read against the cap. Raises Refused."""
        if not self.has_credits:
            detail = "Your enrolled account does not have any credits to fulfill this request."
            raise Refused(problem("credits", 402, "CreditsDepleted", detail))
        if self.reads_left is not None:
            if self.reads_left < count:
                said = self.FAULTS["usage_capped"]
                assert said is not None
                raise Refused(said)
            self.reads_left -= count
        self.reads += count

    def media_of(self, media_id: str, *, of_message: bool = False) -> Media:
        """What was uploaded under an id. Raises Refused."""
        upload = self.state.uploads.get(str(media_id))
        if upload is None or not upload.is_finished or upload.category.startswith("dm_") != of_message:
            raise Refused(problem("invalid-request", 400, "Invalid Request", "Your media IDs are invalid."))
        media = self.picture(upload.content, of_message=of_message)
        media.content_type = upload.content_type
        return media

    def answer(self, asked: Asked) -> Answer | None:
        said = super().answer(asked)
        if said is not None and said is self.FAULTS["rate_limited"]:
            reset = int(self.now().timestamp()) + self.RETRY_AFTER_S
            headers = {"x-rate-limit-limit": "15", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(reset)}
            return replace(said, headers=headers)
        return said

    def _limited(self, asked: Asked, function: Callable[[Asked], object], limit: str, status: int) -> Answer:
        with self._lock:
            headers, is_over = self._counted(limit) if limit else ({}, False)
            if is_over:
                return replace(problem("", 429, "Too Many Requests", "Too Many Requests"), headers=headers)
            try:
                self._refuse_by_plan(asked, limit)
                said = function(asked)
            except Refused as refused:
                said = refused.answer
            answer = said if isinstance(said, Answer) else Answer(status, said)
            return replace(answer, headers={**headers, **answer.headers})

    def _refuse_by_plan(self, asked: Asked, limit: str) -> None:
        is_reading = asked.method == "GET" and limit in ("mentions", "own", "lookup", "dm_events")
        is_messaging = limit in ("dm", "dm_events")
        if (is_reading and not self.allows_reading) or (is_messaging and not self.allows_messages):
            said = self.FAULTS["plan_forbids"]
            assert said is not None
            raise Refused(said)

    def _counted(self, limit: str) -> tuple[dict[str, str], bool]:
        """The headers after one more call of a kind, and whether it was one too many."""
        began, count = self._calls.get(limit, (self.now(), 0))
        if self.now() - began >= WINDOW:
            began, count = self.now(), 0
        most = self.limits.get(limit, 900)
        is_over = count >= most
        self._calls[limit] = (began, count + (0 if is_over else 1))
        headers = _headers("x-rate-limit-", most, most - self._calls[limit][1], began + WINDOW)
        if limit in _DAY_LIMITS:
            headers |= _headers(
                "x-app-limit-24hour-", _DAY_LIMITS[limit], _DAY_LIMITS[limit] - count - 1, began + timedelta(days=1)
            )
        return headers, is_over

    def _listen(self) -> None:
        self.on("/i/oauth2/authorize")(lambda asked: show_consent(self, asked))
        self.on("/2/oauth2/token", "POST")(lambda asked: give_token(self, asked))
        self.on("/2/oauth2/revoke", "POST")(lambda asked: revoke_token(self, asked))
        self.on("/oauth2/token", "POST")(lambda asked: give_app_token(self, asked))
        self.on("/profile_images/<path:name>")(lambda _: Answer(200, b"\x89PNG face", {"Content-Type": "image/png"}))
        self.on("/media/<path:name>")(lambda asked: self._file("pbs.twimg.com/media", asked))
        self.on("/ext_tw_video/<path:name>")(lambda asked: self._file("video.twimg.com/ext_tw_video", asked))
        self.answers("/1.1/ton/data/dm/<path:name>")(self._private_file)
        listen_for_calls(self)
        listen_for_webhooks(self)

    def _private_file(self, asked: Asked) -> Answer:
        """Files of direct messages, for whoever signs."""
        who_asks(self, asked)
        return self._file("ton.twitter.com/1.1/ton/data/dm", asked)

    def _file(self, server: str, asked: Asked) -> Answer:
        url = f"https://{server}/{asked.values['name']}"
        found = next((one for one in self.state.media.values() if one.url == url), None)
        return Answer(200, found.content, {"Content-Type": found.content_type}) if found else Answer(404, "")


def _headers(prefix: str, limit: int, remaining: int, reset: datetime) -> dict[str, str]:
    values = {"limit": limit, "remaining": max(0, remaining), "reset": int(reset.timestamp())}
    return {prefix + name: str(value) for name, value in values.items()}
