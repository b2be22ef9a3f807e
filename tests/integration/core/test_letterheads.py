"""Promises of letterheads: the one that fits best stands below an answer, once, in both its parts; and only managers change it."""

import struct

import pytest
from sqlalchemy import select

from app.errors import InvalidInput, NotAllowed
from app.models import AuditEntry, Conversation, Letterhead, Message
from app.services import agents
from app.services.automatic import send_automatic
from app.services.delivery import deliver
from app.services.letterheads import LetterheadDraft, delete_letterhead, letterhead_for, save_letterhead
from app.services.replies import NewFile, ReplyDraft, reply, undo
from tests.integration.core.mails import create_mail

LOGO = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 480, 80) + b"\0" * 30_000


@pytest.fixture
def manager(create_agent):
    return create_agent("Grace Hopper", role="manager", email="grace@desk.example.com")


@pytest.fixture
def lamp(core, receive_mail):
    """The conversation of a mail."""
    received = receive_mail(create_mail())
    return core.session.get(Message, received.message_id).conversation_id


def answer(core, clock, actor, conversation_id, sent, text="It is on its way."):
    message_id = reply(core, actor, conversation_id, ReplyDraft(text))
    clock.advance(minutes=1)
    deliver(core, message_id)
    return sent[-1]


def test_an_answer_gets_signature_logo_line_and_footer(core, clock, manager, lamp, sent):
    draft = LetterheadDraft(
        "All", signature="**{{agent.first_name}}**\nfor {{contact.name}}, {{conversation.number}}", footer="Lumen & Co",
        colour="#0A7D6C", logo=LOGO,
    )  # fmt: skip
    save_letterhead(core, manager, None, draft)
    message = answer(core, clock, manager, lamp, sent)

    assert message.text == "It is on its way."
    assert message.signature.text == "*Grace*\nfor Ada Reader, 1"
    assert "<strong>Grace</strong>" in message.signature.html
    assert "2px solid #0a7d6c" in message.signature.html
    assert 'width="240" height="40"' in message.signature.html
    (logo,) = message.signature.pictures
    assert (logo.filename, logo.content_type, logo.data) == ("logo.png", "image/png", LOGO)
    assert f"cid:{logo.content_id}" in message.signature.html
    assert (message.footer.text, message.attachments) == ("Lumen & Co", ())


def test_automatic_messages_get_the_footer_alone(core, clock, manager, lamp, sent):
    save_letterhead(
        core, manager, None, LetterheadDraft("All", signature="Lea", footer="Lumen", colour="#0a7d6c", logo=LOGO)
    )
    message_id = send_automatic(core, lamp, "We have got it.")
    clock.advance(minutes=1)
    deliver(core, message_id)

    assert (sent[0].signature.text, sent[0].signature.html, sent[0].signature.pictures) == ("", "", ())
    assert sent[0].footer.text == "Lumen"


def test_the_letterhead_that_fits_best_is_taken(core, manager, lamp):
    agents.create_team(core, manager, "Shop", [])
    agents.create_team(core, manager, "Desk", [])
    account = core.session.get(Conversation, lamp).account_id
    places = {"all": (None, None), "team": (1, None), "account": (None, account), "both": (1, account)}
    ids = {
        name: save_letterhead(core, manager, None, LetterheadDraft(name, team, account_id))
        for name, (team, account_id) in places.items()
    }

    def found(*place):
        return letterhead_for(core.session, *place).name

    assert (found(account, 1), found(account, 2), found(account, None)) == ("both", "account", "account")
    assert (found(None, 1), found(account + 1, 1), found(account + 1, 2)) == ("team", "team", "all")
    delete_letterhead(core, manager, ids["all"])
    assert letterhead_for(core.session, account + 1, 2) is None


def test_no_signature_stands_there_twice(core, clock, manager, lamp, sent):
    save_letterhead(core, manager, None, LetterheadDraft("All", signature="Grace Hopper"))
    first = reply(core, manager, lamp, ReplyDraft("On its way.\n\nGrace Hopper"))
    text = undo(core, manager, first)
    message = answer(core, clock, manager, lamp, sent, text)

    assert message.signature.text == ""
    assert message.text.count("Grace Hopper") == 1


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (LetterheadDraft(" "), "name"),
        (LetterheadDraft("all"), "name"),
        (LetterheadDraft("New"), "account"),
        (LetterheadDraft("New", 99), "team"),
        (LetterheadDraft("New", None, 99), "account"),
        (LetterheadDraft("New", signature="{{agent.nme}}"), "signature"),
        (LetterheadDraft("New", footer="{{x}}"), "footer"),
        (LetterheadDraft("New", colour="red;background:url(x)"), "colour"),
        (LetterheadDraft("New", logo=b"<svg onload=alert(1)>"), "logo"),
        (LetterheadDraft("New", logo=LOGO + b"\0" * 200_000), "logo"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(core, manager, draft, field):
    save_letterhead(core, manager, None, LetterheadDraft("all"))
    with pytest.raises(InvalidInput) as refused:
        save_letterhead(core, manager, None, draft)
    assert list(refused.value.fields) == [field]
    assert len(core.session.scalars(select(Letterhead)).all()) == 1


def test_only_managers_change_letterheads_and_it_is_written_down(core, create_agent, manager):
    with pytest.raises(NotAllowed):
        save_letterhead(core, create_agent("Lea", role="lead"), None, LetterheadDraft("All"))
    number = save_letterhead(core, manager, None, LetterheadDraft("All", logo=LOGO))
    save_letterhead(core, manager, number, LetterheadDraft("All", footer="Lumen"))
    assert core.session.get(Letterhead, number).logo_bytes == len(LOGO)
    save_letterhead(core, manager, number, LetterheadDraft("All", drops_logo=True))
    assert core.session.get(Letterhead, number).logo_sha256 is None
    actions = core.session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("letterhead.%"))).all()
    assert sorted(actions) == ["letterhead.changed", "letterhead.changed", "letterhead.created"]


def test_the_logo_counts_in_the_size_of_a_message(core, manager, lamp, monkeypatch):
    monkeypatch.setattr(core.plugins.channels["mailbox"], "largest_message", lambda account: 40_000, raising=False)
    file = NewFile("a.txt", "text/plain", b"x" * 100)
    reply(core, manager, lamp, ReplyDraft("See the file.", files=(file,)))
    save_letterhead(core, manager, None, LetterheadDraft("All", logo=LOGO))
    with pytest.raises(InvalidInput) as refused:
        reply(core, manager, lamp, ReplyDraft("See the file.", files=(file,)))
    assert "files" in refused.value.fields
