"""Promises of the dashboard, the contacts, the Undelivered tray and of answers that are not pages."""

import re

import pytest
from sqlalchemy import select

from app.models import Contact, DeliveryState, EventState, InboundEvent, Message
from app.services.core import writing
from tests.integration.core.mails import create_mail


def test_the_dashboard_counts_what_there_is(agent, receive_mail, clock):
    receive_mail(create_mail())
    receive_mail(create_mail(message_id="b@x.example", sender="ben@x.example", subject="Second"))
    agent.post("/conversations/2/change", {"action": "assign_me"})
    page = agent.get("/dashboard").text
    tiles = dict(re.findall(r'class="label">([^<]+)</span><span class="value">([^<]+)<', page))

    assert (tiles["Open"], tiles["Unassigned"], tiles["Yours"]) == ("2", "1", "1")
    assert "<td>2</td><td>0</td>" in page
    assert page.index("Where is my order?") < page.index("Second")


def test_answers_that_left_are_counted_per_day(agent, core, clock, conversation):
    agent.post("/conversations/1/reply", {"body": "Yes."})
    assert "<td>1</td><td>0</td>" in agent.get("/dashboard").text

    with writing(core) as unit:
        message = unit.session.scalars(select(Message).where(Message.direction == "outbound")).one()
        message.delivery_state, message.sent_at = DeliveryState.SENT, clock.now()
    assert "<td>1</td><td>1</td>" in agent.get("/dashboard").text


def test_contacts_are_found_by_name_and_address(agent, receive_mail):
    receive_mail(create_mail(sender="Cleo Marsh <cleo@mail.example.org>"))
    receive_mail(create_mail(message_id="b@x.example", sender="nameless@x.example"))

    assert "nameless@x.example" in agent.get("/contacts").text
    for query in ("marsh", "cleo@mail", "CLEO"):
        page = agent.get("/contacts", query_string={"q": query}).text
        assert "Cleo Marsh" in page
        assert "nameless" not in page
    assert "Nobody found" in agent.get("/contacts?q=zzz").text


def test_a_contact_shows_conversations_and_takes_a_note(agent, core, conversation):
    page = agent.get("/contacts/1").text
    assert "Where is my order?" in page
    agent.post(
        "/contacts/1", {"name": "Cleo M.", "company": "Marsh & Co", "phone": "+44 20 7946 0000", "about": "Likes lamps"}
    )

    contact = core.session.scalar(select(Contact))
    assert (contact.name, contact.company, contact.about) == ("Cleo M.", "Marsh & Co", "Likes lamps")
    assert contact.phone == "+44 20 7946 0000"
    assert 'value="+44 20 7946 0000"' in agent.get("/contacts/1").text
    card = agent.get("/conversations/1").text
    assert "Likes lamps" in card
    assert "Marsh &amp; Co · +44 20 7946 0000" in card
    assert agent.get("/contacts/99").status_code == 404


def test_what_cannot_be_read_waits_in_the_tray_with_its_reason(sign_in, receive_mail, core):
    lead = sign_in("Lea", role="lead")
    receive_mail(b"")
    event_id = core.session.scalar(select(InboundEvent.id))
    reason = core.session.scalar(select(InboundEvent.reason))

    assert reason in lead.get("/undelivered").text
    assert reason in lead.get(f"/undelivered/{event_id}").text
    raw = lead.get(f"/undelivered/{event_id}/raw")
    assert raw.headers["Content-Disposition"].startswith("attachment")


def test_the_tray_is_for_leads(agent, receive_mail, core):
    receive_mail(b"")

    for address in ("/undelivered", "/undelivered/1", "/undelivered/1/raw"):
        assert agent.get(address).status_code == 403
    agent.post("/undelivered/1/discard")
    assert core.session.scalar(select(InboundEvent.state)) == EventState.UNDELIVERED


def test_trying_again_says_what_became_of_it(sign_in, receive_mail, core):
    lead = sign_in("Lea", role="lead")
    receive_mail(b"")
    answer = lead.post("/undelivered/1/retry", follow_redirects=True)
    assert "still cannot be processed" in answer.text
    lead.post("/undelivered/1/discard")

    assert core.session.scalar(select(InboundEvent.state)) == EventState.DISCARDED
    assert "Somebody has dealt with it already" in lead.post("/undelivered/1/discard", follow_redirects=True).text


def test_a_mail_full_of_nul_bytes_is_shown_safely(sign_in, receive_mail):
    lead = sign_in("Lea", role="lead")
    receive_mail(b"\x00" * 5000 + b"<script>x</script>")
    page = lead.get("/undelivered/1").text

    assert "<script>x" not in page
    assert "\x00" not in page


@pytest.mark.parametrize("address", ["/", "/login", "/conversations/1", "/nowhere", "/healthz"])
def test_every_answer_carries_the_headers(agent, conversation, address):
    headers = agent.get(address).headers

    assert "script-src 'self';" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_has_inline_scripts_or_styles(admin, conversation):
    for address in (
        "/",
        "/conversations/1",
        "/dashboard",
        "/accounts",
        "/accounts/connect/mailbox",
        "/people",
        "/profile",
        "/settings/plugins",
    ):
        page = admin.get(address).text
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", page), address


def test_an_unexpected_failure_shows_a_reference_and_no_traceback(agent, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("inner secret")

    monkeypatch.setattr("app.web.pages.dashboard.dashboard_numbers", fail)
    agent.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = agent.get("/dashboard")

    assert answer.status_code == 500
    assert "inner secret" not in answer.text
    assert "Traceback" not in answer.text
    reference = re.search(r"For the administrator: ([0-9a-f]{8})", answer.text)[1]
    assert any(reference in record.getMessage() for record in caplog.records)


def test_scripts_get_json_when_they_ask_for_it(agent):
    answer = agent.get("/conversations/99", headers={"Accept": "application/json"})

    assert answer.status_code == 404
    assert answer.json == {"error": "There is no conversation with the number 99."}


def test_assets_are_kept_for_ever_by_browsers(agent):
    page = agent.get("/").text
    asset = agent.get(re.search(r'<link rel="stylesheet" href="([^"]+)"', page)[1])

    assert asset.status_code == 200
    assert "max-age=31536000" in asset.headers["Cache-Control"]
