"""Promises about sending: proper mail, typed refusals, and never twice where the server can tell."""

import email
import email.policy
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plugins.mailbox.channel import MailboxChannel
from plugins.mailbox.tests.accounts import create_account, create_channel, create_host
from tidings import MAIL, NeedsReauth, OutboundAttachment, OutboundMessage, Participant, Permanent, Temporary

ADA = Participant(MAIL, "ada@mail.example.org", "Ada Reader")
BEN = Participant(MAIL, "ben@mail.example.org", "Ben")
CLEO = Participant(MAIL, "cleo@mail.example.org")
MESSAGE = OutboundMessage(
    message_id=11,
    conversation_id=7,
    external_id="t.abcd.efgh@example.test",
    to=(ADA,),
    text="It is on its way.",
    created_at=datetime(2026, 3, 2, 9, tzinfo=UTC),
    subject="Re: Where is my order?",
    sender_name="Lea",
    in_reply_to="first@mail.example.org",
    references=("zero@mail.example.org", "first@mail.example.org"),
    reply_token="abcd",
    quoted_text="On 2026-03-02, Ada wrote:\n> Where?",
)


@pytest.fixture
def account(mail_user, smtp_server):
    return create_account(mail_user, smtp_server)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_a_reply_is_a_proper_mail(account, smtp_server):
    file = OutboundAttachment("label.pdf", "application/pdf", b"%PDF-1.7")
    receipt = create_channel().send(account, replace(MESSAGE, cc=(BEN,), bcc=(CLEO,), attachments=(file,)))
    (sent,) = smtp_server.messages
    mail = read(sent.raw)

    assert sent.sender == account.address
    assert sent.recipients == (ADA.value, BEN.value, CLEO.value)
    assert CLEO.value.encode() not in sent.raw
    assert (mail["From"], mail["In-Reply-To"]) == (f"Lea <{account.address}>", "<first@mail.example.org>")
    assert mail["References"] == "<zero@mail.example.org> <first@mail.example.org>"
    assert mail["Message-ID"] == "<t.abcd.efgh@example.test>"
    assert mail.get_body(("plain",)).get_content().splitlines()[-1] == "> Where?"
    assert "<blockquote" in mail.get_body(("html",)).get_content()
    assert [part.get_filename() for part in mail.iter_attachments()] == ["label.pdf"]
    assert receipt.raw.rstrip() == sent.raw.rstrip()
    assert receipt.external_id == MESSAGE.external_id


ORIGINAL = b"Subject: Lamp\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"


@pytest.mark.parametrize("hidden", [(), ("8BITMIME",)])
def test_a_forwarded_original_of_8_bits_reads_the_same_through_any_server(mail_user, create_smtp_server, hidden):
    server = create_smtp_server(hidden_extensions=hidden)
    forwarded = replace(MESSAGE, attachments=(OutboundAttachment("Lamp.eml", "message/rfc822", ORIGINAL),))
    create_channel().send(create_account(mail_user, server), forwarded)
    (sent,) = server.messages
    (part,) = read(sent.raw).iter_attachments()

    assert part.get_content_type() == "message/rfc822"
    assert part.get_content().get_content().strip() == "Grüße"
    assert (ORIGINAL.strip() in sent.raw) == (not hidden)
    assert sent.raw.isascii() == bool(hidden)


def test_a_picture_of_the_text_comes_along_with_the_html(account, smtp_server):
    picture = OutboundAttachment("image-1.png", "image/png", b"\x89PNG\r\n\x1a\n", content_id="abc@example.test")
    html = '<p>Here: <img src="cid:abc@example.test" alt="The plan"></p>'
    create_channel().send(account, replace(MESSAGE, text="Here: [The plan]", html=html, attachments=(picture,)))
    mail = read(smtp_server.messages[0].raw)

    assert mail.get_body(("plain",)).get_content().splitlines()[0] == "Here: [The plan]"
    related = mail.get_body(("related",))
    assert [(one["Content-ID"], one.get_content_type()) for one in related.iter_attachments()] == [
        ("<abc@example.test>", "image/png")
    ]
    assert mail.get_content_type() == "multipart/alternative"


def test_the_accounts_name_and_reply_address_are_used_where_they_are_set(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, display_name="Example Support", plus_addresses=True)
    create_channel().send(account, MESSAGE)
    mail = read(smtp_server.messages[0].raw)
    local, _, domain = account.address.partition("@")

    assert mail["From"] == f"Example Support <{account.address}>"
    assert mail["Reply-To"] == f"Example Support <{local}+r-abcd@{domain}>"


def test_an_automatic_message_says_that_it_is_one(account, smtp_server):
    create_channel().send(account, replace(MESSAGE, is_automatic=True))

    assert read(smtp_server.messages[0].raw)["Auto-Submitted"] == "auto-replied"


def test_a_recipient_refused_among_others_is_told_in_the_receipt(account, smtp_server):
    smtp_server.refuse_recipient(BEN.value)
    receipt = create_channel().send(account, replace(MESSAGE, cc=(BEN,)))

    assert smtp_server.messages[0].recipients == (ADA.value,)
    assert list(receipt.refused) == [BEN.value]
    assert "No such user" in receipt.refused[BEN.value]


@pytest.mark.parametrize(
    ("misbehave", "error", "words"),
    [
        (lambda server: server.refuse_recipient(), Permanent, "No such user"),
        (lambda server: server.refuse_recipient(code=451, text="4.7.1 Greylisted"), Temporary, "Greylisted"),
        (lambda server: server.refuse_sender(), Permanent, "Not allowed"),
        (lambda server: server.refuse_data(), Permanent, "Not wanted"),
        (lambda server: server.refuse_data(code=452, text="4.3.1 Disk full"), Temporary, "Disk full"),
        (lambda server: server.cut_after_data(), Temporary, "before it confirmed"),
        (lambda server: server.stop(), Temporary, "refused the connection"),
    ],
)
def test_a_refusal_becomes_what_the_host_understands(account, smtp_server, misbehave, error, words):
    misbehave(smtp_server)

    with pytest.raises(error, match=words):
        create_channel().send(account, MESSAGE)


def test_a_sending_limit_says_when_to_come_back(account, smtp_server):
    smtp_server.refuse_recipient(code=550, text="5.4.5 Daily user sending limit exceeded")
    channel = create_channel()

    with pytest.raises(Temporary) as refusal:
        channel.send(account, MESSAGE)

    assert (refusal.value.retry_at - channel._host.now()).total_seconds() == 24 * 3600


def test_a_message_that_is_too_large_is_refused_before_it_is_sent(mail_user, create_smtp_server):
    server = create_smtp_server(size_limit=10_000)
    large = replace(MESSAGE, text="x" * 20_000)

    with pytest.raises(Permanent, match="at most 10000"):
        create_channel().send(create_account(mail_user, server), large)


@pytest.mark.parametrize("secrets", [{"password": "wrong"}, {}, {"password": "a\nb"}])
def test_a_wrong_password_needs_the_owner(mail_user, create_smtp_server, secrets):
    server = create_smtp_server(users={mail_user.address: mail_user.password})
    account = replace(create_account(mail_user, server), secrets=secrets)

    with pytest.raises(NeedsReauth):
        create_channel().send(account, MESSAGE)


def test_sending_can_have_a_sign_in_of_its_own(mail_user, create_smtp_server):
    server = create_smtp_server(users={"relay-user": "relay-secret"})
    account = create_account(mail_user, server, smtp_auth="other", smtp_username="relay-user")
    account = replace(account, secrets={**account.secrets, "smtp_password": "relay-secret"})

    create_channel().send(account, MESSAGE)

    assert server.messages[0].username == "relay-user"


def test_a_lost_answer_is_told_and_the_mail_is_found_where_the_server_keeps_copies(
    mail_user, create_smtp_server, dovecot
):
    server = create_smtp_server(mailboxes=dovecot, keeps_sent=True)
    account = create_account(mail_user, server, sent_copy="server")
    channel = create_channel()
    assert channel.was_sent(account, MESSAGE) is False
    server.cut_after_data()
    with pytest.raises(Temporary) as trouble:
        channel.send(account, MESSAGE)

    assert trouble.value.outcome_unknown
    assert channel.was_sent(account, MESSAGE) is True


def test_a_refusal_leaves_no_doubt(account, smtp_server):
    smtp_server.refuse_data(code=452, text="4.3.1 Disk full")

    with pytest.raises(Temporary) as trouble:
        create_channel().send(account, MESSAGE)

    assert not trouble.value.outcome_unknown


@pytest.mark.parametrize(("sent_copy", "without", "with_copy"), [("append", None, True), ("none", None, None)])
def test_a_missing_copy_says_nothing_where_the_server_keeps_none(mail_user, smtp_server, sent_copy, without, with_copy):
    account = create_account(mail_user, smtp_server, sent_copy=sent_copy)
    assert create_channel().was_sent(account, MESSAGE) is without

    mail_user.deliver(b"Message-ID: <t.abcd.efgh@example.test>\r\n\r\n", mailbox="Sent")

    assert create_channel().was_sent(account, MESSAGE) is with_copy


def test_a_mailbox_that_cannot_be_read_says_to_wait(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, imap_port=9, sent_copy="server")

    with pytest.raises(Temporary):
        create_channel().was_sent(account, MESSAGE)


def test_what_cannot_stand_in_a_mail_is_permanent(account):
    with pytest.raises(Permanent, match="cannot be sent as a mail"):
        create_channel().send(account, replace(MESSAGE, subject="a\r\nBcc: eve@example.org"))


def test_what_the_server_takes_is_remembered_from_the_last_sending(mail_user, create_smtp_server):
    channel, account = create_channel(), create_account(mail_user, create_smtp_server(size_limit=1_000_000))
    assert channel.largest_message(account) is None

    channel.send(account, MESSAGE)
    assert channel.largest_message(account) == 1_000_000
    assert channel.largest_message(replace(account, id=account.id + 1)) is None


def test_an_answer_is_from_the_alias_that_was_written_to(mail_user, smtp_server):
    aliases = "Sales <sales@example.net>\nEverything <*@example.org>"
    account = create_account(mail_user, smtp_server, display_name="Example", aliases=aliases, plus_addresses=True)
    channel = create_channel()
    for sender in ("sales@example.net", "info@example.org", "boss@elsewhere.example"):
        channel.send(account, replace(MESSAGE, sender=sender))
    sent = [(one.sender, read(one.raw)["From"], read(one.raw)["Reply-To"]) for one in smtp_server.messages]
    local, _, domain = account.address.partition("@")

    assert sent == [
        ("sales@example.net", "Sales <sales@example.net>", None),  # nobody said that sales+anything arrives
        ("info@example.org", "Everything <info@example.org>", "Everything <info+r-abcd@example.org>"),
        (account.address, f"Example <{account.address}>", f"Example <{local}+r-abcd@{domain}>"),
    ]


def test_automatic_mail_leaves_with_an_empty_sender_unless_the_server_refuses_that(account, smtp_server):
    host = create_host(account)
    channel = MailboxChannel(host)
    channel.send(account, replace(MESSAGE, is_automatic=True))
    smtp_server.refuse_sender("", code=553, text="5.7.1 Sender address rejected")
    for _ in range(2):
        channel.send(account, replace(MESSAGE, is_automatic=True))
    channel.send(account, MESSAGE)

    assert [one.sender for one in smtp_server.messages] == ["", *[account.address] * 3]
    assert host.store.get("envelope_1") == ["empty"]


TOKENS = {ADA.value: "b-aaaa", BEN.value: "b-bbbb", CLEO.value: "b-cccc"}
TO_ALL = replace(MESSAGE, cc=(BEN,), bcc=(CLEO,), return_tokens=TOKENS)


def test_each_recipient_has_a_return_address_of_their_own(mail_user, smtp_server):
    account = create_account(
        mail_user, smtp_server, return_address="own", return_pattern="back-{token}@mail.example.net"
    )
    smtp_server.refuse_recipient(BEN.value)

    receipt = create_channel().send(account, TO_ALL)

    sent = [(one.sender, one.recipients) for one in smtp_server.messages]
    assert sent == [
        ("back-b-aaaa@mail.example.net", (ADA.value,)),
        ("back-b-cccc@mail.example.net", (CLEO.value,)),
    ]
    assert receipt.refused == {BEN.value: "550 5.1.1 No such user"}
    assert len({one.raw for one in smtp_server.messages}) == 1


def test_nobody_got_it_when_all_were_refused_one_by_one(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, return_address="plus")
    smtp_server.refuse_recipient(code=450, text="4.2.1 Later")
    with pytest.raises(Temporary):
        create_channel().send(account, TO_ALL)
    smtp_server.refuse_recipient()
    with pytest.raises(Permanent):
        create_channel().send(account, TO_ALL)
    assert smtp_server.messages == []


def test_what_breaks_after_somebody_got_it_is_not_sent_to_them_again(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, return_address="plus")
    smtp_server.refuse_recipient(BEN.value, code=451, text="4.3.0 Later")

    receipt = create_channel().send(account, TO_ALL)

    assert receipt.refused == {BEN.value: "451 4.3.0 Later"}
    assert [one.recipients for one in smtp_server.messages] == [(ADA.value,), (CLEO.value,)]


def test_a_server_that_refuses_return_addresses_gets_the_usual_sender(mail_user, smtp_server):
    account = create_account(mail_user, smtp_server, return_address="plus")
    host = create_host(account)
    local, _, domain = account.address.partition("@")
    smtp_server.refuse_sender(f"{local}+b-aaaa@{domain}")

    MailboxChannel(host).send(account, replace(MESSAGE, return_tokens=TOKENS))

    assert [one.sender for one in smtp_server.messages] == [account.address]
    assert host.store.get("envelope_1") == ["return"]
