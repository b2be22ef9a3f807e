"""Servers that send more than they were asked for: nothing is kept without bound, and what is too large is told."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from connectors.errors import Rejected, Unavailable
from connectors.imap_smtp import IMAPConnection, IMAPSettings, PasswordAuth, imap_messages, imap_wire
from connectors.imap_smtp.tests.scripted import Answer, ScriptedIMAP

SELECT = b"* 3 EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\n* OK [UIDNEXT 4] ok\r\nTAG OK [READ-ONLY] done\r\n"
MEGABYTE = b"x" * 1_000_000


@pytest.fixture
def answered_by() -> Iterator[Callable[[dict[str, Answer]], IMAPConnection]]:
    """Return a function that gives a connection, its folder open, to a server with these answers."""
    servers: list[ScriptedIMAP] = []
    connections: list[IMAPConnection] = []

    def connect(answers: dict[str, Answer]) -> IMAPConnection:
        servers.append(ScriptedIMAP({"EXAMINE": SELECT, **answers}).__enter__())
        settings = IMAPSettings("127.0.0.1", PasswordAuth("ada", "hunter2"), servers[-1].port, "none", 5.0)
        connections.append(IMAPConnection(settings).__enter__())
        connections[-1].select()
        return connections[-1]

    yield connect
    for one in (*connections, *servers):
        one.__exit__()


def _summary(uid: int, size: int) -> bytes:
    date = b'"1-Jan-2024 00:00:00 +0000"'
    return b"* %d FETCH (UID %d RFC822.SIZE %d FLAGS () INTERNALDATE %s)\r\n" % (uid, uid, size, date)


def _liar(*megabytes: int) -> Callable[[bytes, int], Iterator[bytes]]:
    """Fetches: says of each message that it has five bytes, and sends so many megabytes of it."""

    def fetch(arguments: bytes, _count: int) -> Iterator[bytes]:
        first, _, last = arguments.split()[0].partition(b":")
        for uid in range(int(first), int(last or first) + 1):
            if b"RFC822.SIZE" in arguments:
                yield _summary(uid, 5)
                continue
            yield b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (uid, uid, megabytes[uid - 1] * len(MEGABYTE))
            for _ in range(megabytes[uid - 1]):
                yield MEGABYTE
            yield b")\r\n"
        yield b"TAG OK done\r\n"

    return fetch


def test_a_message_larger_than_the_server_said_is_neither_kept_nor_in_the_way(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection],
) -> None:
    imap = answered_by({"UID FETCH": _liar(1, 40, 1)})
    tracemalloc.start()
    try:
        first, second, third = [
            (len(mail.raw) if mail.raw is not None else None, mail.withheld, mail.size)
            for mail in imap.fetch([1, 2, 3], max_bytes=3_000_000)
        ]
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert first == third == (1_000_000, None, 1_000_000)
    assert second == (None, "too_big", 40_000_000)
    assert most < 20_000_000


def test_messages_that_are_too_much_together_come_one_by_one(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection],
) -> None:
    imap = answered_by({"UID FETCH": _liar(2, 2, 2)})

    found = [(len(mail.raw or b""), mail.withheld) for mail in imap.fetch([1, 2, 3], max_bytes=3_000_000)]

    assert found == [(2_000_000, None)] * 3


def test_a_literal_of_any_size_is_not_waited_for(answered_by: Callable[[dict[str, Answer]], IMAPConnection]) -> None:
    imap = answered_by({"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {99999999999999}\r\n"})

    with pytest.raises(Unavailable, match="sent 99999999999999 bytes at once"):
        list(imap.fetch([1]))

    assert not imap.is_open


def test_an_answer_without_end_ends_the_session(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_wire, "MOST_BYTES", 1_000_000)

    def list_for_ever(_arguments: bytes, _count: int) -> Iterator[bytes]:
        while True:
            yield b'* LIST () "/" "Work"\r\n' * 1000

    imap = answered_by({"LIST": list_for_ever})

    with pytest.raises(Unavailable, match="an answer without end"):
        imap.list_mailboxes()


def test_a_header_without_end_is_left_out(answered_by: Callable[[dict[str, Answer]], IMAPConnection]) -> None:
    def fetch(_arguments: bytes, _count: int) -> Iterator[bytes]:
        yield b"* 1 FETCH (UID 1 BODY[HEADER] {5000000}\r\n"
        yield from [MEGABYTE] * 5
        yield b")\r\nTAG OK done\r\n"

    assert answered_by({"UID FETCH": fetch}).header(1) == b""


def test_more_messages_than_can_be_counted_are_refused_with_a_sentence(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_messages, "MOST_UIDS", 1000)
    numbers = b" ".join(b"%d" % number for number in range(1, 1002))
    imap = answered_by({"UID SEARCH": b"* SEARCH " + numbers + b"\r\nTAG OK done\r\n"})

    with pytest.raises(Rejected, match="more than 1,000 messages") as caught:
        imap.uids_after(0)

    assert caught.value.step == "search"


@pytest.mark.parametrize("odd", [b"9" * 5000, b"-1", b"x", b"12345678901", b"(MODSEQ 7)"])
def test_what_is_no_number_of_a_message_is_none(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection], odd: bytes
) -> None:
    imap = answered_by({"UID SEARCH": b"* SEARCH 2 " + odd + b" 3\r\nTAG OK done\r\n"})

    assert imap.uids_after(0) == [2, 3]


def test_a_size_that_is_no_number_ends_the_session(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection],
) -> None:
    imap = answered_by({"UID FETCH": b"* 1 FETCH (UID 1 BODY[] {" + b"9" * 5000 + b"}\r\n"})

    with pytest.raises(Unavailable, match="makes no sense"):
        imap.header(1)

    assert not imap.is_open


def test_a_folder_that_counts_beyond_all_numbers_is_taken_for_empty(
    answered_by: Callable[[dict[str, Answer]], IMAPConnection],
) -> None:
    huge = SELECT.replace(b"* 3 EXISTS", b"* " + b"9" * 5000 + b" EXISTS")

    assert answered_by({"EXAMINE": huge}).select().exists == 0
