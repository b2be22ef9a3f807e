"""What keeps spam and harm out of forms, through the whole installation."""

import io
import json
import re

import altcha
import pytest
from sqlalchemy import select

from app.models import Activity, Attachment, Conversation, Direction, Message, PluginValue
from app.services import accounts
from app.services.core import SYSTEM
from app.services.intake import process_event
from app.services.journal import due_events
from plugins.webform.guarding import proof
from tests.integration.web.conftest import agent, sign_in, visitor  # noqa: F401 - fixtures are found by name

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ADA = {"name": "Ada", "email": "ada@example.com", "message": "Where is my order?"}


def path_of(core, **settings: object) -> str:
    """The page of a new form with these settings."""
    form = accounts.create_account(
        core, SYSTEM, plugin="webform", name="Website", settings=settings, secrets={}, is_tested=False
    )
    row = core.session.query(PluginValue).filter_by(plugin="webform", key=f"account:{form}").one()
    return f"/plugins/webform/f/{row.value}"


def submit(visitor, path, clock, values=ADA, token="", **more):  # noqa: F811
    """Type for a while and post as a program does; gives what was answered."""
    token = token or visitor.get(f"{path}/form.json").json["token"]
    clock.advance(seconds=30)
    body = json.dumps({**values, **more, "token": token}).encode()
    return visitor.post(f"{path}/submit", body, headers={"Content-Type": "application/json"}).json


def work(core) -> list[Conversation]:
    for event_id in due_events(core):
        process_event(core, event_id)
    core.session.rollback()
    return list(core.session.scalars(select(Conversation).order_by(Conversation.id)))


def test_a_message_waits_until_its_address_is_confirmed(core, visitor, clock, create_account):  # noqa: F811
    create_account("mailbox", address="help@example.com")
    path = path_of(core, verifies_email=True)
    assert submit(visitor, path, clock)["ok"]
    (conversation,) = work(core)
    assert conversation.status == "spam"
    (mail,) = core.session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND))
    link = re.search(r"https?://[^/\s]+(/plugins/webform/confirm/\S+)", mail.text)[1]
    page = visitor.get(link)
    assert page.status_code == 200
    assert work(core)[0].status == "spam"
    assert visitor.post(link, {}, csrf=False).status_code == 200
    assert work(core)[0].status == "open"
    assert visitor.post(link, {}, csrf=False).status_code == 200
    assert core.session.scalars(select(Activity.id).where(Activity.conversation_id == conversation.id)).all()


def test_proof_of_work_is_asked_for_and_counts(core, visitor, clock, monkeypatch):  # noqa: F811
    monkeypatch.setattr(proof, "COST", 50)
    path = path_of(core, proof="always")
    challenge = altcha.Challenge.from_dict(visitor.get(f"{path}/challenge").json)
    solution = altcha.Payload(challenge, altcha.solve_challenge(challenge)).to_base64()
    assert submit(visitor, path, clock, proof=solution)["ok"]
    again = submit(visitor, path, clock, {**ADA, "message": "And my other order?"}, proof=solution)
    assert again["reason"] == "unproven"
    assert submit(visitor, path, clock, {**ADA, "message": "And my other order?"}, token=again["token"])["ok"]
    assert [one.status for one in work(core)] == ["open", "open"]


def test_an_attack_is_told_to_admins(core, visitor, agent, clock):  # noqa: F811
    path = path_of(core)
    for _ in range(30):
        assert visitor.post(path, {**ADA, "token": "forged"}, csrf=False).status_code in (422, 429)
    assert "Proof of work is on since" in agent.get("/dashboard").text
    clock.advance(hours=2)
    assert "Proof of work is on since" not in agent.get("/dashboard").text


def test_a_page_as_picture_is_refused_and_a_picture_goes_out_as_a_download(core, visitor, agent, clock):  # noqa: F811
    path = path_of(core)
    token = visitor.get(f"{path}/form.json").json["token"]
    clock.advance(seconds=30)
    page = {**ADA, "token": token, "files": (io.BytesIO(b"<html><script>alert(1)</script>"), "cat.png")}
    answer = visitor.post(f"{path}/submit", page, csrf=False)
    assert answer.status_code == 422
    assert "web page" in answer.json["fields"]["files"]
    fine = {**ADA, "token": token, "files": (io.BytesIO(b"plain words"), "note.html.txt")}
    assert visitor.post(f"{path}/submit", fine, csrf=False).json["ok"]
    work(core)
    file_id = core.session.scalars(select(Attachment.id)).one()
    answer = agent.get(f"/attachments/{file_id}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
