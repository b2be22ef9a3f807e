"""Reading mail from a real IMAP server."""

from __future__ import annotations

import imaplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.imap_smtp import IMAPConnection, IMAPSettings, PasswordAuth, XOAuth2, imap_messages
from connectors.imap_smtp.imap_responses import encode_name
from connectors.imap_smtp.tests.conftest import imap_settings

Connect = Callable[..., IMAPConnection]


def _mail(number: int, body: bytes = b"Hello") -> bytes:
    return b"From: ada@example.test\r\nSubject: Mail %d\r\n\r\n%s\r\n" % (number, body)


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
def test_imap_reads_mail_over_every_kind_of_connection(mail_user: Any, connect: Connect, security: str) -> None:
    mail_user.deliver(_mail(1))
    imap = connect(mail_user, security=security)

    state = imap.select("INBOX")
    (mail,) = imap.fetch(imap.uids_after(0))

    assert (state.exists, state.uidnext) == (1, mail.uid + 1)
    assert mail.raw == _mail(1)
    assert mail.size == len(_mail(1))
    assert mail.internal_date is not None
    assert abs(mail.internal_date - datetime.now(UTC)) < timedelta(minutes=5)


@pytest.mark.parametrize("password", ["pässwörd ☃", 'quo"te \\ back', "%{}:()*", " "])
def test_imap_logs_in_with_any_password(create_mail_user: Any, connect: Connect, password: str) -> None:
    assert connect(create_mail_user(password=password)).select().exists == 0


def test_imap_logs_in_with_a_token(mail_user: Any, connect: Connect) -> None:
    mail_user.server.tokens.accept("t0ken", mail_user.address)

    imap = connect(mail_user, auth=XOAuth2(mail_user.address, lambda: "t0ken"))

    assert imap.select().exists == 0


def test_imap_never_changes_a_flag(mail_user: Any, connect: Connect, dovecot: Any) -> None:
    mail_user.deliver(_mail(1))
    imap = connect(mail_user)
    imap.select()
    list(imap.fetch(imap.uids_after(0)))
    imap.close()

    other = imaplib.IMAP4("127.0.0.1", dovecot.port)
    other.login(mail_user.address, mail_user.password)
    other.select("INBOX")
    assert other.search(None, "UNSEEN RECENT")[1] == [b"1"]
    other.logout()


def test_uids_after_lists_only_what_is_newer(mail_user: Any, connect: Connect) -> None:
    for number in range(3):
        mail_user.deliver(_mail(number))
    imap = connect(mail_user)
    imap.select()
    first, second, third = imap.uids_after(0)

    assert imap.uids_after(first) == [second, third]
    assert imap.uids_after(third) == []  # "n:*" alone would name the last message again
    assert imap.uids_after(third + 1000) == []


def test_uids_since_takes_the_day_of_arrival(mail_user: Any, connect: Connect) -> None:
    mail_user.deliver(_mail(1))
    imap = connect(mail_user)
    imap.select()

    now = datetime.now(UTC)
    assert len(imap.uids_since(now - timedelta(days=2))) == 1
    assert imap.uids_since(now + timedelta(days=2)) == []


def test_uids_are_complete_when_a_folder_is_searched_in_windows(
    mail_user: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_messages, "SEARCH_WINDOW", 5)
    for number in range(13):
        mail_user.deliver(_mail(number))
    connection = connect(mail_user)
    connection.select()

    everything = connection.uids_after(0)

    assert len(everything) == 13
    assert connection.uids_after(everything[6]) == everything[7:]
    assert connection.uids_since(datetime.now(UTC) - timedelta(days=2)) == everything


def test_fetch_goes_through_batches_in_order(mail_user: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap_messages, "SUMMARY_BATCH", 7)
    monkeypatch.setattr(imap_messages, "BODY_BATCH", 3)
    for number in range(20):
        mail_user.deliver(_mail(number))
    connection = connect(mail_user)
    connection.select()
    uids = connection.uids_after(0)

    fetched = list(connection.fetch(reversed(uids)))

    assert [mail.uid for mail in fetched] == uids
    assert [mail.raw for mail in fetched] == [_mail(number) for number in range(20)]


def test_headers_name_messages_without_their_content(
    mail_user: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_messages, "SUMMARY_BATCH", 2)
    for number in range(3):
        mail_user.deliver(
            b"Message-ID:\r\n <%d@x.example>\r\nX-Other: no\r\n" % number + _mail(number, b"long body" * 99)
        )
    connection = connect(mail_user)
    connection.select()
    uids = connection.uids_after(0)

    found = list(connection.headers([*uids, 4_000], ["MESSAGE-ID", "SUBJECT"]))

    assert [header.uid for header in found] == uids
    assert found[2].raw == b"Message-ID:\r\n <2@x.example>\r\nSubject: Mail 2\r\n\r\n"
    assert [header.size for header in found] == [len(raw) for raw in mail_user.messages()]
    assert all(header.internal_date is not None for header in found)


def test_fetch_withholds_what_is_too_big_and_goes_on(mail_user: Any, connect: Connect) -> None:
    mail_user.deliver(_mail(1))
    mail_user.deliver(_mail(2, b"x" * 5000))
    mail_user.deliver(_mail(3))
    imap = connect(mail_user)
    imap.select()

    small, big, last = imap.fetch(imap.uids_after(0), max_bytes=1000)

    assert (small.raw, last.raw) == (_mail(1), _mail(3))
    assert (big.raw, big.withheld, big.size) == (None, "too_big", len(_mail(2, b"x" * 5000)))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"\x00\x00\x00",
        b"Subject: )\r\n\r\n* 1 EXPUNGE\r\nA1 OK done)\r\n",
        b"Subject: {5}\r\n\r\n{100}\r\n",
        b"Subject: bytes\r\n\r\n" + bytes(range(14, 256)) + b"\r\n",
    ],
)
def test_fetch_brings_odd_messages_byte_for_byte(mail_user: Any, connect: Connect, raw: bytes) -> None:
    mail_user.deliver(raw)
    mail_user.deliver(_mail(2))
    imap = connect(mail_user)
    imap.select()

    odd, normal = imap.fetch(imap.uids_after(0))

    # A maildir holds NULs that IMAP4rev1 cannot transport: Dovecot sends 0x80 for them.
    assert odd.raw == raw.replace(b"\x00", b"\x80")
    assert normal.raw == _mail(2)


@pytest.mark.slow
def test_fetch_brings_a_40_mb_message(mail_user: Any, connect: Connect) -> None:
    raw = _mail(1, (b"x" * 998 + b"\r\n") * 40_000)
    mail_user.deliver(raw)
    imap = connect(mail_user)
    imap.select()

    (mail,) = imap.fetch(imap.uids_after(0))

    assert mail.raw == raw


def test_fetch_leaves_out_what_was_expunged_meanwhile(mail_user: Any, connect: Connect, dovecot: Any) -> None:
    for number in range(3):
        mail_user.deliver(_mail(number))
    imap = connect(mail_user)
    imap.select()
    uids = imap.uids_after(0)
    other = imaplib.IMAP4("127.0.0.1", dovecot.port)
    other.login(mail_user.address, mail_user.password)
    other.select("INBOX")
    other.uid("STORE", str(uids[1]), "+FLAGS", "\\Deleted")
    other.expunge()

    fetched = list(imap.fetch(uids))

    assert [mail.raw for mail in fetched] == [_mail(0), _mail(2)]
    other.logout()


def test_fetch_survives_files_deleted_behind_the_servers_back(mail_user: Any, connect: Connect, dovecot: Any) -> None:
    mail_user.deliver(_mail(1))
    imap = connect(mail_user)
    imap.select()
    uids = imap.uids_after(0)
    dovecot.expunge_all(mail_user.address)

    assert list(imap.fetch(uids)) == []


@pytest.mark.slow
def test_select_shows_a_changed_uidvalidity(mail_user: Any, connect: Connect, dovecot: Any) -> None:
    mail_user.deliver(_mail(1))
    imap = connect(mail_user)
    before = imap.select()
    imap.close()
    dovecot.renumber(mail_user.address)

    after = connect(mail_user).select()

    assert after.uidvalidity != before.uidvalidity
    assert after.exists == 1


def test_select_says_when_a_folder_does_not_exist_and_the_session_goes_on(mail_user: Any, connect: Connect) -> None:
    imap = connect(mail_user)

    with pytest.raises(Rejected) as caught:
        imap.select("Nowhere")

    assert caught.value.step == "select"
    assert imap.select("INBOX").name == "INBOX"


@pytest.mark.parametrize("name", ["Entwürfe", "R&D", "日本語", 'a "quoted" name', "back\\slash", "with space"])
def test_mailboxes_with_any_name_are_listed_selected_and_filled(mail_user: Any, connect: Connect, name: str) -> None:
    imap = connect(mail_user)
    imap._open_session.create(imap_name(name))

    assert name in [box.name for box in imap.list_mailboxes()]
    assert imap.append(name, _mail(1)) == 1
    assert imap.select(name).exists == 1


def test_find_sent_prefers_the_marked_folder(mail_user: Any, connect: Connect) -> None:
    imap = connect(mail_user)
    imap._open_session.create('"Sent Items"')

    assert imap.find_sent() == "Sent"


def test_append_stores_a_copy_with_flags(mail_user: Any, connect: Connect) -> None:
    imap = connect(mail_user)

    uid = imap.append("Sent", b"Subject: x\n\nbare line ends\n")
    imap.select("Sent")
    (mail,) = imap.fetch([uid or 0])

    assert mail.raw == b"Subject: x\r\n\r\nbare line ends\r\n"
    assert "\\Seen" in mail.flags


def test_append_to_a_missing_folder_is_rejected(mail_user: Any, connect: Connect) -> None:
    with pytest.raises(Rejected) as caught:
        connect(mail_user).append("Nowhere", _mail(1))

    assert (caught.value.step, caught.value.code) == ("append", "TRYCREATE")


def test_settings_hide_secrets_and_refuse_line_breaks(mail_user: Any) -> None:
    settings = imap_settings(mail_user)

    assert "secret" not in repr(settings)
    assert "t0ken" not in repr(IMAPSettings("h", XOAuth2("ada", lambda: "t0ken")))
    with pytest.raises(ValueError, match="line breaks"):
        PasswordAuth("ada", "a\r\nLOGOUT")


def imap_name(name: str) -> str:
    """Return the wire form for imaplib."""
    return encode_name(name).decode("ascii")


def test_imap_finds_mail_by_its_message_id(mail_user: Any, connect: Connect) -> None:
    mail_user.deliver(b"Message-ID: <1.a-b@example.test>\r\n" + _mail(1))
    mail_user.deliver(b"Message-ID: <2.a-b@example.test>\r\n" + _mail(2))
    imap = connect(mail_user)
    imap.select()

    assert imap.uids_with_message_id("2.a-b@example.test") == imap.uids_after(1)
    assert imap.uids_with_message_id("3.a-b@example.test") == []
    for impossible in ("", 'quo"te@example.test', "line\r\nbreak@example.test", "ü@example.test"):
        assert imap.uids_with_message_id(impossible) == []


def test_imap_gives_the_header_of_a_message_alone(mail_user: Any, connect: Connect) -> None:
    mail_user.deliver(_mail(1, body=b"x" * 100_000))
    imap = connect(mail_user)
    imap.select()

    assert imap.header(1) == b"From: ada@example.test\r\nSubject: Mail 1\r\n\r\n"
    assert imap.header(2) is None
