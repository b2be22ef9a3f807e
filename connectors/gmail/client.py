"""One Gmail mailbox over Google's own client library, with its built-in description of the API: nothing is looked up on the way.

Addresses of the methods: https://developers.google.com/workspace/gmail/api/reference/rest. Batches and media uploads are left
out on purpose: both ignore the address the library is told to use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import requests

from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.gmail import answers
from connectors.gmail.faults import HistoryExpired, from_answer
from connectors.gmail.session_http import AuthorisedHTTP
from connectors.gmail.types import (
    HistoryPage,
    Label,
    MessagePage,
    MessageSummary,
    Profile,
    RawMessage,
    SendAs,
    SentMessage,
    Watch,
)
from connectors.gmail.upload import upload_message

__all__ = ["API_ENDPOINT", "LARGEST_PAGE", "GmailClient", "dated_query"]

API_ENDPOINT = "https://gmail.googleapis.com"
LARGEST_PAGE = 500
"""Most entries Gmail gives per page of messages or of history."""
LARGEST_IN_JSON = 3_000_000
"""Messages with more bytes than this are uploaded: Gmail takes five megabytes at most in a plain request."""

_Result = TypeVar("_Result")


def dated_query(query: str = "", *, after: datetime | None = None, before: datetime | None = None) -> str:
    """Return `query` bounded in time, to the second and in no time zone: Gmail takes bare dates as Pacific time.

    Source: https://developers.google.com/workspace/gmail/api/guides/filtering
    """
    bounds = [f"{word}:{int(at.timestamp())}" for word, at in (("after", after), ("before", before)) if at is not None]
    return " ".join(part for part in [query.strip(), *bounds] if part)


class GmailClient:
    """The mailbox of one person. Belongs to one thread, as its session does; making one costs a few milliseconds.

    `token` gives an access token that is good now. Every method may raise AuthExpired (connect the mailbox again), RateLimited,
    Unavailable (also for an answer that nobody understands) and Rejected, whose `code` is Google's reason or the status. `session`
    brings the time-outs and, where wanted, the retries: `connectors.transport.create_session`, or any other requests session.
    """

    def __init__(
        self,
        session: requests.Session,
        token: Callable[[], str],
        *,
        user: str = "me",
        endpoint: str = API_ENDPOINT,
    ) -> None:
        """`user` is an address or "me" for the owner of the token; `endpoint` is where the API listens, without a path."""
        from googleapiclient.discovery import build  # takes most of a second, so only who reads Gmail pays for it

        self._user = user
        self._endpoint = endpoint
        self._host = urlsplit(endpoint).hostname or endpoint
        self._http = AuthorisedHTTP(session, token)
        service = build(
            "gmail",
            "v1",
            http=self._http,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": endpoint},
        )
        self._users = service.users()

    def __repr__(self) -> str:
        return f"GmailClient(user={self._user!r}, host={self._host!r})"

    # -- the mailbox ----------------------------------------------------------------------------------

    def profile(self) -> Profile:
        """Return address and newest history id (users.getProfile): the cheapest test of a connection."""
        return self._run(self._users.getProfile(userId=self._user), answers.profile)

    def labels(self) -> tuple[Label, ...]:
        """Return all labels, Gmail's own among them (users.labels.list)."""
        return self._run(self._users.labels().list(userId=self._user), answers.labels)

    def create_label(self, name: str) -> Label:
        """Make a label (users.labels.create). "A/B" nests B in A. Rejected if the name is taken."""
        body = {"name": name, "labelListVisibility": "labelShow", "messageListVisibility": "show"}
        return self._run(self._users.labels().create(userId=self._user, body=body), answers.label)

    def send_as(self) -> tuple[SendAs, ...]:
        """Return the addresses the mailbox may send as (users.settings.sendAs.list)."""
        return self._run(self._users.settings().sendAs().list(userId=self._user), answers.send_as)

    # -- what changed, what there is ------------------------------------------------------------------

    def history(
        self,
        start_history_id: str,
        *,
        page_token: str | None = None,
        label_id: str | None = None,
        max_results: int = LARGEST_PAGE,
    ) -> HistoryPage:
        """Return changes after `start_history_id`, oldest first (users.history.list).

        `label_id` limits them to messages that have this label. Raises HistoryExpired when Gmail has forgotten that far back,
        which is after about a week and sometimes after hours.
        """
        asked = {"startHistoryId": start_history_id, "maxResults": max_results}
        optional = _given(pageToken=page_token, labelId=label_id)
        try:
            return self._run(
                self._users.history().list(userId=self._user, **asked, **optional),
                answers.history_page,
            )
        except Rejected as error:
            if _is_not_found(error):
                raise HistoryExpired(error.reason, step=error.step, code=error.code) from None
            raise

    def messages(
        self,
        query: str = "",
        *,
        label_ids: Iterable[str] = (),
        with_spam_and_bin: bool = False,
        page_token: str | None = None,
        max_results: int = LARGEST_PAGE,
    ) -> MessagePage:
        """Return which messages match, newest first (users.messages.list).

        `query` is what people type into Gmail's search box (see `dated_query`); a message must have all of `label_ids`.
        """
        asked = _given(q=query or None, labelIds=list(label_ids) or None, pageToken=page_token)
        request = self._users.messages().list(
            userId=self._user, maxResults=max_results, includeSpamTrash=with_spam_and_bin, **asked
        )
        return self._run(request, answers.message_page)

    # -- single messages ------------------------------------------------------------------------------

    def summary(self, message_id: str) -> MessageSummary | None:
        """Return size, labels and time of a message, or None when it is gone (users.messages.get, format minimal)."""
        return self._get(message_id, "minimal", answers.summary)

    def message(self, message_id: str) -> RawMessage | None:
        """Return a message with its bytes, or None when it is gone (users.messages.get, format raw)."""
        return self._get(message_id, "raw", answers.raw_message)

    def headers(self, message_id: str, names: Iterable[str]) -> dict[str, str] | None:
        """Return the header lines of these names by name in lower case, the first of each, or None when the message is gone
        (users.messages.get, format metadata)."""
        request = self._users.messages().get(
            userId=self._user, id=message_id, format="metadata", metadataHeaders=list(names)
        )
        return self._unless_gone(request, answers.headers)

    def thread(self, thread_id: str) -> tuple[MessageSummary, ...] | None:
        """Return the messages of a thread without their content, oldest first, or None when it is gone (users.threads.get)."""
        request = self._users.threads().get(userId=self._user, id=thread_id, format="minimal")
        return self._unless_gone(request, answers.thread)

    def send(self, raw: bytes, *, thread_id: str | None = None) -> SentMessage:
        """Send an RFC 5322 message to the recipients its header names (users.messages.send); Bcc is taken out by Gmail, and Message-ID
        is replaced by one of Gmail's own: ask for it with `headers`.

        A reply joins `thread_id` only if References or In-Reply-To and the Subject fit too
        (https://developers.google.com/workspace/gmail/api/guides/threads). Unavailable with `outcome_unknown` means it may have
        been sent: look for it among the messages with the label SENT, by a header line of your own.
        """
        if len(raw) > LARGEST_IN_JSON:
            path = f"{self._endpoint}/upload/gmail/v1/users/{quote(self._user)}/messages/send"
            return self._run(upload_message(self._http, path, raw, thread_id), answers.sent)
        body = {"raw": answers.to_base64url(raw), **_given(threadId=thread_id)}
        return self._run(self._users.messages().send(userId=self._user, body=body), answers.sent)

    def insert(self, raw: bytes, *, label_ids: Iterable[str] = (), thread_id: str | None = None) -> SentMessage:
        """Put a message into the mailbox without sending it (users.messages.insert), dated by its Date header."""
        body = {"raw": answers.to_base64url(raw), "labelIds": list(label_ids), **_given(threadId=thread_id)}
        request = self._users.messages().insert(userId=self._user, body=body, internalDateSource="dateHeader")
        return self._run(request, answers.sent)

    def modify_message(
        self, message_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()
    ) -> frozenset[str] | None:
        """Change the labels of a message (users.messages.modify); return all it has then, or None when it is gone."""
        request = self._users.messages().modify(userId=self._user, id=message_id, body=_label_change(add, remove))
        return self._unless_gone(request, answers.label_ids)

    def modify_thread(self, thread_id: str, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> bool:
        """Change the labels of all messages of a thread (users.threads.modify); return whether the thread still exists."""
        request = self._users.threads().modify(userId=self._user, id=thread_id, body=_label_change(add, remove))
        return bool(self._unless_gone(request, lambda answer: answer["id"]))

    # -- announcements --------------------------------------------------------------------------------

    def watch(self, topic: str, *, label_ids: Iterable[str] = ()) -> Watch:
        """Have changes announced to the Pub/Sub `topic`, "projects/…/topics/…" (users.watch); call again every day.

        With `label_ids` only changes of messages with one of them are announced. One mailbox has one watch.
        https://developers.google.com/workspace/gmail/api/guides/push. Rejected when Gmail may not publish there.
        """
        chosen = list(label_ids)
        body: dict[str, Any] = {"topicName": topic}
        if chosen:
            body |= {"labelIds": chosen, "labelFilterBehavior": "include"}
        return self._run(self._users.watch(userId=self._user, body=body), answers.watch)

    def stop(self) -> None:
        """Have no changes announced any more (users.stop); nothing happens if none were."""
        self._run(self._users.stop(userId=self._user), lambda _: None)

    # -- one request ----------------------------------------------------------------------------------

    def _get(self, message_id: str, form: str, read: Callable[[Any], _Result]) -> _Result | None:
        return self._unless_gone(self._users.messages().get(userId=self._user, id=message_id, format=form), read)

    def _unless_gone(self, request: Any, read: Callable[[Any], _Result]) -> _Result | None:
        try:
            return self._run(request, read)
        except Rejected as error:
            if _is_not_found(error):
                return None
            raise

    def _run(self, request: Any, read: Callable[[Any], _Result]) -> _Result:
        """Send a request and read its answer into a type."""
        from googleapiclient.errors import HttpError

        try:
            return read(request.execute())
        except ConnectorError:
            raise
        except HttpError as error:
            trouble = from_answer(error.resp.status, error.resp, error.content, self._host)
            if isinstance(trouble, Unavailable) and request.method != "GET":
                trouble.outcome_unknown = True  # a server that fails may fail after it has done what it was asked
            raise trouble from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            reason = f"{self._host} gave an answer that is not understood ({type(error).__name__})."
            is_open = request.method != "GET"  # it said yes to something, so it may have done it
            raise Unavailable(reason, step="request", code="not-understood", outcome_unknown=is_open) from None


def _is_not_found(error: Rejected) -> bool:
    return error.code in ("notFound", "NOT_FOUND", 404)


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _label_change(add: Iterable[str], remove: Iterable[str]) -> dict[str, list[str]]:
    return {"addLabelIds": list(add), "removeLabelIds": list(remove)}
