"""Promises of reply tokens: they bring an answer home and cannot be made by anybody else."""

from app.domain.reply_tokens import (
    address_with_token,
    make_message_id,
    make_token,
    token_in_addresses,
    token_in_ids,
)

KEY, OLD_KEY = b"k" * 32, b"o" * 32


def test_token_survives_a_message_id_and_an_address():
    for conversation_id in (1, 255, 256, 1_000_000, 2**40):
        token = make_token(KEY, conversation_id)
        assert token_in_ids([KEY], [make_message_id(token, "example.com")]) == conversation_id
        assert token_in_addresses([KEY], [address_with_token("help@example.com", token)]) == conversation_id


def test_token_is_read_whatever_its_case():
    address = address_with_token("help@example.com", make_token(KEY, 77)).upper()

    assert token_in_addresses([KEY], [address]) == 77


def test_token_of_an_older_key_is_still_read():
    assert token_in_ids([KEY, OLD_KEY], [make_message_id(make_token(OLD_KEY, 5), "x.org")]) == 5


def test_changed_token_is_refused():
    token = make_token(KEY, 77)
    for position, letter in enumerate(token):
        other = "b" if letter == "a" else "a"
        forged = token[:position] + other + token[position + 1 :]
        assert token_in_ids([KEY], [make_message_id(forged, "x.org")]) != 77


def test_foreign_ids_and_addresses_name_nothing():
    assert token_in_ids([KEY], ["", "abc@x.org", "t.@x.org", "t.aaaa.bbbb@x.org"]) is None
    assert token_in_addresses([KEY], ["help@example.com", "help+r-@example.com", "help+r-!!!!@example.com"]) is None
