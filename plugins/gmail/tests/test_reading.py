"""Promises about reading: nothing is missed, nothing comes twice, and what is not for the inbox stays out of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

import plugins.gmail as gmail_plugin
from connectors.gmail import GmailClient
from plugins.gmail.messages import note_conversation
from plugins.gmail.tests import mailboxes
from plugins.gmail.tests.mailboxes import answer_to, create_mail, create_message, load_mail, numbers
from tidings import AccountSaved, Permanent


# ---- on an emulator that others wrote
def test_what_arrives_is_fetched_byte_by_byte(emulated, emulated_client):
    put = emulated_client.insert(create_mail(1), label_ids=["INBOX", "UNREAD"])

    (event,) = emulated.fetch()

    assert event.payload == create_mail(1)
    assert event.source_key == put.id
    assert event.meta["thread_id"] == put.thread_id
    assert emulated.fetch() == []


def test_only_labels_that_are_read_come_in(emulated, emulated_client):
    orders = emulated_client.create_label("Support/Orders")
    emulated_client.insert(create_mail(1), label_ids=["STARRED"])
    emulated_client.insert(create_mail(2), label_ids=[orders.id])
    emulated_client.insert(create_mail(3), label_ids=["INBOX"])
    emulated_client.insert(create_mail(4), label_ids=["INBOX", "TRASH"])
    emulated_client.insert(create_mail(5), label_ids=["SPAM"])

    assert numbers(emulated.fetch()) == [3]

    emulated.account = replace(
        emulated.account, settings={**emulated.account.settings, "labels": "INBOX\nSupport/Orders\nGone"}
    )
    emulated_client.insert(create_mail(6), label_ids=[orders.id])
    assert numbers(emulated.fetch()) == [6]
    (panel, _) = gmail_plugin.account_panels(emulated.host, emulated.account)
    assert dict(panel.rows)["Labels that do not exist"] == "Gone"


def test_earlier_mail_is_filled_in_from_a_date_on(emulated, emulated_client):
    old = create_mail(1).replace(b"02 Mar", b"02 Feb")
    put = [emulated_client.insert(raw, label_ids=["INBOX"]).id for raw in (old, create_mail(2), create_mail(3))]

    since = datetime(2026, 3, 1, tzinfo=UTC)
    events, account = mailboxes.collected(emulated.channel.backfill(emulated.account, since), emulated.account)

    assert {event.source_key for event in events} == set(put[1:])
    assert account.cursor == emulated.account.cursor


def test_an_answer_is_sent_into_its_thread_and_does_not_come_back(emulated, emulated_client):
    put = emulated_client.insert(create_mail(1), label_ids=["INBOX"])
    emulated.fetch()
    message = create_message(in_reply_to="1@mail.example.org", references=("1@mail.example.org",))

    receipt = emulated.channel.send(emulated.account, message)

    (sent,) = emulated_client.messages(label_ids=["SENT"]).messages
    assert sent.thread_id == put.thread_id
    assert emulated_client.message(sent.id).raw == receipt.raw
    assert emulated.channel.was_sent(emulated.account, message)
    assert emulated.fetch() == []


def test_an_answer_written_in_gmail_comes_in_as_one(emulated, emulated_client):
    put = emulated_client.insert(load_mail("message__follow_up.eml"), label_ids=["INBOX"])
    emulated.fetch()
    emulated_client.send(load_mail("sent__in_gmail.eml"), thread_id=put.thread_id)

    (event,) = emulated.fetch()
    (echo,) = emulated.channel.translate(emulated.account, event)

    assert echo.is_echo
    assert echo.in_reply_to == "lamp-2@mail.example.com"


def test_answers_written_in_gmail_stay_out_when_the_settings_say_so(emulated, emulated_client):
    emulated.account = replace(emulated.account, settings={**emulated.account.settings, "reads_sent": False})
    emulated_client.send(load_mail("sent__in_gmail.eml"))

    assert emulated.fetch() == []


# ---- on the fake: what the emulator lacks
def test_a_new_mailbox_begins_at_the_moment_it_was_connected(fake_gmail):
    early = fake_gmail.deliver(create_mail(1))
    early.internal_at -= timedelta(hours=1)
    account = mailboxes.create_account(fake_gmail)
    host = mailboxes.create_host(fake_gmail, account)
    channel = gmail_plugin.GmailChannel(host)
    gmail_plugin.account_saved(host, AccountSaved(1, is_new=True))
    fake_gmail.deliver(create_mail(2))

    events, account = mailboxes.fetched(channel, account)
    fake_gmail.deliver(create_mail(3))
    later, account = mailboxes.fetched(channel, account)

    assert numbers(events) == [2]
    assert numbers(later) == [3]


def test_history_that_gmail_has_forgotten_is_searched_for_instead(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.deliver(create_mail(1))
    mailbox.fetch()
    fake_gmail.deliver(create_mail(2))
    fake_gmail.deliver(create_mail(3), labels=["SENT"])
    fake_gmail.forget_history()

    events = mailbox.fetch()
    fake_gmail.deliver(create_mail(4))

    assert set(numbers(events)) == {1, 2, 3}  # the first one is known by its place and not stored again
    assert numbers(mailbox.fetch()) == [4]


def test_a_search_for_what_was_missed_is_bounded(connect, fake_gmail):
    mailbox = connect()
    for number, age in ((1, timedelta(days=30)), (2, timedelta(seconds=30))):
        fake_gmail.deliver(create_mail(number)).internal_at -= age
    fake_gmail.forget_history()

    assert numbers(mailbox.fetch()) == [2]


def test_a_search_that_was_cut_off_begins_again(connect, fake_gmail):
    mailbox = connect()
    for number in range(60):
        fake_gmail.deliver(create_mail(number))
    fake_gmail.forget_history()
    first = next(mailbox.channel.fetch(mailbox.account))

    mailbox.account = replace(mailbox.account, cursor=first.cursor)
    assert sorted(numbers(mailbox.fetch())) == list(range(60))


def test_what_was_archived_before_we_looked_has_arrived_all_the_same(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.relabel(fake_gmail.deliver(create_mail(1)), remove=["INBOX", "UNREAD"])

    assert numbers(mailbox.fetch()) == [1]


def test_what_is_gone_before_we_looked_is_left_out(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.delete(fake_gmail.deliver(create_mail(1)).id)
    fake_gmail.relabel(fake_gmail.deliver(create_mail(2)), add=["TRASH"], remove=["INBOX"])
    fake_gmail.deliver(create_mail(3), labels=["DRAFT"])
    fake_gmail.deliver(create_mail(4))

    assert numbers(mailbox.fetch()) == [4]


def test_what_somebody_moves_into_the_inbox_arrives_then_unless_it_is_old(connect, fake_gmail):
    old = fake_gmail.deliver(create_mail(1), labels=["Label"])
    old.internal_at -= timedelta(days=3)
    mailbox = connect()
    saved = fake_gmail.deliver(create_mail(2), labels=["SPAM"])
    mailbox.fetch()

    fake_gmail.relabel(saved, add=["INBOX"], remove=["SPAM"])
    fake_gmail.relabel(old, add=["INBOX"])

    assert numbers(mailbox.fetch()) == [2]


def test_spam_comes_in_where_the_settings_ask_for_it(connect, fake_gmail):
    mailbox = connect(labels="INBOX\nSPAM")
    fake_gmail.deliver(create_mail(1), labels=["SPAM"])

    (event,) = mailbox.fetch()
    (message,) = mailbox.channel.translate(mailbox.account, event)

    assert message.is_spam


def test_many_messages_come_in_batches_with_their_progress(connect, fake_gmail):
    mailbox = connect()
    for number in range(60):
        fake_gmail.deliver(create_mail(number))

    batches = list(mailbox.channel.fetch(mailbox.account))

    assert [len(batch.events) for batch in batches] == [25, 25, 10, 0]
    assert [batch.progress for batch in batches] == ["25 of 60 messages", "50 of 60 messages", "", ""]
    assert [batch.cursor["history_id"] for batch in batches[:3]] == [mailbox.account.cursor["history_id"]] * 3


def test_nothing_new_is_not_even_an_empty_batch(connect):
    mailbox = connect()

    assert list(mailbox.channel.fetch(mailbox.account)) == []


def test_what_stands_in_a_conversation_is_not_fetched_again(connect, fake_gmail):
    mailbox = connect()
    fake_gmail.deliver(create_mail(1))
    fake_gmail.deliver(create_mail(2))
    mailbox.fetch()
    note_conversation(mailbox.host, 1, "1@mail.example.org", 7)

    events, _ = mailboxes.collected(
        mailbox.channel.backfill(mailbox.account, datetime(2026, 1, 1, tzinfo=UTC)), mailbox.account
    )

    assert numbers(events) == [2]


def test_a_place_that_cannot_be_understood_begins_anew(connect, fake_gmail):
    mailbox = connect()
    for cursor in ({"history_id": "nonsense"}, {"history_id": "12"}, {"something": "else"}):
        (batch,) = mailbox.channel.fetch(replace(mailbox.account, cursor=cursor))
        assert batch.cursor["history_id"] == mailbox.account.cursor["history_id"]


# ---- sending, on the fake: it replaces ids as Gmail does
def test_a_sent_message_is_known_by_the_id_that_gmail_gave_it(connect, fake_gmail):
    mailbox = connect()
    question = fake_gmail.deliver(create_mail(1))
    mailbox.fetch()
    message = create_message(in_reply_to="1@mail.example.org")

    receipt = mailbox.channel.send(mailbox.account, message)

    (sent,) = fake_gmail.sent
    assert receipt.external_id.endswith("@mail.gmail.test")
    assert f"<{receipt.external_id}>".encode() in sent.raw
    assert sent.thread_id == question.thread_id
    assert mailbox.fetch() == []


def test_the_next_answer_finds_the_thread_of_our_own_message(connect, fake_gmail):
    mailbox = connect()
    receipt = mailbox.channel.send(mailbox.account, create_message())
    fake_gmail.deliver(answer_to(receipt.external_id))
    (event,) = mailbox.fetch()
    (answer,) = mailbox.channel.translate(mailbox.account, event)

    assert answer.in_reply_to == receipt.external_id
    mailbox.channel.send(mailbox.account, create_message(12, in_reply_to=answer.external_id))
    assert len({message.thread_id for message in fake_gmail.messages.values()}) == 1


def test_a_message_in_flight_is_recognised_when_it_is_fetched(connect, fake_gmail):
    """Gmail has it, its answer was lost: the history brings it before anybody wrote down what became of it."""
    mailbox = connect()
    message = create_message()
    fake_gmail.deliver(gmail_plugin.channel.sending.compose(mailbox.account, message), labels=["SENT"])

    (event,) = mailbox.fetch()
    (echo,) = mailbox.channel.translate(mailbox.account, event)

    assert echo.external_id == message.external_id
    assert mailbox.channel.was_sent(mailbox.account, message)
    assert not mailbox.channel.was_sent(mailbox.account, create_message(12))


def test_a_sent_message_is_found_although_its_answer_was_lost(connect, fake_gmail):
    mailbox = connect()
    message = create_message()
    mailbox.channel.send(mailbox.account, message)
    gmail_plugin.forget_messages(mailbox.host, 1)

    assert mailbox.channel.was_sent(mailbox.account, message)


def test_an_id_that_cannot_be_read_back_does_not_look_like_a_failure(connect, fake_gmail):
    mailbox = connect()
    with fake_gmail.fault("server_trouble", after=1):  # the message; then its id is asked for
        receipt = mailbox.channel.send(mailbox.account, create_message())

    assert receipt.external_id == "t.11@inbox.example.com"
    assert len(fake_gmail.sent) == 1


def test_a_thread_that_was_deleted_is_no_reason_not_to_answer(connect, fake_gmail):
    mailbox = connect()
    question = fake_gmail.deliver(create_mail(1))
    mailbox.fetch()
    fake_gmail.delete(question.id)

    mailbox.channel.send(mailbox.account, create_message(in_reply_to="1@mail.example.org"))

    assert len(fake_gmail.sent) == 1


def test_what_recipients_see_follows_the_settings(connect, fake_gmail):
    mailbox = connect(
        send_as="Sales@example.test", display_name="Lumen Lamps", signature="Lea\nLumen", plus_addresses=True
    )

    receipt = mailbox.channel.send(mailbox.account, create_message(reply_token="abc", sender_name="Lea"))

    assert b"From: Lumen Lamps <sales@example.test>" in receipt.raw
    assert b"sales+r-abc@example.test" in receipt.raw
    assert b"-- \r\nLea\r\nLumen" in receipt.raw


def test_what_is_larger_than_gmail_takes_is_refused_before_it_is_sent(connect, fake_gmail, monkeypatch):
    mailbox = connect()
    monkeypatch.setattr("plugins.gmail.sending.LARGEST", 100)

    with pytest.raises(Permanent, match="larger than Gmail takes"):
        mailbox.channel.send(mailbox.account, create_message())

    assert fake_gmail.sent == []


def test_units_are_counted_by_the_minute_and_the_day(connect, fake_gmail):
    mailbox = connect()
    before = mailbox.channel.health(mailbox.account).quotas[0].used
    mailbox.channel.send(mailbox.account, create_message())

    (quota,) = mailbox.channel.health(mailbox.account).quotas
    assert quota.used - before == 105  # sending, and asking for the id
    assert quota.limit == 15_000
    assert dict(mailbox.channel.health(mailbox.account).rows)["Quota units today"] == str(quota.used)

    mailbox.host.clock.tick(120)
    assert mailbox.channel.health(mailbox.account).quotas[0].used == 0


def test_every_method_of_the_client_has_its_price():
    from plugins.gmail.units import COSTS

    methods = {name for name in vars(GmailClient) if not name.startswith("_")}
    assert methods == set(COSTS)
