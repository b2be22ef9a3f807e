"""Promises of the kit for signatures: what is signed as the provider's pages say is taken, all else is refused, nothing is an error."""

import base64
import hmac
from datetime import UTC, datetime

import pytest

from tidings import BadSignature, WebhookRequest, signatures

AT = 1_700_000_000
BODY = '{"text": "Grüße 🙂"}'.encode()
SECRET = "a secret of ours"
KEY = b"a key of twenty-four byte"


def mac(data: bytes, key: bytes | str = SECRET) -> bytes:
    return hmac.new(key.encode() if isinstance(key, str) else key, data, "sha256").digest()


def request(headers: dict[str, str], body: bytes = BODY, at: int = AT) -> WebhookRequest:
    return WebhookRequest(
        "POST", "https://inbox.example.com/hooks/x", headers, {}, body, datetime.fromtimestamp(at, UTC)
    )


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def slack(stamp: object = AT, body: bytes = BODY) -> dict[str, str]:
    signature = mac(f"v0:{stamp}:".encode() + body).hex()
    return {"X-Slack-Request-Timestamp": str(stamp), "X-Slack-Signature": f"v0={signature}"}


def standard(stamp: object = AT, before: str = "", after: str = "") -> dict[str, str]:
    signature = b64(mac(f"msg_1.{stamp}.".encode() + BODY, KEY))
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(stamp),
        "webhook-signature": f"{before}v1,{signature}{after}",
    }


def github(secret: str, asked: WebhookRequest) -> None:
    signatures.verify_body(secret, asked, "x-hub-signature-256", prefix="sha256=")


SCHEMES = [
    (github, SECRET, {"X-Hub-Signature-256": "sha256=" + mac(BODY).hex()}),
    (signatures.verify_line, SECRET, {"X-Line-Signature": b64(mac(BODY))}),
    (signatures.verify_slack, SECRET, slack()),
    (signatures.verify_standard, "whsec_" + b64(KEY), standard()),
]
schemes = pytest.mark.parametrize(("verify", "secret", "headers"), SCHEMES, ids=["body", "line", "slack", "standard"])


@schemes
def test_what_is_signed_is_taken_however_the_headers_are_written(verify, secret, headers):
    verify(secret, request(headers))
    verify(secret, request({name.upper(): value for name, value in headers.items()}))


@schemes
def test_what_was_changed_is_refused(verify, secret, headers):
    for asked in (request(headers, BODY + b" "), request({}), request({}, b"")):
        with pytest.raises(BadSignature):
            verify(secret, asked)
    for other in ("", secret + "x", "whsec_" + b64(b"x" * 24)):
        with pytest.raises(BadSignature):
            verify(other, request(headers))


@schemes
@pytest.mark.parametrize(
    "odd", ["", " ", "é" * 64, "\udcff", "\x00", "v0=", "sha256=", "v1,", "a" * 100_000, "v1,é v1,\udc80"]
)
def test_an_odd_header_is_refused_and_never_an_error(verify, secret, headers, odd):
    for name in headers:
        if name != "webhook-id":
            with pytest.raises(BadSignature):
                verify(secret, request({**headers, name: odd}))


@pytest.mark.parametrize(
    ("verify", "secret", "sign"),
    [(signatures.verify_slack, SECRET, slack), (signatures.verify_standard, SCHEMES[3][1], standard)],
)
def test_a_signed_time_holds_for_five_minutes_either_way(verify, secret, sign):
    for away in (-300, 300):
        verify(secret, request(sign(AT + away)))
    for stamp in (AT - 301, AT + 301, "", "now", "1e9", "-1", "٣", "9" * 5000, f" {AT}"):
        with pytest.raises(BadSignature):
            verify(secret, request(sign(stamp)))


def test_one_of_several_signatures_is_enough():
    """While a secret is replaced, both sign."""
    for before, after in ((f"v1,{b64(b'0' * 32)} ", ""), ("", " v1a,abc"), ("v1,AAAA ", f" v1,{b64(b'1' * 32)}")):
        signatures.verify_standard("whsec_" + b64(KEY), request(standard(before=before, after=after)))


@pytest.mark.parametrize("secret", ["whsec_é", "whsec_%%%", "no base 64!"])
def test_a_secret_that_is_none_refuses_everything(secret):
    with pytest.raises(BadSignature):
        signatures.verify_standard(secret, request(standard()))


def test_a_body_is_signed_as_providers_do():
    assert signatures.sign_body(SECRET, BODY) == mac(BODY).hex()
    assert signatures.sign_body(KEY, BODY, encoding="base64") == b64(mac(BODY, KEY))
    assert signatures.sign_body(SECRET, BODY, algorithm="sha1") == hmac.new(SECRET.encode(), BODY, "sha1").hexdigest()


def test_texts_are_equal_when_they_are_the_same_and_there():
    assert signatures.is_equal("é\udcff", "é\udcff")
    assert not signatures.is_equal("a", "b")
    assert not signatures.is_equal("", "")


def test_a_standard_secret_without_a_key_lets_nothing_in():
    """Everybody can sign with an empty key."""
    signature = b64(mac(f"msg_1.{AT}.".encode() + BODY, b""))
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(AT), "webhook-signature": f"v1,{signature}"}
    with pytest.raises(BadSignature):
        signatures.verify_standard("whsec_", request(headers))
