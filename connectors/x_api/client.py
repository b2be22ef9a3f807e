"""X's API v2 as one person uses it, over tweepy: mentions, posts, direct messages, files, subscriptions. Webhooks of the app: app.py.

tweepy builds the requests and signs them; what answers is handed out as documents, not as tweepy's objects, so that it can be stored as
it came. Endpoints: https://docs.x.com/x-api/introduction.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from requests.auth import AuthBase

from connectors.errors import Unavailable
from connectors.transport import create_session
from connectors.x_api.documents import read_user, split
from connectors.x_api.door import BASE_URL, Door, hush
from connectors.x_api.faults import Refusal, XRejected, problem_name
from connectors.x_api.json_fields import Fields, fields, items, number, number_text, text
from connectors.x_api.media import read_download
from connectors.x_api.types import Download, Found, Limits, Page, SentDirectMessage, User

__all__ = ["LARGEST_PAGE", "OAuth1Keys", "UserToken", "XClient"]

LARGEST_PAGE = 100
SMALLEST_PAGE = 5
"""The fewest posts that may be asked for at once."""
CHUNK_BYTES = 1024 * 1024
LONGEST_PROCESSING_S = 120.0

_POST_FIELDS = [
    "attachments", "author_id", "conversation_id", "created_at", "edit_history_tweet_ids", "entities", "in_reply_to_user_id",
    "note_tweet", "referenced_tweets",
]  # fmt: skip
_POST_EXPANSIONS = [
    "attachments.media_keys", "author_id", "in_reply_to_user_id", "referenced_tweets.id", "referenced_tweets.id.author_id",
]  # fmt: skip
_USER_FIELDS = ["name", "profile_image_url", "receives_your_dm", "username"]
_MEDIA_FIELDS = ["alt_text", "media_key", "type", "url", "variants"]
_POST_OPTIONS: Mapping[str, Any] = {
    "tweet_fields": _POST_FIELDS,
    "expansions": _POST_EXPANSIONS,
    "user_fields": _USER_FIELDS,
    "media_fields": _MEDIA_FIELDS,
}
_MESSAGE_OPTIONS: Mapping[str, Any] = {
    "dm_event_fields": ["attachments", "created_at", "dm_conversation_id", "entities", "event_type", "id", "sender_id", "text"],
    "event_types": "MessageCreate",
    "expansions": ["attachments.media_keys", "sender_id"],
    "user_fields": _USER_FIELDS,
    "media_fields": _MEDIA_FIELDS,
}  # fmt: skip


@dataclass(frozen=True)
class UserToken:
    """OAuth 2.0: the access token of a person."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class OAuth1Keys:
    """OAuth 1.0a: the app's key and secret with the access token and secret of a person. They last until they are taken back."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)

    def auth(self) -> AuthBase:
        """Signs requests of any requests session, such as one for a file of a direct message."""
        from requests_oauthlib import OAuth1  # comes with tweepy

        hush()
        return OAuth1(self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)


def _now() -> datetime:
    return datetime.now(UTC)


class XClient:
    """X as one person sees it. Belongs to one thread, as its session does. Nothing is sent before the first question.

    Every method may raise AuthExpired, RateLimited (UsageCapped when the plan's amount is used up), Unavailable (also for an answer that
    nobody understands) and XRejected. `on_call(path)` hears of each request that X answered.
    """

    def __init__(
        self,
        credential: UserToken | OAuth1Keys,
        *,
        base_url: str = BASE_URL,
        session: requests.Session | None = None,
        now: Callable[[], datetime] = _now,
        on_call: Callable[[str], None] | None = None,
    ) -> None:
        import tweepy  # an extra of its own: only who talks to X needs it

        hush()
        self.session = session or create_session()
        self._door = Door(self.session, base_url, now, on_call)
        self._signs = isinstance(credential, OAuth1Keys)
        keys = vars(credential) if isinstance(credential, OAuth1Keys) else {"bearer_token": credential.token}
        self._tweepy = tweepy.Client(**keys, return_type=requests.Response)
        self._tweepy.session = self._door

    @property
    def limits(self) -> Limits:
        """What the last answer told of limits."""
        return self._door.limits

    def me(self) -> User:
        """Who the credential belongs to."""
        answer = self._object(
            self._tweepy.get_me(user_fields=[*_USER_FIELDS[:2], "username", "subscription_type"], user_auth=self._signs)
        )
        user = read_user(fields(answer.get("data")))
        if not user.id:
            raise Unavailable("X did not say whose account this is.", step="login")
        return user

    def find_user(self, username: str) -> User | None:
        """Who has this name (without "@"), None when nobody has."""
        answer = self._object(self._tweepy.get_user(username=username, user_fields=_USER_FIELDS, user_auth=self._signs))
        user = read_user(fields(answer.get("data")))
        return user if user.id else None

    # ---- posts
    def mentions(self, user_id: str, **bounds: Any) -> Page:
        """A page of posts that mention the person, newest first. `bounds`: since_id, until_id (both exclusive), start_time,
        pagination_token, max_results (5 to 100). X gives the newest 800 at most."""
        return self._posts(self._tweepy.get_users_mentions(user_id, **_POST_OPTIONS, **_given(bounds), **self._auth))

    def own_posts(self, user_id: str, **bounds: Any) -> Page:
        """A page of what the person wrote, answers too, reposts not, newest first; bounds as in `mentions`."""
        options = {**_POST_OPTIONS, "exclude": "retweets", **_given(bounds)}
        return self._posts(self._tweepy.get_users_tweets(user_id, **options, **self._auth))

    def posts(self, post_ids: Sequence[str]) -> Found:
        """Up to 100 posts by their ids, and which of them are gone."""
        answer = self._object(self._tweepy.get_tweets(list(post_ids), **_POST_OPTIONS, **self._auth))
        problems = {
            number_text(one.get("resource_id")) or number_text(one.get("value")): problem_name(one.get("type"))
            for one in items(answer.get("errors"))
        }
        asked = [one for one in post_ids if one in problems]
        gone = tuple(one for one in asked if problems[one] == "resource-not-found")
        return Found(split(answer), gone, tuple(one for one in asked if one not in gone))

    def create_post(self, content: str, *, in_reply_to: str = "", media_ids: Sequence[str] = ()) -> str:
        """Post, and return the id. Never tried again by itself."""
        answer = self._object(
            self._tweepy.create_tweet(
                text=content or None,
                in_reply_to_tweet_id=in_reply_to or None,
                media_ids=list(media_ids) or None,
                **self._auth,
            )
        )
        return _id(fields(answer.get("data")).get("id"))

    # ---- direct messages
    def direct_messages(self, **bounds: Any) -> Page:
        """A page of direct messages of the last 30 days, sent and received, newest first. `bounds`: pagination_token, max_results."""
        return self._page(
            self._object(self._tweepy.get_direct_message_events(**_MESSAGE_OPTIONS, **_given(bounds), **self._auth))
        )

    def direct_messages_with(self, participant_id: str, **bounds: Any) -> Page:
        """The same of the exchange with one person."""
        options = {**_MESSAGE_OPTIONS, "participant_id": participant_id, **_given(bounds)}
        return self._page(self._object(self._tweepy.get_direct_message_events(**options, **self._auth)))

    def send_direct_message(
        self, content: str, *, participant_id: str = "", conversation_id: str = "", media_id: str = ""
    ) -> SentDirectMessage:
        """Write to a person, or into a conversation. Never tried again by itself."""
        where = {"dm_conversation_id": conversation_id} if conversation_id else {"participant_id": participant_id}
        answer = self._object(
            self._tweepy.create_direct_message(**where, text=content or None, media_id=media_id or None, **self._auth)
        )
        sent = fields(answer.get("data"))
        return SentDirectMessage(_id(sent.get("dm_event_id")), text(sent.get("dm_conversation_id")))

    # ---- files
    def upload(
        self,
        content: bytes,
        content_type: str,
        *,
        for_direct_message: bool = False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> str:
        """Upload a file in chunks and wait until X has processed it; return its media id, good for 24 hours.

        https://docs.x.com/x-api/media/quickstart/media-upload-chunked. Raises XRejected for a file that X cannot use.
        """
        begun = self._call(
            "POST",
            "/2/media/upload/initialize",
            json={
                "media_type": content_type,
                "media_category": _category(content_type, for_direct_message),
                "total_bytes": len(content),
            },
        )
        media_id = _id(fields(begun.get("data")).get("id"))
        for index, start in enumerate(range(0, len(content), CHUNK_BYTES)):
            chunk = base64.b64encode(content[start : start + CHUNK_BYTES]).decode()
            self._call("POST", f"/2/media/upload/{media_id}/append", json={"media": chunk, "segment_index": index})
        done = self._call("POST", f"/2/media/upload/{media_id}/finalize")
        self._wait_until_processed(media_id, fields(done.get("data")), sleep)
        return media_id

    def file_of_direct_message(self, path: str, most_bytes: int, timeout_s: float = 60.0) -> Download:
        """A file below `/2/dm_conversations/media/` (`media.direct_message_path`). With OAuth 2.0 only: keys sign for X's file server."""
        headers = {"Authorization": f"Bearer {self._tweepy.bearer_token}"}
        ends_at = time.monotonic() + timeout_s
        with self._door.request("GET", path, headers=headers, stream=True) as response:
            return read_download(response, most_bytes, ends_at)

    # ---- events
    def subscribe(self, webhook_id: str) -> bool:
        """Let X post what happens on this account to the webhook. False when the plan allows no (more) subscriptions.

        https://docs.x.com/x-api/account-activity/create-subscription
        """
        if self.is_subscribed(webhook_id):
            return True
        answer = self._call("POST", f"/2/account_activity/webhooks/{webhook_id}/subscriptions/all", json={})
        return fields(answer.get("data")).get("subscribed") is True

    def is_subscribed(self, webhook_id: str) -> bool:
        """Whether this account's events go to the webhook."""
        try:
            answer = self._call("GET", f"/2/account_activity/webhooks/{webhook_id}/subscriptions/all")
        except XRejected as error:
            if error.refusal is Refusal.NOT_FOUND:
                return False
            raise
        return fields(answer.get("data")).get("subscribed") is True

    # ---- how it is asked
    @property
    def _auth(self) -> dict[str, bool]:
        return {"user_auth": self._signs}

    def _call(self, method: str, route: str, **kwargs: Any) -> Fields:
        return self._object(self._tweepy.request(method, route, **kwargs, **self._auth))

    def _posts(self, response: requests.Response) -> Page:
        return self._page(self._object(response))

    def _page(self, answer: Fields) -> Page:
        documents = split(answer)
        return Page(documents, text(fields(answer.get("meta")).get("next_token")) or None, len(documents))

    def _object(self, response: requests.Response) -> Fields:
        """The JSON object of an answer."""
        if response.status_code == 204 or not response.content:
            return {}
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            is_open = response.request.method == "POST"
            words = "X answered with something that is not understood."
            raise Unavailable(words, step="request", outcome_unknown=is_open)
        return answer

    def _wait_until_processed(self, media_id: str, data: Fields, sleep: Callable[[float], None]) -> None:
        waited = 0.0
        while (state := text(fields(data.get("processing_info")).get("state"))) in ("pending", "in_progress"):
            pause = float(number(fields(data.get("processing_info")).get("check_after_secs")) or 1)
            waited += pause
            if waited > LONGEST_PROCESSING_S:
                raise Unavailable("X takes too long to process the file.", step="request")
            sleep(pause)
            answer = self._tweepy.request(
                "GET", "/2/media/upload", params={"command": "STATUS", "media_id": media_id}, **self._auth
            )
            data = fields(self._object(answer).get("data"))
        if state == "failed":
            error = fields(fields(data.get("processing_info")).get("error"))
            words = text(error.get("message")) or "the file is damaged or of a kind it does not take"
            raise XRejected(f"X could not process the file: {words}", code="media-failed", refusal=Refusal.INVALID)


def _category(content_type: str, for_direct_message: bool) -> str:
    kind = "gif" if content_type == "image/gif" else "video" if content_type.startswith("video/") else "image"
    return f"{'dm' if for_direct_message else 'tweet'}_{kind}"


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value not in (None, "")}


def _id(value: object) -> str:
    found = number_text(value)
    if not found:
        raise Unavailable("X took it, but did not say under which id.", step="request", outcome_unknown=True)
    return found
