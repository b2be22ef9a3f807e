"""Promises of a message on the page about whom it is from: said beside the sender, warned of above the text, asked before a file."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import Agent, Attachment
from app.services.core import writing
from tests.integration.core.mails import create_mail
from tests.integration.web.test_message_card import shown_about
from tests.unit.mime.authentication.zones import Signer

VOUCHED = "Authentication-Results: mx.desk.test; spf=pass; dmarc={} (p=reject) header.from=mail.example.org\n"
RECEIVED = "Received: from out.example.org (out.example.org [192.0.2.7]) by mx.desk.test with ESMTPS; Mon, 2 Mar 2026 08:56:00 +0000\n"


@pytest.fixture
def installation(installation, dns_server):
    return replace(installation, dns=dns_server.address)


def page_of(agent, receive_mail, raw):
    receive_mail(raw)
    return agent.get("/conversations/1").text


def with_file(name, content):
    lines = [
        "From: Ada Reader <ada@mail.example.org>", "To: help@example.com", "Subject: Invoice", "Message-ID: <f@mail.example.org>",
        'Content-Type: multipart/mixed; boundary="b"', "", "--b", "Content-Type: text/plain", "", "See the file.", "--b",
        f'Content-Type: image/png\nContent-Disposition: attachment; filename="{name}"', "", content, "--b--", "",
    ]  # fmt: skip
    return "\n".join(lines)


def test_a_sender_whose_domain_vouches_has_a_mark(agent, receive_mail):
    page = page_of(agent, receive_mail, VOUCHED.format("pass") + RECEIVED + create_mail())

    assert "Verified: mail.example.org" in page
    assert "SPF: passed; DMARC: passed" in shown_about(page)
    assert "mx.desk.test" in shown_about(page)
    assert "message-warnings" not in page


def test_a_sender_whom_nobody_checked_has_none(agent, receive_mail):
    page = page_of(agent, receive_mail, create_mail())

    assert "Verified:" not in page
    assert "Not verified" not in page
    assert "Checks of the sender" not in page


def test_a_forged_sender_is_warned_of_above_the_text(agent, receive_mail):
    page = page_of(agent, receive_mail, VOUCHED.format("fail") + RECEIVED + create_mail())

    assert "Not verified" in page
    assert page.index("mail.example.org says that this message does not come from it.") < page.index(
        "where is order 1047"
    )
    assert "DMARC: failed" in shown_about(page)
    assert "to refuse it" in shown_about(page)


def test_a_changed_signed_mail_is_warned_of(agent, receive_mail, dns_server):
    """Nobody wrote down what they found: it is found out here."""
    signer = Signer("mail.example.org")
    dns_server.put_all(signer.records.items())
    dns_server.put("_dmarc.mail.example.org", "TXT", "v=DMARC1; p=quarantine")
    signed = signer.signed(create_mail().replace("\n", "\r\n").encode()).replace(b"order 1047", b"order 9999")

    page = page_of(agent, receive_mail, RECEIVED.replace("\n", "\r\n").encode() + signed)

    assert "Not verified" in page
    assert "DKIM: failed" in shown_about(page)
    assert ("_dmarc.mail.example.org", "TXT") in dns_server.questions


@pytest.mark.parametrize("language", ["en", "de"])
def test_names_in_a_warning_are_never_markup(core, agent, receive_mail, language):
    with writing(core) as unit:
        unit.session.get_one(Agent, agent.agent_id).language = language
    page = page_of(agent, receive_mail, create_mail(sender='"<b>ada@bank.test</b> %(address)s" <x@evil.test>'))
    box = re.search(r'<div class="message-warnings".*?</div>', page, re.DOTALL)[0]

    assert "ada@bank.test" in box
    assert "<b>" not in box


def test_a_dangerous_file_is_asked_about_first(core, agent, receive_mail):
    page = page_of(agent, receive_mail, with_file("photo.png.exe", "MZ"))
    file_id = core.session.scalars(select(Attachment.id)).one()
    core.session.rollback()
    asked = agent.get(f"/attachments/{file_id}")

    assert "Opening a file of this message may do harm: photo.png.exe" in page
    assert "May do harm" in page
    assert f"/attachments/{file_id}?inline=1" not in page
    assert asked.content_type.startswith("text/html")
    assert "its name pretends otherwise" in asked.text
    assert "/conversations/1#message-" in asked.text
    assert agent.get(f"/attachments/{file_id}?inline=1").content_type.startswith("text/html")


def test_a_dangerous_file_is_handed_out_to_who_insists(core, agent, receive_mail):
    receive_mail(with_file("run.sh", "#!/bin/sh"))
    file_id = core.session.scalars(select(Attachment.id)).one()
    core.session.rollback()
    answer = agent.post(f"/attachments/{file_id}")

    assert answer.data.strip() == b"#!/bin/sh"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"
    assert agent.post(f"/attachments/{file_id}", csrf=False).status_code == 400


def test_other_files_are_handed_out_at_once(core, agent, receive_mail):
    page = page_of(agent, receive_mail, with_file("notes.txt", "hello"))
    file_id = core.session.scalars(select(Attachment.id)).one()
    core.session.rollback()

    assert "May do harm" not in page
    assert agent.get(f"/attachments/{file_id}").data.strip() == b"hello"
