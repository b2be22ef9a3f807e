"""Which pushes are believed, and what they say."""

from __future__ import annotations

import base64
import json
import threading
import time
from typing import Any

import pytest
import requests

from connectors.errors import Unavailable
from connectors.gmail import BadPushToken, GoogleCertificates, Notification, PushVerifier, pushes, read_notification
from connectors.transport import ProviderSession

AUDIENCE = "https://inbox.example.test/webhooks/gmail/7"
SIGNER = "pushes@project.example.test"


class Seconds:
    """A clock that stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def verifier(fake_gmail: Any, seconds: Seconds) -> PushVerifier:
    certificates = GoogleCertificates(f"{fake_gmail.address}/oauth2/v1/certs", seconds=seconds)
    return PushVerifier(certificates, audience=AUDIENCE, service_account=SIGNER)


def test_push_from_google_is_believed(fake_gmail: Any, verifier: PushVerifier, session: ProviderSession) -> None:
    claims = verifier.verify(f"Bearer {fake_gmail.office.push_token(AUDIENCE)}", session)

    assert claims["email"] == SIGNER


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://somebody.example.com/else"},
        {"iss": "https://evil.example.com"},
        {"email": "somebody@else.example.com"},
        {"email_verified": False},
        {"exp": int(time.time()) - 600, "iat": int(time.time()) - 4200},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
        {"exp": "never"},
    ],
    ids=lambda claims: next(iter(claims)),
)
def test_push_with_a_wrong_claim_is_not_believed(
    fake_gmail: Any, verifier: PushVerifier, session: ProviderSession, claims: dict[str, object]
) -> None:
    with pytest.raises(BadPushToken):
        verifier.verify(f"Bearer {fake_gmail.office.push_token(AUDIENCE, **claims)}", session)


def _without_signature(token: str) -> str:
    return token.rpartition(".")[0] + "."


def _with_other_claims(token: str) -> str:
    header, _, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"aud": AUDIENCE, "exp": 9e9}).encode()).decode().rstrip("=")
    return f"{header}.{forged}.{signature}"


def _without_algorithm(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none","kid":"google-key"}').decode().rstrip("=")
    return ".".join([header, *token.split(".")[1:]])


@pytest.mark.parametrize("change", [_without_signature, _with_other_claims, _without_algorithm])
def test_forged_push_is_not_believed(
    fake_gmail: Any, verifier: PushVerifier, session: ProviderSession, change: Any
) -> None:
    with pytest.raises(BadPushToken):
        verifier.verify(f"Bearer {change(fake_gmail.office.push_token(AUDIENCE))}", session)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b.c", "Bearer é", "Bearer e30.e30.x"]
)
def test_push_without_a_proper_token_is_not_believed(
    verifier: PushVerifier, session: ProviderSession, header: str
) -> None:
    with pytest.raises(BadPushToken):
        verifier.verify(header, session)


def test_key_of_somebody_else_is_not_believed(
    fake_gmail: Any, verifier: PushVerifier, session: ProviderSession
) -> None:
    now = int(time.time())
    own = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "iat": now, "exp": now + 60, "email": SIGNER}

    with pytest.raises(BadPushToken, match="not Google's"):
        verifier.verify(f"Bearer {fake_gmail.office.service_key.sign(own)}", session)


def test_certificates_are_fetched_once(
    fake_gmail: Any, verifier: PushVerifier, session: ProviderSession, seconds: Seconds
) -> None:
    header = f"Bearer {fake_gmail.office.push_token(AUDIENCE)}"
    for _ in range(3):
        verifier.verify(header, session)
    assert len(fake_gmail.asked) == 1

    seconds.now += 20_001
    verifier.verify(header, session)
    assert len(fake_gmail.asked) == 2


def test_unknown_keys_do_not_fetch_certificates_each_time(
    fake_gmail: Any, verifier: PushVerifier, session: ProviderSession, seconds: Seconds
) -> None:
    strange = f"Bearer {fake_gmail.office.service_key.sign({'aud': AUDIENCE})}"
    for _ in range(5):
        with pytest.raises(BadPushToken):
            verifier.verify(strange, session)
    assert len(fake_gmail.asked) == 1

    seconds.now += 61
    with pytest.raises(BadPushToken):
        verifier.verify(strange, session)
    assert len(fake_gmail.asked) == 2


@pytest.mark.parametrize("fault", ["server_trouble", "garbage", "cut_connection"])
def test_certificates_that_cannot_be_had_are_unavailable(
    fake_gmail: Any, verifier: PushVerifier, seconds: Seconds, fault: str
) -> None:
    header = f"Bearer {fake_gmail.office.push_token(AUDIENCE)}"

    with requests.Session() as session:
        with fake_gmail.fault(fault), pytest.raises(Unavailable):
            verifier.verify(header, session)
        seconds.now += 6
        assert verifier.verify(header, session)


def test_certificates_that_cannot_be_had_are_not_asked_for_by_every_token(
    fake_gmail: Any, verifier: PushVerifier, seconds: Seconds
) -> None:
    """Anybody can post tokens, and each request would hold a thread of the server."""
    strange = f"Bearer {fake_gmail.office.service_key.sign({'aud': AUDIENCE})}"
    with requests.Session() as session, fake_gmail.fault("server_trouble"):
        for _ in range(5):
            with pytest.raises(Unavailable):
                verifier.verify(strange, session)
    assert len(fake_gmail.asked) == 1


def test_no_push_waits_long_for_another_that_fetches_certificates(
    fake_gmail: Any, seconds: Seconds, session: ProviderSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushes, "PATIENCE_S", 0.05)
    certificates = GoogleCertificates(f"{fake_gmail.address}/oauth2/v1/certs", seconds=seconds)
    begun, done = threading.Event(), threading.Event()

    class Slow:
        def request(self, *arguments: Any) -> requests.Response:
            begun.set()
            done.wait(10)
            return session.request(*arguments)

    first = threading.Thread(target=certificates.with_key, args=("google-key", Slow()))
    first.start()
    begun.wait(10)
    with pytest.raises(Unavailable):
        certificates.with_key("google-key", session)
    done.set()
    first.join(10)
    assert "google-key" in certificates.with_key("google-key", session)


def test_verifier_needs_an_audience() -> None:
    with pytest.raises(ValueError, match="audience"):
        PushVerifier(GoogleCertificates(), audience="")


def _push(data: object) -> bytes:
    encoded = base64.b64encode(json.dumps(data).encode()).decode()
    return json.dumps(
        {"message": {"data": encoded, "messageId": "42"}, "subscription": "projects/p/subscriptions/s"}
    ).encode()


def test_notification_is_read() -> None:
    read = read_notification(_push({"emailAddress": "support@example.test", "historyId": 9876543210}))

    assert read == Notification("support@example.test", "9876543210", "42", "projects/p/subscriptions/s")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"message": {"data": "%%%"}}', b'{"message": 3}', _push([]), _push({"emailAddress": "a@b"})],
)
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="no announcement"):
        read_notification(body)
