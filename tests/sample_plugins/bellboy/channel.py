"""The channel: notes arrive as JSON, and what is sent is kept in the store under `sent`."""

import hashlib
import json
from dataclasses import fields
from datetime import datetime

from tidings import (
    Capability,
    Channel,
    Check,
    ConnectionReport,
    InboundMessage,
    Participant,
    ReplyChoice,
    ReplyRules,
    SendReceipt,
)


class BellboyChannel(Channel):
    title = "Bellboy"
    icon = "bell"
    capabilities = frozenset({Capability.SEND, Capability.BEGIN})
    address_kind = "room"

    def __init__(self, host):
        self._host = host

    def test_connection(self, account):
        return ConnectionReport((Check("Bell", True),))

    def translate(self, account, event):
        note = json.loads(event.payload)
        return [
            InboundMessage(
                note["id"],
                Participant("room", note["room"], note.get("name", "")),
                note["text"],
                datetime.fromisoformat(note["at"]),
                hashlib.sha256(event.payload).hexdigest(),
                thread_key=note["room"],
                fields=note.get("fields", {}),
            )
        ]

    def reply_rules(self, account, exchange):
        if self._host.store.get("fails"):
            raise RuntimeError("the bell is broken")
        asked = {one.name: str(getattr(exchange, one.name)) for one in fields(exchange)}
        self._host.store.set("asked", asked)
        said = self._host.store.get("rules", {})
        choices = tuple(ReplyChoice(**one) for one in said.pop("choices", ()))
        until = datetime.fromisoformat(said.pop("until")) if said.get("until") else None
        return ReplyRules(**said, until=until, choices=choices)

    def send(self, account, message):
        sent = self._host.store.get("sent", [])
        self._host.store.set("sent", [*sent, [message.choice, message.text]])
        return SendReceipt(message.external_id)
