"""The reference of the ingest bench: Python's `email` (policy compat32), `sqlite3` and FTS5, nothing between them.

It writes the same rows into the same tables with the same indexes, and is as careful with them: the raw mail is a file, synced before
the journal names it; a batch is one transaction of the journal, each mail one of its own; `synchronous=FULL`. It looks up what has
to be looked up (is the mail known, who wrote it, what does it answer), but asks no plugin, takes no reply text out of quotes, trusts
every Message-ID and every mail to be well formed, and knows no errors.
"""

import hashlib
import json
import os
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import Any

__all__ = ["BareIngest"]

Values = dict[str, Any]


class BareIngest:
    """Takes batches of raw mails into the database of `home`, for one account."""

    def __init__(self, home: Path, account_id: int) -> None:
        self._files = home / "files"
        self._account_id = account_id
        self._db = sqlite3.connect(home / "tidings.sqlite3", isolation_level=None)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
            "temp_store=MEMORY",
        ):
            self._db.execute(f"PRAGMA {pragma}")

    def close(self) -> None:
        self._db.close()

    def take(self, batch: Sequence[tuple[str, bytes]]) -> None:
        """Store (source key, mail) pairs in the journal, then process each."""
        now = _text(datetime.now(UTC))
        digests = [self._put(raw) for _, raw in batch]
        self._db.execute("BEGIN IMMEDIATE")
        events = [self._journal(key, raw, digest, now) for (key, raw), digest in zip(batch, digests, strict=True)]
        self._db.execute("UPDATE channel_account SET cursor = ? WHERE id = ?", ('{"uid": 1}', self._account_id))
        self._db.execute("COMMIT")
        for event_id, digest in zip(events, digests, strict=True):
            self._process(event_id, digest)

    def _journal(self, key: str, raw: bytes, digest: str, now: str) -> int:
        row = {
            "account_id": self._account_id, "source_key": key, "content_type": "message/rfc822", "payload_sha256": digest,
            "size": len(raw), "meta": "{}", "received_at": now, "state": "received", "attempts": 0, "reason": "",
        }  # fmt: skip
        return self._insert("inbound_event", row)

    def _process(self, event_id: int, digest: str) -> None:
        mail = message_from_bytes(self._path(digest).read_bytes())
        now = _text(datetime.now(UTC))
        message_id = str(mail["Message-ID"]).strip(" <>")
        key = hashlib.sha256(message_id.encode()).hexdigest()
        self._db.execute("BEGIN IMMEDIATE")
        if self._one("SELECT message_id FROM message_delivery WHERE dedupe_key = ?", key) is None:
            self._store(event_id, mail, message_id, key, digest, now)
        self._db.execute("COMMIT")

    def _store(self, event_id: int, mail: Message, external_id: str, key: str, digest: str, now: str) -> None:
        name, address = parseaddr(_decoded(mail["From"]))
        text, html, files = _contents(mail)
        values = _message_values(mail, external_id, name, address.lower(), text, html, digest, now)
        values["account_id"] = self._account_id
        values["contact_id"] = self._contact(address.lower(), name, now)
        values["conversation_id"] = self._conversation(values, now)
        message_id = self._insert("message", values)
        if values["in_reply_to"]:
            self._insert("message_reference", {"message_id": message_id, "reference": values["in_reply_to"]})
        delivery = {
            "message_id": message_id, "account_id": self._account_id, "dedupe_key": key, "event_id": event_id, "received_at": now,
        }  # fmt: skip
        self._insert("message_delivery", delivery)
        for file in files:
            self._insert("attachment", {"message_id": message_id, "sha256": self._put(file.pop("data")), **file})
        self._index(values, message_id)
        self._count(now)
        self._db.execute("UPDATE channel_account SET received_at = ? WHERE id = ?", (now, self._account_id))
        self._db.execute(
            "UPDATE inbound_event SET state = 'processed', processed_at = ?, message_id = ? WHERE id = ?",
            (now, message_id, event_id),
        )

    def _contact(self, address: str, name: str, now: str) -> int:
        known = self._one("SELECT contact_id FROM contact_identity WHERE kind = 'email' AND value = ?", address)
        if known is not None:
            return known
        contact_id = self._insert("contact", {"name": name, "company": "", "about": "", "created_at": now})
        identity = {
            "contact_id": contact_id, "kind": "email", "value": address, "name": name, "created_at": now, "bounce_reason": "",
        }  # fmt: skip
        self._insert("contact_identity", identity)
        return contact_id

    def _conversation(self, values: Values, now: str) -> int:
        """The conversation of the mail that is answered, brought up to date, or a new one; either is told to the feed."""
        preview = " ".join(values["text"].split())[:160]
        known = self._one("SELECT conversation_id FROM message WHERE external_id = ?", values["in_reply_to"])
        if known is not None:
            self._db.execute(
                "UPDATE conversation SET message_count = message_count + 1, active_at = ?, preview = ? WHERE id = ?",
                (now, preview, known),
            )
        else:
            known = self._new_conversation(values, preview, now)
        self._insert("change", {"topic": "conversation", "data": json.dumps({"id": known}), "created_at": now})
        return known

    def _new_conversation(self, values: Values, preview: str, now: str) -> int:
        number = self._one("UPDATE counter SET value = value + 1 WHERE name = ? RETURNING value", "conversation:number")
        self._add_to_counters("status:open", "open:unassigned", f"open:account:{self._account_id}")
        row = {
            "number": number, "subject": values["subject"], "preview": preview, "status": "open", "priority": 1,
            "channel": "mailbox", "account_id": self._account_id, "contact_id": values["contact_id"], "message_count": 1,
            "has_attachments": False, "created_at": now, "active_at": now, "waiting_since": now,
        }  # fmt: skip
        return self._insert("conversation", row)

    def _index(self, values: Values, message_id: int) -> None:
        entry = self._insert("search_entry", {"conversation_id": values["conversation_id"], "message_id": message_id})
        people = f"{values['sender_name']} {values['sender_value']}"
        self._db.execute(
            "INSERT INTO search_fts(rowid, subject, people, body) VALUES (?, ?, ?, ?)",
            (entry, values["subject"], people, values["text"]),
        )

    def _count(self, now: str) -> None:
        self._add_to_counters(f"arrived:{now[:10]}", f"received:account:{self._account_id}")

    def _add_to_counters(self, *names: str) -> None:
        places = ", ".join("(?, 1)" for _ in names)
        self._db.execute(
            f"INSERT INTO counter(name, value) VALUES {places} ON CONFLICT(name) DO UPDATE SET value = value + 1", names
        )

    def _insert(self, table: str, row: Values) -> int:
        places = ", ".join("?" * len(row))
        return (
            self._db.execute(
                f'INSERT INTO "{table}"({", ".join(row)}) VALUES ({places})', tuple(row.values())
            ).lastrowid
            or 0
        )

    def _one(self, statement: str, value: object) -> Any:
        found = self._db.execute(statement, (value,)).fetchone()
        return found[0] if found else None

    def _path(self, digest: str) -> Path:
        return self._files / digest[:2] / digest[2:4] / digest

    def _put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        path = self._path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(f"{path}.new", "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(f"{path}.new", path)
        return digest


def _message_values(
    mail: Message, external_id: str, name: str, address: str, text: str, html: str | None, digest: str, now: str
) -> Values:
    people = getaddresses([_decoded(value) for value in mail.get_all("To", [])])
    parent = str(mail.get("In-Reply-To", "")).strip(" <>")
    sent_at = parsedate_to_datetime(mail["Date"])
    return {
        "direction": "inbound", "kind": "normal", "sender_kind": "email", "sender_value": address, "sender_name": name,
        "created_at": now, "sent_at": _text(sent_at), "external_id": external_id,
        "content_key": hashlib.sha256(text.encode()).hexdigest(), "in_reply_to": parent or None,
        "joined_by": "in_reply_to" if parent else "new", "is_automatic": False, "accepts_auto_reply": True, "raw_sha256": digest,
        "attempts": 0, "lease_owner": "", "last_error": "",
        "recipients": json.dumps({"to": [{"kind": "email", "value": value, "name": label} for label, value in people]}),
        "fields": "{}", "defects": "[]", "subject": _decoded(mail["Subject"]), "text": text, "html": html,
    }  # fmt: skip


def _contents(mail: Message) -> tuple[str, str | None, list[Values]]:
    """The decoded text, HTML and files of a mail."""
    texts: dict[str, str] = {}
    files: list[Values] = []
    for part in mail.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        if kind in ("text/plain", "text/html") and not part.get_filename():
            texts[kind] = data.decode(part.get_content_charset("utf-8"), "replace").replace("\r\n", "\n")
        else:
            name = part.get_filename() or "attachment"
            files.append({"filename": name, "content_type": kind, "size": len(data), "data": data, "is_inline": False})
    return texts.get("text/plain", ""), texts.get("text/html"), files


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
