"""Promises of a message on the page: what is worth knowing about it can be unfolded, and a fold says what it holds."""

import re

import pytest

from app.languages import gettext
from app.models import Agent
from app.services.core import writing
from app.services.intake import receive
from forms.definitions import Answer, Becomes, Kind
from plugins.webform.visiting.submission import Submission, encode
from tests.integration.core.mails import create_mail

QUOTE = "On Mon, 2 Mar 2026 Help <help@example.com> wrote:\n> Which order is it?\n> Ida"
LONG_SIGNATURE = "-- \nAda Reader\nHead of Reading\nReaders Ltd\n1 Book Street\nhttps://readers.example.org"


def shown_about(page: str) -> str:
    """The text of the first unfolded box, without markup."""
    box = page.split('<div class="about-box">')[1].split("</details>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", box).split())


def test_a_message_says_from_whom_to_whom_and_why_it_is_here(agent, receive_mail):
    receive_mail(
        create_mail(sender="Cleo <cleo@mail.example.org>", to="help@example.com", Cc="Ben <ben@mail.example.org>")
    )

    about = shown_about(agent.get("/conversations/1").text)
    assert "Cleo &lt;cleo@mail.example.org&gt;" in about
    assert "Ben &lt;ben@mail.example.org&gt;" in about
    assert "Opened this conversation" in about


def test_an_answer_says_that_it_joined_by_what_it_answers(agent, receive_mail):
    receive_mail(create_mail(message_id="one@mail.example.org"))
    receive_mail(
        create_mail(message_id="two@mail.example.org", In_Reply_To="<one@mail.example.org>", body="And one more thing.")
    )

    assert "Here because it answers a message of this conversation" in agent.get("/conversations/1").text


def test_facts_of_the_channel_are_shown_and_only_whole_addresses_become_links(agent, core, create_account, clock):
    account_id = create_account("webform", name="Website", settings={})
    submission = Submission(
        nonce="n1",
        received_at=clock.now(),
        values={"name": "Ada", "email": "ada@example.com", "message": "Hello"},
        context={"page": "https://shop.test/contact", "language": "javascript:alert(1)"},
    )
    receive(core, account_id, encode(submission))

    page = agent.get("/conversations/1").text
    assert '<a href="https://shop.test/contact" target="_blank" rel="noopener noreferrer nofollow">' in page
    assert "javascript:alert(1)" in shown_about(page)
    assert 'href="javascript' not in page


def test_answers_to_the_questions_of_a_form_stand_below_the_text(agent, core, create_account, clock):
    account_id = create_account("webform", name="Website", settings={})
    answers = (
        Answer("message", Kind.LONG_TEXT, "Message", "It is broken.", Becomes.MESSAGE),
        Answer("order", Kind.TEXT, "Order number", "L-4711 <b>", Becomes.FACT),
    )
    values = {answer.field_id: answer.text for answer in answers}
    receive(core, account_id, encode(Submission(nonce="n1", received_at=clock.now(), values=values, answers=answers)))

    body = agent.get("/conversations/1").text.split('<div class="message-body">')[1]
    assert body.index("It is broken.") < body.index("Order number") < body.index("L-4711 &lt;b&gt;")


@pytest.mark.parametrize("language", ["", "de"])
def test_each_reason_for_spam_is_said_in_the_readers_language(core, clock, agent, create_account, language):
    """What speaks against a message is stored in English; what somebody said is no reason, although a catalogue may have it."""
    values = {"name": "Visit https://cheap.example.net", "message": "Open"}
    answers = (
        Answer("name", Kind.TEXT, "Name", values["name"], Becomes.NAME),
        Answer("message", Kind.LONG_TEXT, "Message", values["message"], Becomes.MESSAGE),
    )
    submission = Submission(
        "n1", clock.now(), values=values, answers=answers, signals=("honeypot",), context={"page": "Open"}
    )
    receive(core, create_account("webform", settings={}), encode(submission))
    with writing(core) as unit:
        unit.session.get_one(Agent, agent.agent_id).language = language

    reasons = ("a field that people do not see was filled in", "a link in the name")
    said = [gettext(text, language or "en") for text in ("Why in Spam", *reasons)]
    assert language != "de" or not {"Why in Spam", *reasons} & set(said)
    about = shown_about(agent.get("/conversations/1").text)
    assert f"{said[0]} {said[1]}; {said[2]}" in about
    assert f"{gettext('Page', language or 'en')} Open" in about


def test_what_is_wrong_with_the_form_of_a_mail_is_told(agent, receive_mail):
    raw = create_mail().replace("Subject:", "this line is no header\nSubject:", 1)
    receive_mail(raw)

    assert "a line in the header is no header field" in shown_about(agent.get("/conversations/1").text)


@pytest.mark.parametrize(
    ("body", "label"),
    [(f"It is 1047.\n\n{QUOTE}", "Earlier messages"), (f"It is 1047.\n\n{LONG_SIGNATURE}", "Signature")],
)
def test_a_fold_says_what_it_holds(agent, receive_mail, body, label):
    receive_mail(create_mail(body=body))

    folds = re.findall(r'<details class="fold"><summary>.*?</svg>([^<]+)</summary>', agent.get("/conversations/1").text)
    assert folds == [label]


def test_a_short_signature_is_not_folded(agent, receive_mail):
    receive_mail(create_mail(body="It is 1047.\n\n-- \nAda Reader"))

    page = agent.get("/conversations/1").text
    assert 'class="fold"' not in page
    assert "Ada Reader" in page.split('class="signature"')[1].split("</div>")[0]


def with_parts(*parts: str) -> str:
    head = create_mail().split("Content-Type:")[0]
    body = "\n--b\n".join(["", *parts])
    return f'{head}Content-Type: multipart/mixed; boundary="b"\n{body}\n--b--\n'


def test_an_invitation_is_shown_in_the_agents_time_zone(agent, core, receive_mail):
    with writing(core) as unit:
        for one in unit.session.query(Agent):
            one.timezone = "America/New_York"
    receive_mail(
        with_parts(
            "Content-Type: text/calendar; method=REQUEST; charset=utf-8\n\nBEGIN:VCALENDAR\nMETHOD:REQUEST\n"
            "BEGIN:VEVENT\nSUMMARY:A look at the <lamp>\nDTSTART:20260305T153000Z\nDTEND:20260305T160000Z\nLOCATION:Shop 2\n"
            "ORGANIZER;CN=Ada:mailto:ada@mail.example.org\nEND:VEVENT\n"
            "BEGIN:VEVENT\nSUMMARY:Fair\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20260306\nDTEND;VALUE=DATE:20260308\nEND:VEVENT\nEND:VCALENDAR"
        )
    )

    page = " ".join(agent.get("/conversations/1").text.split())
    assert "A look at the &lt;lamp&gt;" in page
    assert "Thursday, March 5, 2026, 10:30 AM – 11:00 AM" in page
    assert "(America/New York)" in page
    assert "Asked by Ada &lt;ada@mail.example.org&gt;" in page
    assert "Called off" in page
    assert "Friday, March 6, 2026 – Saturday, March 7, 2026" in page
    assert "attachment-1.ics" in page


def test_an_invitation_to_where_time_begins_or_ends_hides_nothing_else(agent, receive_mail):
    lines = (
        "DTSTART:00010101T000000Z",
        "DTSTART:99991231T235959Z",
        "DTSTART;VALUE=DATE:00010101\nDTEND;VALUE=DATE:00010101",
    )
    events = "".join(f"BEGIN:VEVENT\nSUMMARY:Lamp {n}\n{line}\nEND:VEVENT\n" for n, line in enumerate(lines))
    receive_mail(with_parts(f"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n{events}END:VCALENDAR"))

    page = agent.get("/conversations/1")
    assert (page.status_code, "Lamp 0" in page.text, "Lamp 2" in page.text) == (200, True, True)


def test_marks_say_what_was_seen_in_a_message(agent, receive_mail):
    pixel = '<img src="https://track.example.org/1.gif" width="1" height="1">'
    picture = '<img src="https://shop.example.org/lamp.png" width="300">'
    signed = '\n--b\nContent-Type: application/pgp-signature; name="s.asc"\n\n-\n--b--\n'
    head = create_mail().split("Content-Type:")[0]
    receive_mail(
        f'{head}Content-Type: multipart/signed; boundary="b"\n\n--b\nContent-Type: text/html\n\n<p>Hello</p>{pixel}{pixel}{picture}{signed}'
    )

    page = agent.get("/conversations/1").text
    assert "Signed (not checked)" in page
    assert "2 tracking pictures held back" in page
    assert "Encrypted" not in page
    shown = agent.get(f"{re.search(r'/conversations/1/messages/[0-9]+/html', page)[0]}?images=1").text
    assert ' src="https://shop.example.org/lamp.png"' in shown
    assert ' src="https://track.example.org/1.gif"' not in shown


def test_an_encrypted_message_says_where_to_read_it(agent, receive_mail):
    receive_mail(
        create_mail().split("Content-Type:")[0]
        + 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\n\n--b\n'
        "Content-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n"
    )
    page = agent.get("/conversations/1").text
    assert "Encrypted: open it in your mail program" in page
    assert "Signed" not in page
