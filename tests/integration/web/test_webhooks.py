"""Promises to providers: what is signed is stored before it is answered; what is not is refused and nothing of it kept."""

import hashlib
import hmac
import json

import pytest
from sqlalchemy import func, select

from app.models import Conversation, EventState, InboundEvent
from app.plugin_api.errors import UnsupportedEvent
from app.services import accounts
from app.services.core import SYSTEM, Core
from app.services.diagnostics import account_diagnostics
from app.services.intake import process_event

SECRET = "a long shared secret"
BODY = json.dumps({"id": "m1", "from": "ada", "name": "Ada", "text": "Hello"}).encode()


@pytest.fixture
def account_id(core):
    return accounts.create_account(
        core, SYSTEM, plugin="echo", name="Echo", settings={"prefix": ""}, secrets={"shared_secret": SECRET}
    )


def stored(core: Core) -> int:
    return core.session.scalar(select(func.count()).select_from(InboundEvent))


def signed(core, body: bytes, secret: str = SECRET) -> dict[str, str]:
    at = str(int(core.clock.now().timestamp()))
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Echo-Time": at, "X-Echo-Signature": digest, "Content-Type": "application/json"}


def test_a_signed_request_is_stored_and_answered(visitor, core, account_id):
    answer = visitor.post(f"/hooks/echo/{account_id}", BODY, headers=signed(core, BODY))

    assert answer.status_code == 202
    event = core.session.scalar(select(InboundEvent))
    assert event.state == EventState.RECEIVED
    assert core.files.get(event.payload_sha256) == BODY
    process_event(core, event.id)
    assert core.session.scalar(select(func.count()).select_from(Conversation)) == 1


def test_the_bytes_are_kept_as_they_came_whatever_they_claim_to_be(visitor, core, account_id):
    body = b"From=%2B1555&Body=caf%C3%A9&x"
    headers = {**signed(core, body), "Content-Type": "application/x-www-form-urlencoded"}

    assert visitor.post(f"/hooks/echo/{account_id}", body, headers=headers).status_code == 202
    assert core.files.get(core.session.scalar(select(InboundEvent.payload_sha256))) == body


@pytest.mark.parametrize("secret", ["another secret than the right one", ""])
def test_a_request_with_a_wrong_signature_is_refused_and_not_kept(visitor, core, account_id, secret):
    answer = visitor.post(f"/hooks/echo/{account_id}", BODY, headers=signed(core, BODY, secret))

    assert answer.status_code == 403
    assert stored(core) == 0


def test_a_request_without_a_signature_is_refused(visitor, core, account_id):
    assert visitor.post(f"/hooks/echo/{account_id}", BODY).status_code == 403
    assert stored(core) == 0


def test_an_address_that_is_no_account_of_the_plugin_is_not_there(visitor, core, account_id):
    for address in ("/hooks/echo/99", f"/hooks/mailbox/{account_id}", f"/hooks/nobody/{account_id}"):
        assert visitor.post(address, BODY, headers=signed(core, BODY)).status_code == 404


def test_a_body_that_is_too_large_is_refused(visitor, core, account_id, monkeypatch):
    monkeypatch.setattr("app.web.webhooks.LARGEST_BODY", 1000)
    body = b"x" * 1001
    answer = visitor.post(f"/hooks/echo/{account_id}", body, headers=signed(core, body))

    assert answer.status_code == 413
    assert stored(core) == 0


def test_a_paused_account_asks_the_provider_to_come_again(visitor, core, account_id):
    accounts.pause_account(core, SYSTEM, account_id)
    answer = visitor.post(f"/hooks/echo/{account_id}", BODY, headers=signed(core, BODY))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3600")
    assert stored(core) == 0


def test_what_was_signed_but_cannot_be_read_waits_in_the_undelivered_tray(visitor, core, account_id, admin):
    body = b"\x00 not json"
    visitor.post(f"/hooks/echo/{account_id}", body, headers=signed(core, body))
    process_event(core, core.session.scalar(select(InboundEvent.id)))

    page = admin.get("/undelivered")
    assert "Echo" in page.text
    assert core.session.scalar(select(InboundEvent.state)) == EventState.UNDELIVERED


def test_what_the_channel_leaves_alone_is_answered_and_counted(visitor, core, account_id, monkeypatch):
    def leave_alone(*_: object) -> None:
        raise UnsupportedEvent("Somebody is typing.")

    monkeypatch.setattr(type(core.plugins.channels["echo"]), "receive_webhook", leave_alone)
    for _ in range(2):
        assert visitor.post(f"/hooks/echo/{account_id}", BODY, headers=signed(core, BODY)).status_code == 200
    assert stored(core) == 0
    assert account_diagnostics(core, SYSTEM, account_id)["event_counts"] == {"left_alone": 2}
    assert not any(r.failures for r in core.plugins.health_of("echo"))


def test_a_plugin_that_fails_on_a_request_is_counted_and_the_process_lives(visitor, core, account_id, monkeypatch):
    channel = core.plugins.channels["echo"]
    monkeypatch.setattr(type(channel), "verify_webhook", lambda *_: 1 / 0)
    answer = visitor.post(f"/hooks/echo/{account_id}", BODY, headers=signed(core, BODY))

    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert any(r.failures for r in core.plugins.health_of("echo") if r.hook == "webhook")
    assert visitor.get("/healthz").status_code == 200
