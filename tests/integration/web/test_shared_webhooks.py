"""Promises to providers that know one address for all accounts: what is signed is stored for the right accounts before it is answered."""

import json

import pytest
from sqlalchemy import func, select

from app.models import ChannelAccount, Conversation, InboundEvent, Message
from app.plugin_api.errors import Temporary, UnsupportedEvent
from app.plugin_api.messages import AccountEvent, RawEvent, SharedWebhookReply
from app.services import accounts
from app.services.core import SYSTEM
from app.services.intake import process_event
from app.services.journal import due_events
from tests.integration.web.courier import APP_SECRET
from tests.integration.web.visitor import counted_queries
from tidings import signatures

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def offices(core, courier):
    """Two accounts of the plugin, and one of another."""
    for name in ("ulm", "bonn"):
        accounts.create_account(
            core, SYSTEM, plugin="courier", name=name, settings={"office": name}, secrets={"token": "token"}
        )
    accounts.create_account(
        core, SYSTEM, plugin="echo", name="Echo", settings={"prefix": ""}, secrets={"shared_secret": "x" * 20}
    )


def body_of(*parcels: tuple[str, str]) -> bytes:
    return json.dumps({"parcels": [{"office": o, "id": i, "text": f"Parcel {i}"} for o, i in parcels]}).encode()


def post(visitor, body: bytes, secret: str = APP_SECRET):
    return visitor.post("/hooks/courier", body, headers={"X-Courier-Signature": f"sha256={_mac(secret, body)}"})


def _mac(secret: str, body: bytes) -> str:
    return signatures.sign_body(secret or "none", body)


def stored(core) -> list[tuple[int, str | None]]:
    rows = core.session.execute(select(InboundEvent.account_id, InboundEvent.source_key).order_by(InboundEvent.id))
    return [tuple(one) for one in rows]


def test_each_event_is_stored_for_its_account_and_processed_by_the_worker(visitor, core, offices):
    answer = post(visitor, body_of(("bonn", "1"), ("ulm", "2"), ("bonn", "3"), ("nowhere", "4")))

    assert answer.status_code == 200
    assert sorted(stored(core)) == [(1, "2"), (2, "1"), (2, "3")]
    assert core.session.scalar(select(func.count()).select_from(Conversation)) == 0, (
        "the provider does not wait for that"
    )
    for event_id in due_events(core):
        process_event(core, event_id)
    assert core.session.scalar(select(func.count()).select_from(Message)) == 3
    assert core.session.get_one(ChannelAccount, 2).received_at is not None


@on_sqlite
def test_all_events_are_stored_in_one_transaction(visitor, core, tidings_app, offices):
    with counted_queries(tidings_app) as statements:
        post(visitor, body_of(*((("ulm", "bonn")[n % 2], f"n{n}") for n in range(40))))
    about_events = [one for one in statements if "inbound_event" in one]
    about_accounts = [one for one in statements if "channel_account" in one]
    assert len(about_events) == 40, "more than one statement for each event"
    assert len(about_accounts) < 8, "accounts are read again and again"


@on_sqlite
def test_what_came_before_is_stored_once(visitor, core, offices):
    for _ in range(2):
        assert post(visitor, body_of(("ulm", "1"), ("ulm", "1"))).status_code == 200
    assert stored(core) == [(1, "1")]


@on_sqlite
def test_what_is_for_a_paused_account_is_kept(visitor, core, offices):
    accounts.pause_account(core, SYSTEM, 1)
    assert post(visitor, body_of(("ulm", "1"), ("bonn", "2"))).status_code == 200
    for event_id in due_events(core):
        process_event(core, event_id)
    assert sorted(core.session.scalars(select(Message.account_id))) == [1, 2]


@on_sqlite
@pytest.mark.parametrize("secret", ["another secret", ""])
def test_a_request_with_a_wrong_signature_is_refused(visitor, core, offices, secret):
    assert post(visitor, body_of(("ulm", "1")), secret).status_code == 403
    assert visitor.post("/hooks/courier", body_of(("ulm", "1"))).status_code == 403
    assert stored(core) == []


@on_sqlite
def test_a_challenge_is_answered(visitor, offices):
    signed = {"X-Courier-Signature": f"sha256={_mac(APP_SECRET, b'')}"}
    answer = visitor.get("/hooks/courier?challenge=12345", headers=signed)
    assert (answer.status_code, answer.text) == (200, "12345")


@on_sqlite
def test_only_channels_with_one_address_for_all_have_it(visitor, offices):
    for name in ("echo", "nobody", "mailbox"):
        assert visitor.post(f"/hooks/{name}", b"{}").status_code == 404


@on_sqlite
def test_a_body_that_is_too_large_is_refused(visitor, core, offices, monkeypatch):
    monkeypatch.setattr("app.web.webhooks.LARGEST_BODY", 1000)
    assert post(visitor, b"x" * 1001).status_code == 413


@on_sqlite
def test_what_cannot_be_read_waits_in_the_undelivered_tray(visitor, core, offices, admin):
    assert post(visitor, b"\x00 no parcels").status_code == 200
    assert [account_id for account_id, _ in stored(core)] == [1]
    for event_id in due_events(core):
        process_event(core, event_id)
    assert "these are no parcels" in admin.get("/undelivered").text


@on_sqlite
@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (
            SharedWebhookReply(
                (AccountEvent(1, RawEvent(b"mine")), AccountEvent(3, RawEvent(b"of another"))),
            ),
            500,
        ),
        (SharedWebhookReply((AccountEvent(99, RawEvent(b"of nobody")),)), 500),
        (SharedWebhookReply((RawEvent(b"no account"),)), 500),
        (None, 500),
        (UnsupportedEvent("somebody is typing"), 200),
        (Temporary("the provider sleeps"), 503),
    ],
)
def test_what_a_plugin_must_not_answer_is_its_fault_and_nothing_is_kept(
    visitor, core, offices, monkeypatch, reply, status
):
    def answer(self, request):
        if isinstance(reply, Exception):
            raise reply
        return reply

    monkeypatch.setattr(type(core.plugins.channels["courier"]), "receive_shared_webhook", answer)
    assert post(visitor, body_of(("ulm", "1"))).status_code == status
    assert stored(core) == []
    faults = sum(r.failures for r in core.plugins.health_of("courier") if r.hook == "webhook")
    assert faults == (status == 500)


@on_sqlite
def test_the_page_of_an_account_says_where_the_provider_posts_to(admin, core, offices):
    page = admin.get("/accounts/1").text
    assert f'value="{core.config.address}/hooks/courier"' in page
    assert "/hooks/courier/1" not in page
