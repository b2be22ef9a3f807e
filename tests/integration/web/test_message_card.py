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
