"""Gmail for tests: one mailbox with history that can expire, labels, addresses to send as, announcements; and Google's tokens.

Answers have the shapes of https://developers.google.com/workspace/gmail/api/reference/rest. Searching knows the words `after:`,
`before:` and `rfc822msgid:` only. As Gmail does, sending replaces the Message-ID.
"""

import base64
import email
import email.policy
import json
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from app.plugin_api.testing.provider import Answer, Asked, FakeProvider
from app.plugin_api.testing.providers.google_identity import TokenOffice

__all__ = ["FakeGmail", "StoredMessage", "google_error"]

SYSTEM_LABELS = ("INBOX", "SENT", "UNREAD", "STARRED", "IMPORTANT", "SPAM", "TRASH", "DRAFT")
_HIDDEN = {"SPAM", "TRASH"}
_UPLOAD = re.compile(
    rb"--(?P<boundary>\w+)\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n(?P<about>.*?)\r\n"
    rb"--(?P=boundary)\r\nContent-Type: message/rfc822\r\n\r\n(?P<raw>.*)\r\n--(?P=boundary)--\r\n",
    re.DOTALL,
)


def google_error(status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> Answer:
    """An error as Google's APIs write them."""
    listed = [{"domain": "global", "reason": reason, "message": message}]
    return Answer(status, {"error": {"code": status, "message": message, "errors": listed}}, headers or {})


@dataclass
class StoredMessage:
    """A message in the mailbox."""

    id: str
    thread_id: str
    raw: bytes = field(repr=False)
    labels: set[str]
    internal_at: datetime
    history_id: int


class FakeGmail(FakeProvider):
    """`address` is whose mailbox it is; its API listens at `self.address`, as do "/token", "/revoke" and "/oauth2/v1/certs".
    With `stand_in_for` it also answers at Google's own addresses.

    `office` makes and takes back tokens; `sent` lists what was sent; `watching` is the topic of announcements, if any.
    """

    FAULTS = {
        **FakeProvider.FAULTS,
        "expired_credential": google_error(401, "authError", "Invalid Credentials"),
        "rate_limited": google_error(
            429,
            "rateLimitExceeded",
            "Too many concurrent requests for user",
            {"Retry-After": str(FakeProvider.RETRY_AFTER_S)},
        ),
        "user_rate_limited": google_error(403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
        "quota_exceeded": google_error(403, "quotaExceeded", "Quota exceeded for quota metric"),
        "daily_limit": google_error(403, "dailyLimitExceeded", "Daily Limit Exceeded"),
        "missing_scope": google_error(403, "insufficientPermissions", "Insufficient Permission"),
        "server_trouble": google_error(503, "backendError", "Backend Error"),
        "refused": google_error(400, "failedPrecondition", "Mail service not enabled"),
    }

    def __init__(self, mailbox: str = "support@example.test") -> None:
        super().__init__()
        self.mailbox = mailbox
        self.office = TokenOffice(self.address)
        self.messages: dict[str, StoredMessage] = {}
        self.labels: dict[str, str] = {name: name for name in SYSTEM_LABELS}
        self.send_as: list[dict[str, Any]] = [{"sendAsEmail": mailbox, "isPrimary": True, "isDefault": True}]
        self.sent: list[StoredMessage] = []
        self.watching = ""
        self._records: list[dict[str, Any]] = []
        self._history_id = 1000
        self._oldest_history_id = 1000
        self._answer_everything()

    # ---- what tests do
    def deliver(self, raw: bytes, *, labels: Iterable[str] = ("INBOX", "UNREAD"), thread_id: str = "") -> StoredMessage:
        """A message comes in."""
        self._history_id += 7
        number = f"{0x18F000000 + self._history_id:x}"
        at = datetime.now(UTC)
        message = StoredMessage(
            number, thread_id or self._thread_of(raw) or number, raw, set(labels), at, self._history_id
        )
        self.messages[number] = message
        self._records.append({"id": self._history_id, "messagesAdded": [{"message": _short(message)}]})
        return message

    def delete(self, message_id: str) -> None:
        """Somebody deletes a message for good."""
        self._history_id += 7
        gone = self.messages.pop(message_id)
        self._records.append({"id": self._history_id, "messagesDeleted": [{"message": _short(gone)}]})

    def relabel(self, message: StoredMessage, add: Iterable[str] = (), remove: Iterable[str] = ()) -> None:
        """Somebody changes the labels of a message; nothing happens for labels it has or lacks already."""
        added, removed = set(add) - message.labels, set(remove) & message.labels
        message.labels = (message.labels | added) - removed
        for kind, changed in (("labelsAdded", added), ("labelsRemoved", removed)):
            if changed:
                self._history_id += 7
                message.history_id = self._history_id
                said = {"message": _short(message), "labelIds": sorted(changed)}
                self._records.append({"id": self._history_id, kind: [said]})

    def forget_history(self) -> None:
        """A week passes: changes up to now can no longer be asked for, nor can those after an id given out before."""
        self._history_id += 7
        self._oldest_history_id = self._history_id
        self._records.clear()

    # ---- what is asked over HTTP
    def _answer_everything(self) -> None:
        self.on("/token", "POST")(self.office.token)
        self.on("/revoke", "POST")(self.office.revoke)
        self.on("/oauth2/v1/certs")(self.office.certificates)
        methods: dict[tuple[str, str], Callable[[Asked], object]] = {
            ("GET", "profile"): self._profile,
            ("GET", "labels"): self._list_labels,
            ("POST", "labels"): self._create_label,
            ("GET", "settings/sendAs"): lambda _: {"sendAs": self.send_as},
            ("GET", "history"): self._history,
            ("GET", "messages"): self._list_messages,
            ("POST", "messages"): self._insert,
            ("GET", "messages/<number>"): self._get,
            ("GET", "threads/<number>"): self._get_thread,
            ("POST", "messages/send"): self._send,
            ("POST", "messages/<number>/modify"): self._modify_message,
            ("POST", "threads/<number>/modify"): self._modify_thread,
            ("POST", "watch"): self._watch,
            ("POST", "stop"): self._stop,
        }
        for (method, path), answer in methods.items():
            self.on(f"/gmail/v1/users/<user>/{path}", method)(self._guarded(answer))
        self.on("/upload/gmail/v1/users/<user>/messages/send", "POST")(self._guarded(self._upload))

    def _guarded(self, answer: Callable[[Asked], object]) -> Callable[[Asked], object]:
        def guarded(asked: Asked) -> object:
            if not self.office.is_good(asked):
                return google_error(401, "authError", "Invalid Credentials")
            user = unquote(asked.values["user"])
            if user not in ("me", self.office.owner(asked) or self.mailbox):
                return google_error(403, "forbidden", f"Delegation denied for {user}")
            return answer(asked)

        return guarded

    def _profile(self, asked: Asked) -> object:
        threads = {message.thread_id for message in self.messages.values()}
        counts = {"messagesTotal": len(self.messages), "threadsTotal": len(threads)}
        address = self.office.owner(asked) or self.mailbox
        return {"emailAddress": address, "historyId": str(self._history_id), **counts}

    def _list_labels(self, asked: Asked) -> object:
        return {"labels": [self._label(number) for number in self.labels]}

    def _create_label(self, asked: Asked) -> object:
        name = asked.json().get("name", "")
        if not name or name in self.labels.values():
            return google_error(409 if name else 400, "aborted", "Label name exists or conflicts")
        number = f"Label_{len(self.labels)}"
        self.labels[number] = name
        return self._label(number)

    def _label(self, number: str) -> dict[str, str]:
        return {"id": number, "name": self.labels[number], "type": "system" if number in SYSTEM_LABELS else "user"}

    def _history(self, asked: Asked) -> object:
        start = asked.query.get("startHistoryId", "")
        if not start.isdecimal():
            return google_error(400, "invalidArgument", "Missing required parameter: startHistoryId")
        if int(start) < self._oldest_history_id:
            return google_error(404, "notFound", "Requested entity was not found.")
        found = [{**one, "id": str(one["id"])} for one in self._records if one["id"] > int(start)]
        label = asked.query.get("labelId", "")
        if label:
            found = [one for one in found if label in _labels_in(one)]
        return _page(asked, "history", found) | {"historyId": str(self._history_id)}

    def _list_messages(self, asked: Asked) -> object:
        shows_all = asked.query.get("includeSpamTrash") == "true"
        label = asked.query.get("labelIds", "")
        found = [
            {"id": one.id, "threadId": one.thread_id}
            for one in reversed(self.messages.values())
            if (shows_all or not one.labels & _HIDDEN)
            and (not label or label in one.labels)
            and all(_matches(one, word) for word in asked.query.get("q", "").split())
        ]
        return _page(asked, "messages", found) | {"resultSizeEstimate": len(found)}

    def _get(self, asked: Asked) -> object:
        message = self.messages.get(asked.values["number"])
        if message is None:
            return google_error(404, "notFound", "Requested entity was not found.")
        form = asked.query.get("format")
        content: dict[str, Any] = {}
        if form == "raw":
            content["raw"] = base64.urlsafe_b64encode(message.raw).decode()
        if form == "metadata":
            content["payload"] = {"headers": _header_lines(message.raw)}
        return {**_minimal(message), **content}

    def _get_thread(self, asked: Asked) -> object:
        found = [one for one in self.messages.values() if one.thread_id == asked.values["number"]]
        if not found:
            return google_error(404, "notFound", "Requested entity was not found.")
        return {"id": found[0].thread_id, "messages": [_minimal(one) for one in found]}

    def _send(self, asked: Asked) -> object:
        body = asked.json()
        return self._take(_unpacked(body), body.get("threadId", ""), {"SENT"}, self.sent)

    def _upload(self, asked: Asked) -> object:
        found = _UPLOAD.fullmatch(asked.body)
        boundary = asked.headers.get("Content-Type", "").partition("boundary=")[2].encode()
        if asked.query.get("uploadType") != "multipart" or not found or found["boundary"] != boundary:
            return google_error(400, "badContent", "Bad content.")
        return self._take(found["raw"], json.loads(found["about"]).get("threadId", ""), {"SENT"}, self.sent)

    def _insert(self, asked: Asked) -> object:
        body = asked.json()
        return self._take(_unpacked(body), body.get("threadId", ""), set(body.get("labelIds", ())), None)

    def _take(
        self, raw: bytes | None, thread: str, labels: set[str], sent: list[StoredMessage] | None
    ) -> Answer | dict[str, Any]:
        if not raw:
            return google_error(
                400, "invalidArgument", "'raw' RFC822 payload message string or uploading message required"
            )
        if thread and thread not in {message.thread_id for message in self.messages.values()}:
            return google_error(404, "notFound", "Requested entity was not found.")
        if not labels <= set(self.labels):
            return google_error(400, "invalidArgument", "Invalid label")
        message = self.deliver(raw if sent is None else _with_own_id(raw), labels=labels, thread_id=thread)
        if sent is not None:
            sent.append(message)
        return _short(message)

    def _modify_message(self, asked: Asked) -> object:
        message = self.messages.get(asked.values["number"])
        if message is None:
            return google_error(404, "notFound", "Requested entity was not found.")
        return self._modified(asked, [message]) or _short(message)

    def _modify_thread(self, asked: Asked) -> object:
        found = [one for one in self.messages.values() if one.thread_id == asked.values["number"]]
        if not found:
            return google_error(404, "notFound", "Requested entity was not found.")
        return self._modified(asked, found) or {"id": found[0].thread_id}

    def _modified(self, asked: Asked, found: list[StoredMessage]) -> Answer | None:
        body = asked.json()
        add, remove = body.get("addLabelIds", ()), body.get("removeLabelIds", ())
        if not {*add, *remove} <= set(self.labels):
            return google_error(400, "invalidArgument", "Invalid label")
        for message in found:
            self.relabel(message, add, remove)
        return None

    def _watch(self, asked: Asked) -> object:
        topic = asked.json().get("topicName", "")
        if not re.fullmatch(r"projects/[\w-]+/topics/[\w-]+", topic):
            return google_error(400, "invalidArgument", "Invalid topicName does not match projects/*/topics/*")
        self.watching = topic
        ends_at = datetime.now(UTC) + timedelta(days=7)
        return {"historyId": str(self._history_id), "expiration": str(int(ends_at.timestamp() * 1000))}

    def _stop(self, asked: Asked) -> object:
        self.watching = ""
        return Answer(204)

    def _thread_of(self, raw: bytes) -> str:
        named = set(re.findall(r"<[^<>\s]+>", f"{_header(raw, 'References')} {_header(raw, 'In-Reply-To')}"))
        return next((one.thread_id for one in self.messages.values() if _header(one.raw, "Message-ID") in named), "")


def _short(message: StoredMessage) -> dict[str, Any]:
    return {"id": message.id, "threadId": message.thread_id, "labelIds": sorted(message.labels)}


def _minimal(message: StoredMessage) -> dict[str, Any]:
    at = str(int(message.internal_at.timestamp() * 1000))
    sizes = {"sizeEstimate": len(message.raw), "internalDate": at, "historyId": str(message.history_id)}
    return {**_short(message), **sizes}


def _header_lines(raw: bytes) -> list[dict[str, str]]:
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    return [{"name": name, "value": str(value)} for name, value in parsed.items()]


def _unpacked(body: dict[str, Any]) -> bytes | None:
    try:
        return base64.urlsafe_b64decode(body["raw"])
    except (KeyError, ValueError):
        return None


def _with_own_id(raw: bytes) -> bytes:
    """The message with an id of Gmail's making in place of the sender's."""
    own = f"Message-ID: <{secrets.token_hex(12)}@mail.gmail.test>".encode()
    kept, count = re.subn(rb"(?im)^message-id:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*", own, raw, count=1)
    return kept if count else own + b"\r\n" + raw


def _labels_in(record: dict[str, Any]) -> set[str]:
    changes = [change for value in record.values() if isinstance(value, list) for change in value]
    return {label for change in changes for label in change["message"]["labelIds"]}


def _page(asked: Asked, name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """One page of what was found; as at Google, an empty list is left out."""
    start, size = int(asked.query.get("pageToken", 0)), min(int(asked.query.get("maxResults", 100)), 500)
    page: dict[str, Any] = {name: found[start : start + size]} if found[start : start + size] else {}
    return page | ({"nextPageToken": str(start + size)} if start + size < len(found) else {})


def _matches(message: StoredMessage, word: str) -> bool:
    kind, _, value = word.partition(":")
    if kind == "rfc822msgid":
        return _header(message.raw, "Message-ID").strip("<>") == value.strip("<>")
    if kind in ("after", "before"):
        later = message.internal_at.timestamp() > int(value)
        return later if kind == "after" else not later
    raise LookupError(f"the fake Gmail does not know how to search for {word!r}")


def _header(raw: bytes, name: str) -> str:
    return str(email.message_from_bytes(raw, policy=email.policy.compat32).get(name, "")).strip()
