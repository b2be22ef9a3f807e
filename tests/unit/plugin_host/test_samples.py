"""Samples show what a hook carries and nobody's data; kept announcements come back as they were."""

import json
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from app.domain.events import ConversationSummary
from app.plugin_api.channel import Account
from app.plugin_api.messages import InboundAttachment, InboundMessage, Participant
from app.plugin_host.health.payloads import from_json, to_json
from app.plugin_host.health.samples import masked
from app.plugin_host.hooks.shapes import Shape, read_specs

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ANNOUNCEMENTS = [spec for spec in read_specs().values() if spec.shape is Shape.ANNOUNCE]


def test_ids_kinds_and_moments_stay():
    summary = ConversationSummary(12, 1034567, "Hello", "open", "mailbox", 3, 4_500_000, "Ada", "ada@example.com", NOW)
    shown = json.loads(masked({"conversation": summary}))["conversation"]
    assert (shown["id"], shown["number"], shown["contact_id"]) == (12, 1034567, 4_500_000)
    assert (shown["status"], shown["channel"]) == ("open", "mailbox")
    assert shown["created_at"] == "2026-03-01 09:30:00+00:00"
    assert shown["contact_address"] == "aaa@aaaaaaa.aaa, 15 characters"
    assert shown["contact_name"] == "Aaa, 3 characters"


def test_nothing_personal_or_secret_is_left():
    words = [
        "Ada",
        "Byron",
        "ada@mail.example",
        "+44 171 5550123",
        "Dear sirs",
        "hunter2",
        "imap.mail.example",
        "cv.pdf",
    ]
    name = f"{words[0]} {words[1]}"
    message = InboundMessage(
        external_id="<ada@mail.example>",
        sender=Participant("email", words[2], name),
        text=words[4],
        sent_at=NOW,
        content_key="k",
        subject=words[4],
        to=(Participant("phone", words[3], name),),
        attachments=(InboundAttachment(words[7], "application/pdf", b"Dear sirs"),),
        fields={"Ada": "hunter2", "phone": words[3]},
    )
    account = Account(
        1, "mailbox", name, words[2], {"host": words[6], "port": 993, "pin": 44171}, {}, {"password": "hunter2"}
    )
    text = masked({"message": message, "account": account, "phone": 441715550123, "kind": "Dear sirs"})
    for word in words:
        assert word not in text
    assert "44171" not in text
    assert '"content_type": "application/pdf"' in text
    assert '"data": "9 bytes"' in text
    assert '"password": "str"' in text


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", ""),
        ("x", "a, 1 character"),
        ("Éric Ångström", "Aaaa Aaaaaaaa, 13 characters"),
        ("日本 \u202e٣", "aa  9, 5 characters"),
        ("a" * 40, "a" * 24 + "…, 40 characters"),
        ("AAA aaa 111", "AAA aaa 999, 11 characters"),
    ],
)
def test_a_text_becomes_its_shape(text, shape):
    assert json.loads(masked({"text": text})) == {"text": shape}


def test_a_sample_never_grows_beyond_its_limit_and_never_fails():
    deep: Any = "end"
    for _ in range(50):
        deep = {"inner": [deep]}

    class Odd:
        def __repr__(self):
            raise ValueError

    many = {f"key{number}": "v" for number in range(500)}
    text = masked({"deep": deep, "odd": Odd(), "set": {1, 2}, "many": many, "list": list(range(500)), "long": Odd})
    assert "and 495 more" in text
    assert len(masked({f"argument{number}": "text" for number in range(500)})) <= 4096
    assert json.loads(masked({"wait": timedelta(hours=1), "odd": Odd()})) == {"wait": "1:00:00", "odd": "Odd"}


@pytest.mark.parametrize("spec", ANNOUNCEMENTS, ids=lambda spec: spec.name)
def test_every_announcement_can_be_kept_and_comes_back_as_it_was(spec):
    hints = get_type_hints(spec.function)
    for is_full in (True, False):
        values = {name: example(hints[name], is_full) for name in spec.arguments}
        kept = json.loads(json.dumps(to_json(values)))
        assert from_json(spec, kept) == values


def example(kind: Any, is_full: bool) -> Any:
    """A value of an annotated type; optional ones are None unless `is_full`."""
    if type(None) in get_args(kind):
        return example(get_args(kind)[0], is_full) if is_full else None
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: example(hints[one.name], is_full) for one in fields(kind)})
    if kind is datetime:
        return NOW
    if get_origin(kind) is tuple:
        return (example(get_args(kind)[0], is_full),)
    return {str: "Grüße", int: 7, bool: True}.get(kind) if kind in (str, int, bool) else {"Phone": "1"}


@dataclass(frozen=True)
class Later:
    """What an event may look like in a later version."""

    names: tuple[str, ...]
    at: datetime
    note: str = "new"


def test_what_was_added_since_gets_its_default_and_what_is_gone_is_left_out():
    def happened(host: object, event: Later) -> None: ...

    spec = read_specs()["account_saved"]
    later = type(spec)("happened", Shape.ANNOUNCE, ("event",), (), happened)
    kept = {"event": {"names": ["a", "b"], "at": "2026-03-01T09:30:00+00:00", "gone": 1}}
    assert from_json(later, kept) == {"event": Later(("a", "b"), NOW)}
    assert to_json({"event": Later(("a\0", "\ud800"), NOW)})["event"]["names"] == ["a", "?"]
    with pytest.raises(TypeError):
        to_json({"event": object()})
    with pytest.raises(KeyError):
        from_json(later, {})
