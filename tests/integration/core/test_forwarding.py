"""Promises about passing a message on: all of it arrives, and what the third person answers never reaches the contact's conversation."""

import pytest
from sqlalchemy import select

from app.errors import Conflict, InvalidInput
from app.models import Activity, Attachment, Conversation, Message
from app.plugin_api.messages import Participant
from app.services.delivery import deliver
from app.services.outgoing.forwarding import QUOTED, ForwardDraft, forward, forward_subject
from app.services.replies import NewFile, ReplyDraft, reply
from tests.integration.core.mails import create_mail

BEN = Participant("email", "ben@x.example", "Ben Builder")
WITH_FILE = (
    "From: Cleo <cleo@mail.example.org>\nTo: help@example.com\nSubject: Broken lamp\nMessage-ID: <lamp@mail.example.org>\n"
    "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt *broke*.\n"
    "--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=bill.pdf\n\n%PDF-1.4\n--b--\n"
)


@pytest.fixture
def lamp(core, receive_mail):
    """A mail with a file; gives the message's row."""
    received = receive_mail(WITH_FILE)
    return core.session.get(Message, received.message_id)


def test_the_original_goes_along_as_it_came_and_both_conversations_tell(core, clock, ada, sent, lamp):
    account_id, conversation_id, raw = lamp.account_id, lamp.conversation_id, core.files.get(lamp.raw_sha256)
    number, message_id = forward(core, ada, lamp.id, ForwardDraft(account_id, (BEN,), "Can you mend it?"))
    clock.advance(minutes=1)
    deliver(core, message_id)

    (message,) = sent
    (file,) = message.attachments
    assert (message.subject, message.text, message.quoted_text) == ("Fwd: Broken lamp", "Can you mend it?", "")
    assert (file.filename, file.content_type, file.data) == ("Broken lamp.eml", "message/rfc822", raw)
    told = {a.kind: (a.conversation_id, a.data) for a in core.session.scalars(select(Activity))}
    assert told["forwarded"][0] == conversation_id
    assert (told["forwarded"][1]["number"], told["forwarded"][1]["to"]) == (number, "Ben Builder")
    assert told["forwarded_from"][1]["number"] == core.session.get(Conversation, conversation_id).number


def test_what_the_third_person_answers_stays_in_the_new_conversation(core, clock, ada, sent, lamp, receive_mail):
    original = lamp.conversation_id
    _, message_id = forward(core, ada, lamp.id, ForwardDraft(lamp.account_id, (BEN,)))
    clock.advance(minutes=1)
    deliver(core, message_id)

    answer = receive_mail(
        create_mail(
            message_id="b@x.example", sender="Ben <ben@x.example>", subject="Re: Fwd: Broken lamp", body="Bring it.",
            In_Reply_To=f"<{sent[0].external_id}>", References=f"<lamp@mail.example.org> <{sent[0].external_id}>",
        )
    )  # fmt: skip

    assert answer.conversation_id == core.session.get(Message, message_id).conversation_id
    assert answer.conversation_id != original


def test_quoted_it_is_readable_in_both_parts_and_brings_the_files_that_are_wanted(core, clock, ada, sent, lamp):
    account_id, original = lamp.account_id, lamp.id
    for wanted in (True, False):
        draft = ForwardDraft(account_id, (BEN,), "See **below**.", form=QUOTED, with_files=wanted)
        clock.advance(minutes=1)
        _, message_id = forward(core, ada, original, draft)
        clock.advance(minutes=1)
        deliver(core, message_id)

    assert [[file.filename for file in one.attachments] for one in sent] == [["bill.pdf"], []]
    assert "> Subject: Broken lamp\n" in sent[0].text
    assert "<strong>below</strong>" in sent[0].html
    assert "It *broke*." in sent[0].html


def test_what_looks_like_one_of_our_pictures_in_a_strangers_subject_is_quoted_too(core, ada, receive_mail):
    stranger = receive_mail(create_mail(subject="See ![this](attached:offer.png)"))
    account_id = core.session.get(Message, stranger.message_id).account_id

    _, message_id = forward(core, ada, stranger.message_id, ForwardDraft(account_id, (BEN,), form=QUOTED))

    assert "Subject: See [this]" in core.session.get(Message, message_id).text


def test_what_cannot_be_passed_on_is_refused_with_a_sentence(core, ada, lamp, monkeypatch):
    account_id, original = lamp.account_id, lamp.id
    with pytest.raises(InvalidInput, match="whom"):
        forward(core, ada, original, ForwardDraft(account_id, ()))
    monkeypatch.setattr(type(core.plugins.channels["mailbox"]), "largest_message", lambda self, account: 4_000)
    with pytest.raises(InvalidInput) as refused:
        forward(core, ada, original, ForwardDraft(account_id, (BEN,)))
    assert "files" in refused.value.fields
    row = core.session.get(Message, original)
    row.raw_sha256 = None
    core.session.commit()
    with pytest.raises(InvalidInput, match="Quote the message"):
        forward(core, ada, original, ForwardDraft(account_id, (BEN,)))
    row.removed_at = row.created_at
    core.session.commit()
    with pytest.raises(Conflict):
        forward(core, ada, original, ForwardDraft(account_id, (BEN,), form=QUOTED))
    assert core.session.scalar(select(Message.id).where(Message.direction == "outbound")) is None


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("Lamp", "Fwd: Lamp"), ("FW: Lamp", "FW: Lamp"), ("", "Fwd:"), ("Re: Lamp", "Fwd: Re: Lamp")],
)
def test_the_subject_says_that_it_was_passed_on_once(subject, expected):
    assert forward_subject(subject) == expected


def test_a_picture_stands_in_the_text_of_what_leaves(core, clock, ada, sent, receive_mail):
    conversation_id = receive_mail(create_mail()).conversation_id
    png = b"\x89PNG\r\n\x1a\nrest"
    draft = ReplyDraft(
        "Here:\n\n![The plan](attached:image-1.png)",
        files=[NewFile("image-1.png", "text/html", png), NewFile("offer.pdf", "application/pdf", b"%PDF")],
    )
    message_id = reply(core, ada, conversation_id, draft)
    clock.advance(minutes=1)
    deliver(core, message_id)

    picture, offer = sent[0].attachments
    assert f'<img src="cid:{picture.content_id}" alt="The plan"' in sent[0].html
    assert (picture.content_type, offer.content_id) == ("image/png", None)
    assert sent[0].text == "Here:\n\n[The plan]"
    inline = select(Attachment.filename).where(Attachment.is_inline)
    assert core.session.scalars(inline).all() == ["image-1.png"]


def test_of_two_files_of_one_name_the_first_stands_in_the_text_and_the_other_beside_it(core, ada, receive_mail):
    conversation_id = receive_mail(create_mail()).conversation_id
    png = b"\x89PNG\r\n\x1a\nrest"
    files = [NewFile("image-1.png", "image/png", data) for data in (png, png + b"other")]

    message_id = reply(core, ada, conversation_id, ReplyDraft("![The plan](attached:image-1.png)", files=files))

    rows = core.session.scalars(select(Attachment).where(Attachment.message_id == message_id).order_by(Attachment.id))
    assert [(row.size, row.is_inline, row.content_id is None) for row in rows] == [(12, True, False), (17, False, True)]
