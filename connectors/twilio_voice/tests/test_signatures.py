"""What Twilio signed passes, and nothing else does. Signatures are made by the formula of its documentation, beside its library."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from connectors.twilio_voice import is_signed, signature_of

TOKEN = "token-of-the-tests"
URL = "https://inbox.example.com/hooks/voip/7?step=menu"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
FIELDS = {"From": "+491715550001", "Body": "Grüße & = + 🙂", "Empty": "", "CallSid": "CA1"}


def made(text: str) -> str:
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()


def check(**changed: object) -> bool:
    signed = URL + "".join(name + value for name, value in sorted(FIELDS.items()))
    asked = {"url": URL, "content_type": FORM, "body": urlencode(FIELDS).encode(), "signature": made(signed), **changed}
    return is_signed(TOKEN, **asked)  # type: ignore[arg-type]


def test_a_form_signed_by_twilio_passes() -> None:
    assert check()


@pytest.mark.parametrize(
    "changed",
    [
        {"url": URL.replace("menu", "wait")},
        {"url": URL.replace("/7", "/8")},
        {"body": urlencode({**FIELDS, "Body": "Something else"}).encode()},
        {"body": urlencode({**FIELDS, "Extra": "1"}).encode()},
        {"body": b""},
        {"content_type": "application/json"},
        {"content_type": ""},
        {"signature": ""},
        {"signature": "ü"},
        {"signature": "AAAA"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed: dict[str, object]) -> None:
    assert not check(**changed)


def test_no_token_signs_nothing() -> None:
    assert not is_signed("", url=URL, content_type=FORM, body=b"", signature=made(URL))


def test_a_body_that_is_no_form_is_bound_by_its_digest() -> None:
    body = '{"text": "Grüße"}'.encode()
    url = f"{URL}&bodySHA256={hashlib.sha256(body).hexdigest()}"
    asked = {"url": url, "content_type": "application/json", "signature": made(url)}
    assert is_signed(TOKEN, body=body, **asked)
    assert not is_signed(TOKEN, body=body + b" ", **asked)


def test_a_body_without_its_digest_is_refused_although_the_address_is_signed() -> None:
    assert not is_signed(TOKEN, url=URL, content_type="application/json", body=b"{}", signature=made(URL))


def test_an_address_with_a_port_passes_with_and_without_it() -> None:
    signed = made("https://inbox.example.com/hooks")
    assert is_signed(TOKEN, url="https://inbox.example.com:443/hooks", content_type="", body=b"", signature=signed)


def test_our_own_signature_is_twilios() -> None:
    body = urlencode(FIELDS).encode()
    assert check(signature=signature_of(TOKEN, url=URL, content_type=FORM, body=body))
