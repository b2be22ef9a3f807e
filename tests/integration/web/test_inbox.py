"""Promises of the Inbox: everyone sees the same list, filtered and paged, in a bounded number of queries."""

import re

from sqlalchemy import select

from app.models import Conversation
from app.services import conversations, replies
from app.services.core import Actor
from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import counted_queries


def create_conversations(receive_mail, clock, count):
    for number in range(1, count + 1):
        receive_mail(
            create_mail(
                message_id=f"m{number}@x.example",
                sender=f"Person {number} <p{number}@x.example>",
                subject=f"Subject {number:03}",
            )
        )
        clock.advance(minutes=1)


def subjects(answer):
    return re.findall(r'class="row-link truncate"[^>]*>([^<]+)</a>', answer.text)


def test_an_empty_inbox_leads_an_admin_to_connect_an_account(admin):
    assert 'href="/accounts/connect"' in admin.get("/").text


def test_a_mail_shows_with_its_contact_subject_and_preview(agent, conversation):
    page = agent.get("/").text

    assert "Cleo Customer" in page
    assert "Where is my order?" in page
    assert "where is order 1047?" in page


def test_the_list_is_paged_without_losing_or_doubling_a_row(agent, receive_mail, clock):
    create_conversations(receive_mail, clock, 103)
    seen, address = [], "/"
    while address:
        page = agent.get(address)
        seen += subjects(page)
        older = re.search(r'href="([^"]+)" rel="next"', page.text)
        address = older[1].replace("&amp;", "&") if older else None

    assert seen == [f"Subject {number:03}" for number in range(103, 0, -1)]


def test_the_way_back_shows_the_same_pages(agent, receive_mail, clock):
    create_conversations(receive_mail, clock, 103)
    first = agent.get("/")
    second = agent.get(re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&"))
    back = agent.get(re.search(r'class="button" href="([^"]*before=[^"]+)"', second.text)[1].replace("&amp;", "&"))

    assert subjects(back) == subjects(first)


def test_conversations_of_the_same_moment_are_paged_too(agent, receive_mail):
    for number in range(60):
        receive_mail(
            create_mail(message_id=f"m{number}@x.example", sender=f"p{number}@x.example", subject=f"S{number:02}")
        )
    first = agent.get("/")
    second = agent.get(re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&"))

    assert sorted(subjects(first) + subjects(second)) == [f"S{number:02}" for number in range(60)]


def test_a_broken_cursor_is_a_sentence(agent):
    answer = agent.get("/?after=nonsense")

    assert answer.status_code == 422
    assert "not complete" in answer.text


def test_filters_narrow_the_list(agent, core, receive_mail, clock, create_agent):
    create_conversations(receive_mail, clock, 4)
    actor = Actor(agent.agent_id, "Ada", "agent")
    ben = create_agent("Ben")
    ids = {c.number: c.id for c in core.session.scalars(select(Conversation))}
    conversations.assign(core, actor, [ids[1]], agent.agent_id)
    conversations.assign(core, actor, [ids[2]], ben.agent_id)
    conversations.add_tag(core, actor, [ids[3]], "billing")
    conversations.resolve(core, actor, [ids[4]])
    tag_id = 1

    assert subjects(agent.get("/?assignee=me")) == ["Subject 001"]
    assert subjects(agent.get(f"/?assignee={ben.agent_id}")) == ["Subject 002"]
    assert subjects(agent.get("/?assignee=none")) == ["Subject 003"]
    assert subjects(agent.get(f"/?tag={tag_id}")) == ["Subject 003"]
    assert subjects(agent.get("/?status=resolved")) == ["Subject 004"]
    assert subjects(agent.get("/?order=oldest")) == ["Subject 001", "Subject 002", "Subject 003"]
    assert subjects(agent.get("/?order=waiting")) == ["Subject 001", "Subject 002", "Subject 003"]


def test_the_list_takes_a_bounded_number_of_queries(agent, receive_mail, clock, tidings_app):
    create_conversations(receive_mail, clock, 52)
    agent.get("/")
    with counted_queries(tidings_app) as statements:
        assert len(subjects(agent.get("/"))) == 50

    assert len(statements) <= 12, statements


def test_what_an_agent_has_not_seen_is_unread_until_they_look(agent, sign_in, conversation):
    other = sign_in("Ben")
    assert "is-unread" in agent.get("/").text
    agent.get("/conversations/1")

    assert "is-unread" not in agent.get("/").text
    assert "is-unread" in other.get("/").text
    answer = agent.post("/conversations/1/change", {"action": "mark_unread"})
    assert answer.status_code == 303
    assert "is-unread" in agent.get("/").text


def test_many_are_changed_at_once(agent, core, receive_mail, clock):
    create_conversations(receive_mail, clock, 3)
    agent.get("/")
    answer = agent.post("/inbox/bulk", {"number": ["1", "3"], "action": "resolve", "back": "/?status=open"})

    assert answer.location == "/?status=open"
    assert subjects(agent.get("/")) == ["Subject 002"]
    agent.post("/inbox/bulk", {"number": ["2"], "assign": str(agent.agent_id)})
    agent.post("/inbox/bulk", {"number": ["2"], "tag": "vip"})
    row = core.session.scalar(select(Conversation).where(Conversation.number == 2))
    assert row.assignee_id == agent.agent_id
    assert "vip" in agent.get("/").text


def test_a_change_of_nothing_says_what_is_missing(agent):
    agent.post("/inbox/bulk", {"action": "resolve"})
    assert "Choose conversations first" in agent.get("/").text


def test_a_change_does_not_redirect_to_other_sites(agent, conversation):
    answer = agent.post("/inbox/bulk", {"number": "1", "action": "resolve", "back": "//evil.test/"})

    assert answer.location == "/"


def test_htmx_gets_the_content_without_the_shell(agent, conversation):
    part = agent.get("/", headers={"HX-Request": "true"})

    assert "<html" not in part.text
    assert 'id="inbox"' in part.text
    assert 'id="rail-nav"' in part.text
    assert "HX-Request" in part.headers["Vary"]


def test_a_first_message_can_be_written(agent, core, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    agent.get("/compose")
    answer = agent.post(
        "/compose",
        {
            "account": str(account_id),
            "to": "Cleo <cleo@mail.example.org>, ben@x.example",
            "subject": "Hello",
            "body": "Hi **there**",
        },
    )

    assert answer.location == "/conversations/1"
    page = agent.get("/conversations/1").text
    assert "<strong>there</strong>" in page
    assert "ben@x.example" in page


def test_a_first_message_to_nobody_keeps_what_was_written(agent, create_account):
    account_id = create_account("mailbox", address="help@example.com")
    agent.get("/compose")
    answer = agent.post("/compose", {"account": str(account_id), "to": "not an address", "body": "A long letter"})

    assert answer.status_code == 422
    assert "A long letter" in answer.text
    assert "is not an e-mail address" in answer.text


def test_a_failed_delivery_and_a_draft_show_in_the_list(agent, core, conversation):
    actor = Actor(agent.agent_id, "Ada", "agent")
    message_id = replies.reply(core, actor, conversation.conversation_id, replies.ReplyDraft(text="Soon", then="open"))
    from app.models import DeliveryState, Message
    from app.services.core import writing

    with writing(core) as unit:
        unit.session.get(Message, message_id).delivery_state = DeliveryState.FAILED
    conversations.save_draft(core, actor, conversation.conversation_id, "half a sentence")

    page = agent.get("/").text
    assert "Not delivered" in page
    assert 'class="row-draft"' in page
