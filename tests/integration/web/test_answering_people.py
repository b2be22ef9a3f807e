"""Promises about who gets an answer: all or the sender alone, as the mailbox is set up; hidden copies; and the account it leaves from."""

import io
import re

import pytest
from sqlalchemy import select

from app.models import ChannelAccount, Conversation, Message
from app.services.core import writing
from tests.integration.core.mails import create_mail


@pytest.fixture
def copied(receive_mail, create_account):
    """Conversation number 1: Cleo wrote to us, Ben and, by a +tag, to us again, with copies to Dora and another mailbox of ours."""
    support = create_account("mailbox", name="Support", address="support@example.com")
    create_account("mailbox", name="Sales", address="sales@example.com")
    return receive_mail(
        create_mail(
            sender="Cleo <cleo@mail.example.org>",
            to="Support <support@example.com>, Ben <ben@x.example>, support+7@example.com",
            Cc="Dora <dora@x.example>, SALES@example.com, cleo@mail.example.org",
        ),
        support,
    )


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def newest(core) -> Message:
    core.session.rollback()
    return core.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()


def set_up(core, **settings) -> None:
    with writing(core) as unit:
        row = unit.session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)).first()
        row.settings = {**row.settings, **settings}


def test_an_answer_goes_to_all_who_got_the_mail_but_not_to_ourselves(agent, copied):
    page = agent.get("/conversations/1").text

    assert field(page, "to") == "Cleo <cleo@mail.example.org>"
    assert field(page, "cc") == "Ben <ben@x.example>, Dora <dora@x.example>"
    assert field(page, "bcc") == ""


def test_a_mailbox_may_answer_the_sender_alone_until_the_agent_says_otherwise(agent, core, copied):
    set_up(core, answers_to="sender")

    assert field(agent.get("/conversations/1").text, "cc") == ""
    assert field(agent.get("/conversations/1?answer=all").text, "cc") == "Ben <ben@x.example>, Dora <dora@x.example>"
    set_up(core, answers_to="everybody")
    assert field(agent.get("/conversations/1?answer=one").text, "cc") == ""


def test_nothing_is_offered_where_nobody_else_got_the_mail(agent, conversation):
    page = agent.get("/conversations/1").text

    assert "Reply all" not in page
    assert field(page, "cc") == ""


def test_hidden_copies_are_stored_as_such(agent, core, copied):
    agent.post("/conversations/1/reply", {"body": "Yes.", "cc": "dora@x.example", "bcc": "Boss <boss@x.example>"})
    recipients = newest(core).recipients

    assert [p["value"] for p in recipients["to"]] == ["cleo@mail.example.org"]
    assert [p["value"] for p in recipients["cc"]] == ["dora@x.example"]
    assert recipients["bcc"] == [{"kind": "email", "value": "boss@x.example", "name": "Boss"}]


def test_a_wrong_hidden_address_comes_back_beside_its_field(agent, core, copied):
    answer = agent.post("/conversations/1/reply", {"body": "Yes.", "bcc": "boss@@x", "cc": "dora@x.example"})

    assert answer.status_code == 422
    assert 'id="composer-bcc-problem"' in answer.text
    assert field(answer.text, "bcc") == "boss@@x"
    assert newest(core).direction == "inbound"


def test_the_agent_chooses_which_account_it_leaves_from(agent, core, copied):
    page = agent.get("/conversations/1").text
    sales = core.session.scalars(select(ChannelAccount.id).where(ChannelAccount.name == "Sales")).one()
    assert f'<option value="{sales}">Sales (sales@example.com)</option>' in page
    usual = re.search(r'<option value="(\d+)" selected>Support', page)[1]

    agent.post("/conversations/1/reply", {"body": "From sales.", "account": str(sales)})
    assert (newest(core).account_id, newest(core).sender_value) == (sales, "sales@example.com")
    for chosen in (usual, ""):
        agent.post("/conversations/1/reply", {"body": "As usual.", "account": chosen})
        assert (newest(core).account_id, newest(core).sender_value) == (int(usual), "support@example.com")


def test_a_choice_survives_a_refused_post(agent, core, copied):
    sales = core.session.scalars(select(ChannelAccount.id).where(ChannelAccount.name == "Sales")).one()
    answer = agent.post("/conversations/1/reply", {"body": "", "account": str(sales)})

    assert answer.status_code == 422
    assert f'<option value="{sales}" selected>' in answer.text


def test_an_account_that_is_no_number_is_refused(agent, core, copied):
    assert agent.post("/conversations/1/reply", {"body": "x", "account": "sales"}).status_code == 422
    assert newest(core).direction == "inbound"


def test_one_account_needs_no_choice(agent, conversation):
    assert 'name="account"' not in agent.get("/conversations/1").text


def test_a_first_message_may_have_hidden_copies(agent, core, create_account):
    account = create_account("mailbox", name="Support", address="support@example.com")
    agent.get("/compose")
    agent.post("/compose", {"account": str(account), "to": "ada@x.example", "bcc": "boss@x.example", "body": "Hello"})

    assert [p["value"] for p in newest(core).recipients["bcc"]] == ["boss@x.example"]


@pytest.fixture
def narrow(core, conversation):
    """The server of the conversation's mailbox takes 100 kB."""
    core.plugins.channels["mailbox"]._host.store.set("size_1", 100_000)


def test_files_that_are_too_large_as_they_travel_are_refused_before_they_are_queued(agent, core, narrow):
    page = agent.get("/conversations/1").text
    assert 'data-most="100000"' in page
    letter = {"body": "See file.", "files": [(io.BytesIO(b"x" * 80_000), "plan.pdf")]}
    answer = agent.post("/conversations/1/reply", letter, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "Support can send 0.1 MB at most; this has 0.1 MB as it travels." in answer.text
    assert newest(core).direction == "inbound"

    letter = {"body": "See file.", "files": [(io.BytesIO(b"x" * 60_000), "plan.pdf")]}
    assert agent.post("/conversations/1/reply", letter, content_type="multipart/form-data").status_code == 303


def test_a_first_message_that_is_too_large_is_refused_too(agent, core, narrow):
    agent.get("/compose")
    letter = {"account": "1", "to": "x@x.example", "body": "Hi", "files": [(io.BytesIO(b"x" * 80_000), "plan.pdf")]}
    answer = agent.post("/compose", letter, content_type="multipart/form-data")

    assert answer.status_code == 422
    assert "as it travels" in answer.text
    assert newest(core).direction == "inbound"


def test_where_nobody_knows_a_limit_nothing_is_said(agent, conversation):
    assert "data-most" not in agent.get("/conversations/1").text


def test_the_agent_chooses_the_address_it_is_from(agent, core, create_account, receive_mail):
    support = create_account(
        "mailbox", name="Shop", address="shop@example.com", aliases="sales@example.com\n*@x.example"
    )
    received = receive_mail(create_mail(message_id="alias@mail.example.org", to="sales@example.com"), support)
    place = f"/conversations/{core.session.get(Conversation, received.conversation_id).number}"
    page = agent.get(place).text

    assert re.findall(r'<option value="([^"]*)"[^>]*>Shop \(([^)]*)\)', page) == [
        (str(support), "sales@example.com"),
        (f"{support}:shop@example.com", "shop@example.com"),
    ]
    for value in (f"{support}:shop@example.com", str(support), "", f"{support}:info@x.example"):
        assert agent.post(f"{place}/reply", {"body": f"From {value}", "account": value}).status_code == 303
    assert agent.post(f"{place}/reply", {"body": "x", "account": f"{support}:boss@y.example"}).status_code == 422
    senders = core.session.scalars(
        select(Message.sender_value).where(Message.direction == "outbound").order_by(Message.id)
    ).all()
    assert senders[-4:] == ["shop@example.com", "sales@example.com", "sales@example.com", "info@x.example"]


def answer_then(receive_mail, agent, **mail):
    """What the reply box says once Ada's question was answered and a mail came in answer to ours."""
    receive_mail(create_mail(sender="ada@mail.example.org"))
    agent.post("/conversations/1/reply", {"body": "Which order?", "to": "ada@mail.example.org"})
    options = {"sender": "ada@mail.example.org", **mail}
    answer = receive_mail(
        create_mail(message_id="2@x.org", body="1047", In_Reply_To="<first@mail.example.org>", **options)
    )
    assert answer.conversation_id == 1
    return agent.get("/conversations/1").text


NEW = "eve@evil.test is new in this conversation: earlier answers went to ada@mail.example.org."


@pytest.mark.parametrize("mail", [{"Reply_To": "eve@evil.test"}, {"Cc": "eve@evil.test"}])
def test_the_reply_box_tells_who_is_new_in_the_conversation(agent, receive_mail, mail):
    assert NEW in answer_then(receive_mail, agent, **mail)


@pytest.mark.parametrize("mail", [{}, {"Reply_To": "Ada <ADA+shop@mail.example.org>"}])
def test_who_was_answered_before_is_not_new_by_whatever_spelling(agent, receive_mail, mail):
    assert "is new in this conversation" not in answer_then(receive_mail, agent, **mail)
