"""Reading IMAP responses: the odd forms that servers use for the same thing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.imap_smtp.imap_responses import (
    decode_name,
    encode_name,
    fetch_items,
    headers,
    mailbox_from_list,
    parse_internal_date,
    response_code,
    search_date,
    summaries,
    uid_set,
)


def _unquoted(wire: bytes) -> bytes:
    return wire[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        ("INBOX", b'"INBOX"'),
        ("R&D", b'"R&-D"'),
        ("Entwürfe", b'"Entw&APw-rfe"'),
        ("~peter/mail/台北/日本語", b'"~peter/mail/&U,BTFw-/&ZeVnLIqe-"'),
        ('say "hi" \\ now', b'"say \\"hi\\" \\\\ now"'),
        ("😀", b'"&2D3eAA-"'),
    ],
)
def test_mailbox_names_travel_in_modified_utf7(name: str, wire: bytes) -> None:
    assert encode_name(name) == wire
    assert decode_name(_unquoted(wire)) == name


@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_mailbox_names_survive_the_round_trip(name: str) -> None:
    assert decode_name(_unquoted(encode_name(name))) == name


@pytest.mark.parametrize("wire", [b"R&D", b"&", b"&A-", b"&2D0-", b"B\xfccher", b"&AP\xff-"])
def test_mailbox_names_that_are_no_utf7_are_kept(wire: bytes) -> None:
    assert decode_name(wire) == wire.decode("utf-8", "replace")


def test_mailbox_from_list_reads_quoted_literal_and_bare_names() -> None:
    quoted = mailbox_from_list(b'(\\HasNoChildren \\Sent) "/" "Sent \\"old\\""')
    literal = mailbox_from_list((b'(\\Noselect) "." {7}', b'a\\b"c d'))
    bare = mailbox_from_list(b"() NIL Inbox")

    assert quoted is not None
    assert (quoted.name, quoted.delimiter, quoted.flags) == ('Sent "old"', "/", {"\\HasNoChildren", "\\Sent"})
    assert literal is not None
    assert (literal.name, literal.is_selectable) == ('a\\b"c d', False)
    assert bare is not None
    assert (bare.name, bare.delimiter, bare.is_selectable) == ("Inbox", None, True)


def test_mailbox_from_list_is_none_for_noise() -> None:
    assert mailbox_from_list(b"nonsense") is None
    assert mailbox_from_list(None) is None


def test_fetch_items_joins_literals_with_the_line_around_them() -> None:
    data = [(b"1 (UID 7 BODY[] {5}", b"12345"), b" FLAGS (\\Seen))", b"2 (UID 9 FLAGS ())", None]

    first, second = fetch_items(data)

    assert (first.uid, first.body) == (7, b"12345")
    assert b"\\Seen" in first.text
    assert (second.uid, second.body) == (9, None)


@pytest.mark.parametrize(
    ("line", "body"),
    [
        (b'1 (UID 7 BODY[] "")', b""),
        (b'1 (UID 7 BODY[] "a \\"b\\" \\\\")', b'a "b" \\'),
        (b"1 (UID 7 BODY[] NIL)", None),
        (b"1 (FLAGS (\\Seen) UID 7)", None),
    ],
)
def test_fetch_items_understands_bodies_without_literal(line: bytes, body: bytes | None) -> None:
    (item,) = fetch_items([line])

    assert (item.uid, item.body) == (7, body)


def test_fetch_items_never_reads_uids_out_of_a_message() -> None:
    (item,) = fetch_items([(b"1 (BODY[] {30}", b"UID 666 RFC822.SIZE 1 FLAGS (x)"), b" UID 7)"])

    assert item.uid == 7


def test_summaries_take_fields_in_any_order_and_skip_flag_updates() -> None:
    line = b'3 (FLAGS (\\Seen $Work) RFC822.SIZE 120 INTERNALDATE " 5-Jan-2024 10:00:00 +0200" UID 42)'

    found = summaries([line, b"4 (FLAGS (\\Seen))", b"5 (UID 43 FLAGS ())"])

    assert list(found) == [42]
    assert found[42].size == 120
    assert found[42].flags == {"\\Seen", "$Work"}
    assert found[42].internal_date == datetime(2024, 1, 5, 8, tzinfo=UTC)


def test_headers_come_as_literals_and_as_strings() -> None:
    literal = (b"1 (UID 7 RFC822.SIZE 120 BODY[HEADER.FIELDS (MESSAGE-ID SUBJECT)] {17}", b"Subject: Lamp\r\n\r\n")
    inline = b'2 (BODY[HEADER.FIELDS (SUBJECT)] "\r\n" UID 8 RFC822.SIZE 9 INTERNALDATE " 5-Jan-2024 10:00:00 +0000")'

    found = headers([literal, b")", inline])

    assert (found[7].raw, found[7].size, found[7].internal_date) == (b"Subject: Lamp\r\n\r\n", 120, None)
    assert (found[8].raw, found[8].internal_date) == (b"\r\n", datetime(2024, 1, 5, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    "text", ["", "31-Feb-2024 10:00:00 +0000", "5-Foo-2024 10:00:00 +0000", "1-Jan-0001 00:00:00 +1400"]
)
def test_parse_internal_date_is_none_for_impossible_dates(text: str) -> None:
    assert parse_internal_date(text) is None


def test_search_date_is_english_whatever_the_locale() -> None:
    assert search_date(datetime(2024, 5, 3, tzinfo=UTC)) == "3-May-2024"


def test_response_code_is_found_with_and_without_arguments() -> None:
    assert response_code("[AUTHENTICATIONFAILED] no") == "AUTHENTICATIONFAILED"
    assert response_code("[alert] Too many") == "ALERT"
    assert response_code("[WEBALERT https://example.test] Log in") == "WEBALERT"
    assert response_code("plain") is None


@given(st.sets(st.integers(1, 60)))
def test_uid_set_names_exactly_the_given_uids(uids: set[int]) -> None:
    named = set()
    for part in filter(None, uid_set(uids).split(",")):
        low, _, high = part.partition(":")
        named |= set(range(int(low), int(high or low) + 1))

    assert named == uids
    assert uid_set([3, 1, 2, 7]) == "1:3,7"
