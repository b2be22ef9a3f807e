"""What a site says about its customers is believed exactly when it signed it with the form's secret."""

import json

import pytest

from plugins.webform.sharing.context import (
    MOST_BYTES,
    MOST_VALUES,
    Context,
    ContextState,
    drop_former_secret,
    make_secret,
    read_context,
    secret_facts,
    sign_context,
)
from tidings import Account
from tidings.testing import FakeHost

CUSTOMER = '{"customer": "c-17", "plan": "Gold", "orders": 12, "spent": 99.50}'
READ = {"customer": "c-17", "plan": "Gold", "orders": "12", "spent": "99.50"}


@pytest.fixture
def host() -> FakeHost:
    return FakeHost("webform", [Account(1, "webform", "Contact", "", {}), Account(2, "webform", "Shop", "", {})])


@pytest.fixture
def secret(host) -> str:
    return make_secret(host, host.account(1))


def read(host: FakeHost, context: str, signature: str = "") -> Context:
    return read_context(host, 1, context, signature)


def test_what_was_signed_is_verified_with_numbers_as_they_were_written(host, secret):
    assert read(host, CUSTOMER, sign_context(secret, CUSTOMER)) == Context(READ, ContextState.VERIFIED)


def test_the_signature_is_the_hexadecimal_hmac_of_exactly_these_bytes():
    """RFC 4231, test case 2."""
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign_context("Jefe", "what do ya want for nothing?") == wanted


def test_capitals_and_spaces_around_a_signature_do_no_harm(host, secret):
    assert read(host, CUSTOMER, f" {sign_context(secret, CUSTOMER).upper()}\n").is_verified


@pytest.mark.parametrize("signature", ["", "0" * 64, "é" * 64, "\ud800" * 64, "x", "0" * 100_000])
def test_values_without_the_right_signature_are_unverified(host, secret, signature):
    assert read(host, CUSTOMER, signature) == Context(READ, ContextState.UNVERIFIED)


def test_one_changed_byte_is_unverified(host, secret):
    signature = sign_context(secret, CUSTOMER)
    assert not read(host, CUSTOMER.replace("Gold", "gold"), signature).is_verified
    assert not read(host, CUSTOMER.replace(", ", ","), signature).is_verified


def test_a_form_without_a_secret_believes_nothing(host):
    assert not read(host, CUSTOMER, sign_context("", CUSTOMER)).is_verified


def test_the_secret_of_one_form_says_nothing_to_another(host, secret):
    signature = sign_context(secret, CUSTOMER)
    assert read_context(host, 2, CUSTOMER, signature).state is ContextState.UNVERIFIED
    assert read_context(host, 9, CUSTOMER, signature).state is ContextState.UNVERIFIED


def test_a_context_ends_when_it_says(host, secret):
    moment = int(host.now().timestamp())
    for expires in (moment + 60, str(moment + 60), moment + 60.5):
        text = json.dumps({"customer": "c-17", "expires": expires})
        assert read(host, text, sign_context(secret, text)) == Context({"customer": "c-17"}, ContextState.VERIFIED)
    for expires in (moment, moment - 1, "soon"):
        text = json.dumps({"customer": "c-17", "expires": expires})
        assert read(host, text, sign_context(secret, text)).state is ContextState.EXPIRED
        assert read(host, text, "0" * 64).state is ContextState.UNVERIFIED


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        '"text"',
        "{",
        '{"a": {"b": "c"}}',
        '{"a": ["b"]}',
        '{"a": true}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"": "a"}',
        json.dumps({"n" * 41: "a"}),
        json.dumps({"a": "t" * 501}),
        json.dumps({f"n{i}": "a" for i in range(MOST_VALUES + 1)}),
        "[" * 3000,
        '{"a":' * 700 + "1" + "}" * 700,
    ],
)
def test_what_is_no_flat_object_of_texts_and_numbers_is_not_read(host, secret, text):
    assert read(host, text, sign_context(secret, text)) == Context()


def test_a_long_text_is_not_read(host, secret):
    values = {f"n{i}": "ä" * 240 for i in range(8)}
    fits = json.dumps(values, ensure_ascii=False)
    assert len(fits.encode()) <= MOST_BYTES
    assert read(host, fits, sign_context(secret, fits)).is_verified
    long = json.dumps({**values, "more": "ä" * 200}, ensure_ascii=False)
    assert len(long) < MOST_BYTES < len(long.encode())
    assert read(host, long, sign_context(secret, long)) == Context()


def test_values_become_one_line_that_can_be_shown_and_empty_ones_are_left_out(host, secret):
    text = json.dumps({"a": "one\r\ntwo\x00\u202e three ", "b": None, "c": "  "})
    assert read(host, text, sign_context(secret, text)).values == {"a": "one two three"}


def test_a_new_secret_leaves_the_former_one_until_it_is_dropped(host, secret):
    assert secret_facts(host, host.account(1)).is_there
    fresh = make_secret(host, host.account(1))
    assert fresh != secret
    assert secret_facts(host, host.account(1)).has_former
    assert read(host, CUSTOMER, sign_context(fresh, CUSTOMER)).is_verified
    assert read(host, CUSTOMER, sign_context(secret, CUSTOMER)).is_verified
    drop_former_secret(host, host.account(1))
    assert read(host, CUSTOMER, sign_context(fresh, CUSTOMER)).is_verified
    assert not read(host, CUSTOMER, sign_context(secret, CUSTOMER)).is_verified
    assert not secret_facts(host, host.account(1)).has_former


def test_the_first_secret_has_no_former_one(host):
    assert not secret_facts(host, host.account(1)).is_there
    make_secret(host, host.account(1))
    assert not secret_facts(host, host.account(1)).has_former


def test_secrets_are_kept_sealed_and_nowhere_else(host, secret):
    assert secret not in repr(host.account(1))
    assert secret not in json.dumps(host.store.values)
