"""Promises of the conversation page: everything that was said, safely shown; every verb leads back with a clear answer."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.models import Attachment, Conversation, Draft, DraftFile, Message, Note
from app.services import conversations
from app.services.core import Actor
from app.services.delivery import deliver
from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import counted_queries


def count(core, model):
    return core.session.scalar(select(func.count()).select_from(model))


def row_of(core):
    core.session.rollback()
    return core.session.scalar(select(Conversation).where(Conversation.number == 1))


def test_the_page_shows_message_contact_and_reply_box(agent, conversation):
    page = agent.get("/conversations/1").text

    assert "where is order 1047?" in page
    assert "cleo@mail.example.org" in page
    assert 'action="/conversations/1/reply"' in page


def test_an_unknown_number_is_not_here(agent):
    answer = agent.get("/conversations/77")

    assert answer.status_code == 404
    assert "no conversation with the number 77" in answer.text


def test_what_a_sender_writes_is_never_markup(agent, receive_mail):
    receive_mail(
        create_mail(subject="<script>alert(1)</script>", body="<img src=x onerror=alert(1)> https://x.example/?a=<b>")
    )
    page = agent.get("/conversations/1").text

    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert 'href="https://x.example/?a="' in page


def test_the_page_takes_a_bounded_number_of_queries(agent, core, receive_mail, tidings_app):
    receive_mail(create_mail())
    for number in range(30):
        receive_mail(
            create_mail(
                message_id=f"r{number}@x.example", body=f"more {number}", In_Reply_To="<first@mail.example.org>"
            )
        )
    agent.get("/conversations/1")
    with counted_queries(tidings_app) as statements:
        agent.get("/conversations/1")

    assert len(statements) <= 22, statements


def test_a_very_long_conversation_is_shown_in_parts(agent, core, receive_mail, clock):
    receive_mail(create_mail(body="part 0."))
    actor = Actor(agent.agent_id, "Ada", "agent")
    for number in range(1, 90):
        clock.advance(minutes=1)
        if number % 3:
            receive_mail(
                create_mail(
                    message_id=f"r{number}@x.example", body=f"part {number}.", In_Reply_To="<first@mail.example.org>"
                )
            )
        else:
            conversations.add_note(core, actor, 1, f"part {number}.")
    newest = agent.get("/conversations/1")
    earlier = agent.get(re.search(r'class="button small earlier" href="([^"]+)"', newest.text)[1].replace("&amp;", "&"))

    def parts(answer):
        return [
            int(n) for n in re.findall(r"part (\d+)\.", answer.text.split('id="timeline"')[1].split("composer-dock")[0])
        ]

    assert parts(newest) == list(range(30, 90))
    assert parts(earlier) == list(range(30))
    assert "earlier" not in re.findall(r'class="button small (\w+)"', earlier.text)


def test_a_reply_is_queued_and_can_be_taken_back(agent, core, conversation):
    agent.get("/conversations/1")
    answer = agent.post("/conversations/1/reply", {"body": "It left **today**.", "mode": "reply", "to": ""})
    assert answer.status_code == 303
    page = agent.get("/conversations/1")
    assert "<strong>today</strong>" in page.text
    message_id = re.search(r'name="message" value="(\d+)"', page.text)[1]
    assert row_of(core).status == "pending"

    agent.post("/conversations/1/undo", {"message": message_id})

    page = agent.get("/conversations/1").text
    assert ">It left **today**.</textarea>" in page
    assert row_of(core).status == "open"
    assert count(core, Message) == 1


def test_the_offer_to_undo_is_made_once(agent, conversation):
    agent.get("/conversations/1")
    agent.post("/conversations/1/reply", {"body": "Yes."})

    assert "data-seconds" in agent.get("/conversations/1").text
    assert "data-seconds" not in agent.get("/conversations/1").text


def test_another_window_that_refreshes_itself_takes_no_offer_away(agent, conversation):
    agent.get("/conversations/1")
    agent.post("/conversations/1/reply", {"body": "Yes."})
    refreshed = agent.get("/", headers={"HX-Request": "true", "X-Tidings-Refresh": "1"})

    assert "data-seconds" not in refreshed.text
    assert "data-seconds" in agent.get("/conversations/1").text


def test_undo_after_sending_says_it_is_too_late(agent, core, conversation, clock, monkeypatch):
    agent.get("/conversations/1")
    agent.post("/conversations/1/reply", {"body": "Yes."})
    message = core.session.scalar(select(Message).order_by(Message.id.desc()))
    from app.services.core import writing

    with writing(core) as unit:
        unit.session.get(Message, message.id).delivery_state = "sent"
    agent.post("/conversations/1/undo", {"message": message.id})

    assert "too late" in agent.get("/conversations/1").text


def test_the_same_form_posted_twice_sends_once(agent, core, conversation):
    page = agent.get("/conversations/1")
    once = re.search(r'name="once" value="([^"]+)"', page.text)[1]
    for _ in range(2):
        answer = agent.post("/conversations/1/reply", {"body": "Yes.", "once": once})

    assert answer.status_code == 303
    assert count(core, Message) == 2
    assert "sent already" in agent.get("/conversations/1").text


def test_an_empty_reply_comes_back_with_a_sentence_and_what_was_typed(agent, core, conversation):
    agent.get("/conversations/1")
    answer = agent.post("/conversations/1/reply", {"body": "  ", "cc": "boss@x.example"})

    assert answer.status_code == 422
    assert "Write a message first" in answer.text
    assert "boss@x.example" in answer.text
    assert count(core, Message) == 1


def test_a_wrong_address_comes_back_beside_its_field(agent, conversation):
    answer = agent.post("/conversations/1/reply", {"body": "Yes.", "to": "cleo@@example"})

    assert answer.status_code == 422
    assert 'id="composer-to-problem"' in answer.text
    assert ">Yes.</textarea>" in answer.text


def test_a_reply_with_files_and_another_status(agent, core, conversation):
    answer = agent.post(
        "/conversations/1/reply",
        {
            "body": "See file.",
            "then": "resolve",
            "files": [(io.BytesIO(b"a,b\n1,2\n"), "../../etc/numbers.csv", "text/csv")],
        },
        content_type="multipart/form-data",
    )

    assert answer.status_code == 303
    attachment = core.session.scalar(select(Attachment))
    assert (attachment.filename, attachment.size) == ("numbers.csv", 8)
    assert row_of(core).status == "resolved"


def test_the_signature_stands_below_and_never_twice(agent, core, conversation):
    agent.get("/profile")
    agent.post(
        "/profile",
        {"section": "details", "name": "Ada", "language": "en", "time_zone": "UTC", "signature": "Ada of the desk"},
    )
    agent.post("/conversations/1/reply", {"body": "Yes.\n\nAda of the desk"})
    agent.post("/conversations/1/reply", {"body": "No."})

    texts = core.session.scalars(select(Message.text).where(Message.direction == "outbound").order_by(Message.id)).all()
    assert texts == ["Yes.\n\nAda of the desk", "No.\n\nAda of the desk"]


def test_a_note_is_for_the_team_only(agent, core, conversation):
    agent.post("/conversations/1/note", {"body": "Call *Ben* first", "mode": "note"})

    assert "<em>Ben</em>" in agent.get("/conversations/1").text
    assert count(core, Note) == 1
    assert count(core, Message) == 1


def test_an_empty_note_comes_back_in_note_mode(agent, conversation):
    answer = agent.post("/conversations/1/note", {"body": ""})

    assert answer.status_code == 422
    assert re.search(r'value="note" checked', answer.text)


@pytest.mark.parametrize(
    ("action", "value", "attribute", "expected"),
    [
        ("resolve", "", "status", "resolved"),
        ("pending", "", "status", "pending"),
        ("spam", "", "status", "spam"),
        ("priority", "urgent", "priority", 3),
        ("assign", "none", "assignee_id", None),
    ],
)
def test_a_property_can_be_changed(agent, core, conversation, action, value, attribute, expected):
    answer = agent.post("/conversations/1/change", {"action": action, "value": value})

    assert answer.status_code == 303
    assert getattr(row_of(core), attribute) == expected


def test_changes_are_lines_in_the_timeline(agent, conversation):
    agent.post("/conversations/1/change", {"action": "assign_me"})
    agent.post("/conversations/1/change", {"action": "tag_add", "value": "Billing"})
    agent.post("/conversations/1/change", {"action": "resolve"})
    agent.post("/conversations/1/change", {"action": "reopen"})
    page = agent.get("/conversations/1").text

    for line in ("Ada took this", "Ada added the tag billing", "Ada resolved this", "Ada opened this again"):
        assert line in page


def test_snoozing_needs_a_moment_in_the_future(agent, core, conversation, clock):
    later = clock.now() + timedelta(hours=3)
    agent.post("/conversations/1/change", {"action": "snooze", "value": later.isoformat()})
    assert row_of(core).snoozed_until == later
    agent.post("/conversations/1/change", {"action": "snooze", "value": "2020-01-01T00:00:00+00:00"})

    assert "Choose a moment in the future" in agent.get("/conversations/1").text


@pytest.mark.parametrize(
    ("action", "value"),
    [("explode", ""), ("priority", "9"), ("assign", "99999"), ("team", "x"), ("snooze", "soon"), ("tag_add", " ")],
)
def test_a_change_that_cannot_be_made_says_why_and_changes_nothing(agent, core, conversation, action, value):
    answer = agent.post("/conversations/1/change", {"action": action, "value": value}, follow_redirects=True)

    assert answer.status_code == 200
    assert 'class="toast error"' in answer.text
    assert row_of(core).status == "open"


def test_htmx_gets_the_changed_page_at_once(agent, conversation):
    answer = agent.post("/conversations/1/change", {"action": "resolve"}, headers={"HX-Request": "true"})

    assert answer.status_code == 200
    assert "Ada resolved this" in answer.text
    assert "<html" not in answer.text


def test_a_draft_is_kept_for_its_author_only(agent, sign_in, core, conversation):
    assert agent.post("/conversations/1/draft", {"body": "Half a", "mode": "reply"}).status_code == 204

    assert ">Half a</textarea>" in agent.get("/conversations/1").text
    assert "Half a" not in sign_in("Ben").get("/conversations/1").text
    agent.post("/conversations/1/draft", {"body": "", "mode": "reply"})
    assert count(core, Draft) == 0


def test_the_files_of_a_refused_answer_wait_in_its_authors_reply_box(agent, sign_in, core, conversation):
    typed = {"body": "See the offer.", "to": "nobody@@", "files": (io.BytesIO(b"%PDF-1.7"), "offer.pdf")}
    refused = agent.post("/conversations/1/reply", typed)
    assert refused.status_code == 422
    (kept,) = re.findall(r'name="kept" value="(\d+)"[^>]* checked>', refused.text)
    assert ">offer.pdf</span>" in agent.get("/conversations/1").text
    assert "offer.pdf" not in sign_in("Ben").get("/conversations/1").text

    agent.post("/conversations/1/draft", {"body": "See the offer.", "kept_shown": kept})
    assert not re.search(r'name="kept" [^>]* checked', agent.get("/conversations/1").text)
    answered = agent.post("/conversations/1/reply", {"body": "", "kept_shown": kept, "kept": kept})

    assert answered.status_code == 303
    assert core.session.execute(select(Attachment.filename, Attachment.size)).all() == [("offer.pdf", 8)]
    assert count(core, Draft) == count(core, DraftFile) == 0


def test_a_draft_without_text_and_without_ticked_files_is_thrown_away(agent, core, conversation):
    agent.post("/conversations/1/reply", {"body": "x", "to": "@@", "files": (io.BytesIO(b"%PDF-1.7"), "offer.pdf")})
    kept = core.session.scalar(select(DraftFile.id))
    agent.post("/conversations/1/draft", {"body": "", "kept_shown": kept, "kept": kept})
    assert count(core, DraftFile) == 1

    agent.post("/conversations/1/draft", {"body": "", "kept_shown": kept})
    assert count(core, Draft) == count(core, DraftFile) == 0
    late = agent.post("/conversations/1/reply", {"body": "x", "kept_shown": kept, "kept": kept})
    assert late.status_code == 422
    assert "Choose the files again, please." in late.text


def test_a_failed_message_can_be_tried_again(agent, core, conversation, clock):
    agent.post("/conversations/1/reply", {"body": "Yes."})
    message_id = core.session.scalar(select(Message.id).order_by(Message.id.desc()))
    from app.services.core import writing

    with writing(core) as unit:
        message = unit.session.get(Message, message_id)
        message.delivery_state, message.last_error = "failed", "Mailbox full."
    page = agent.get("/conversations/1").text
    assert "Mailbox full." in page
    assert 'action="/conversations/1/retry"' in page

    agent.post("/conversations/1/retry", {"message": message_id})

    core.session.rollback()
    assert core.session.get(Message, message_id).delivery_state == "queued"
    assert deliver is not None


def test_a_message_of_another_conversation_cannot_be_named(agent, core, receive_mail, conversation):
    receive_mail(create_mail(message_id="other@x.example", sender="ben@x.example"))
    answer = agent.post("/conversations/1/retry", {"message": "2"}, follow_redirects=True)

    assert "does not exist any more" in answer.text


def test_files_that_are_too_large_together_are_refused_with_a_sentence(agent, core, conversation, tidings_app):
    tidings_app.config["MAX_CONTENT_LENGTH"] = 2000
    answer = agent.post(
        "/conversations/1/reply",
        {"body": "See file.", "files": [(io.BytesIO(b"x" * 5000), "big.bin")]},
        content_type="multipart/form-data",
        follow_redirects=True,
    )

    assert "fit into one message" in answer.text
    assert count(core, Message) == 1


def test_without_an_account_that_can_send_only_notes_are_offered(agent, core, conversation):
    from app.services import accounts
    from app.services.core import SYSTEM

    accounts.pause_account(core, SYSTEM, 1)
    page = agent.get("/conversations/1").text

    assert "Connect a mailbox" in page
    assert 'value="reply"' not in page


def test_the_neighbours_are_those_of_the_list_the_agent_came_from(agent, receive_mail, clock):
    for number in range(1, 4):
        receive_mail(
            create_mail(message_id=f"m{number}@x.example", sender=f"p{number}@x.example", subject=f"S{number}")
        )
        clock.advance(minutes=1)
    agent.get("/?assignee=none")
    page = agent.get("/conversations/2").text

    assert 'href="/conversations/3" aria-label="Previous conversation"' in page
    assert 'href="/conversations/1" aria-label="Next conversation"' in page
    assert 'href="/?assignee=none"' in page
