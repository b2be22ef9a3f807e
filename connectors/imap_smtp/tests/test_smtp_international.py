"""Addresses and texts beyond ASCII on their way through a real SMTP server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.imap_smtp import SMTPConnection
from connectors.imap_smtp.tests.test_smtp import ADA, BEN, EVE, MAIL, _settings


@pytest.fixture
def smtp(smtp_server: Any) -> Iterator[SMTPConnection]:
    """A connection to a server that takes everything."""
    with SMTPConnection(_settings(smtp_server)) as connection:
        yield connection


def test_international_addresses_are_sent_with_smtputf8(smtp: SMTPConnection, smtp_server: Any) -> None:
    smtp.send(ADA, ["bänjamin@example.test"], MAIL)

    assert smtp_server.messages[0].recipients == ("bänjamin@example.test",)
    assert "SMTPUTF8" in smtp_server.messages[0].mail_options


def test_international_domains_need_no_extension(create_smtp_server: Any) -> None:
    server = create_smtp_server(hidden_extensions=["SMTPUTF8"])

    with SMTPConnection(_settings(server)) as smtp:
        receipt = smtp.send(ADA, ["ben@bücher.example"], MAIL)

    assert receipt.accepted == ("ben@bücher.example",)
    assert server.messages[0].recipients == ("ben@xn--bcher-kva.example",)


def test_international_local_part_is_refused_where_the_server_cannot(create_smtp_server: Any) -> None:
    server = create_smtp_server(hidden_extensions=["SMTPUTF8"])

    with SMTPConnection(_settings(server)) as smtp:
        receipt = smtp.send(ADA, ["bänjamin@example.test", EVE], MAIL)

    assert receipt.accepted == (EVE,)
    assert receipt.refused["bänjamin@example.test"].permanent


def test_8_bit_mail_is_announced(smtp: SMTPConnection, smtp_server: Any) -> None:
    raw = MAIL + "Grüße\r\n".encode()
    smtp.send(ADA, [BEN], raw)

    assert "BODY=8BITMIME" in smtp_server.messages[0].mail_options
    assert smtp_server.messages[0].raw == raw


@pytest.mark.parametrize(
    ("raw", "hidden", "code"),
    [
        (MAIL + "Grüße\r\n".encode(), "8BITMIME", "8bitmime"),
        ("Subject: Grüße\r\n\r\nHello\r\n".encode(), "SMTPUTF8", "smtputf8"),
    ],
)
def test_mail_the_server_cannot_transport_is_rejected(
    create_smtp_server: Callable[..., Any], raw: bytes, hidden: str, code: str
) -> None:
    server = create_smtp_server(hidden_extensions=[hidden])

    with SMTPConnection(_settings(server)) as smtp, pytest.raises(Rejected) as caught:
        smtp.send(ADA, [BEN], raw)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "address", ["", "ben", "ben@", "@example.test", "a b@example.test", "x>\r\nRCPT TO:<eve@example.test", "a@b@c"]
)
def test_impossible_addresses_are_refused_without_asking(smtp: SMTPConnection, smtp_server: Any, address: str) -> None:
    receipt = smtp.send(ADA, [address, EVE], MAIL)

    assert receipt.accepted == (EVE,)
    assert receipt.refused[address].code == 553
    assert smtp_server.messages[0].recipients == (EVE,)


def test_impossible_sender_is_rejected(smtp: SMTPConnection) -> None:
    with pytest.raises(Rejected) as caught:
        smtp.send("ada\r\nDATA", [BEN], MAIL)

    assert caught.value.step == "sender"
