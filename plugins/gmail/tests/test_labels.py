"""Promises about labels: what is changed on one side is changed on the other, once, and never lost on the way."""

from dataclasses import replace

import pytest

import plugins.gmail as gmail_plugin
from plugins.gmail.label_changes import carry_out, note_change, threads_waiting, waiting_changes
from plugins.gmail.labels import LabelsChange, LabelsMeaning, change_for
from plugins.gmail.tests.mailboxes import answer_to, create_mail
from tidings import ConversationChanged, ConversationSummary, MessageSummary

MEANING = LabelsMeaning(True, True, "Done", "Waiting", "SPAM", "Tidings/")
SETTINGS = {
    "maps_labels": True,
    "archives_resolved": True,
    "resolved_label": "Done",
    "pending_label": "Waiting",
    "spam_label": "SPAM",
    "tag_prefix": "Tidings/",
}


# ---- pure
@pytest.mark.parametrize(
    ("before", "after", "added", "removed", "add", "remove"),
    [
        ("open", "resolved", (), (), {"Done"}, {"Waiting", "SPAM", "INBOX"}),
        ("resolved", "open", (), (), {"INBOX"}, {"Done", "Waiting", "SPAM"}),
        ("open", "pending", (), (), {"Waiting"}, {"Done", "SPAM"}),
        ("pending", "snoozed", (), (), set(), {"Done", "Waiting", "SPAM"}),
        ("open", "spam", (), (), {"SPAM"}, {"Done", "Waiting", "INBOX"}),
        ("spam", "open", (), (), {"INBOX"}, {"Done", "Waiting", "SPAM"}),
        ("open", "open", ("Billing",), ("Orders",), {"Tidings/Billing"}, {"Tidings/Orders"}),
    ],
)
def test_a_change_of_a_conversation_is_a_change_of_labels(before, after, added, removed, add, remove):
    assert change_for(MEANING, before, after, added, removed) == LabelsChange(frozenset(add), frozenset(remove))


def test_labels_that_mean_nothing_are_never_touched():
    assert not change_for(LabelsMeaning(), "open", "resolved", ("Billing",), ())
    assert not change_for(replace(MEANING, tag_prefix=""), "open", "open", ("Billing",), ())
    only_archive = LabelsMeaning(is_on=True, archives_resolved=True)
    assert change_for(only_archive, "open", "resolved", (), ()) == LabelsChange(remove=frozenset({"INBOX"}))
    assert not change_for(only_archive, "open", "pending", (), ())


def test_of_two_changes_the_later_one_wins():
    first = LabelsChange(frozenset({"Done"}), frozenset({"INBOX"}))
    later = LabelsChange(frozenset({"INBOX"}), frozenset({"Done"}))

    assert first.followed_by(later) == later
    assert later.followed_by(LabelsChange(frozenset({"New"}))) == LabelsChange(
        frozenset({"INBOX", "New"}), later.remove
    )


# ---- from here to Gmail
def conversation(status="open"):
    from datetime import UTC, datetime

    return ConversationSummary(
        7, 12, "Lamp", status, "gmail", 1, 3, "Ada", "ada@example.com", datetime(2026, 3, 2, tzinfo=UTC)
    )


def received(host, external_id):
    summary = MessageSummary(
        9, conversation(), "inbound", "normal", external_id, "Hi", True, False, True, None, host.now(), 1
    )
    gmail_plugin.message_received(host, summary)


def changed(host, before="open", after="open", added=(), removed=(), is_from_provider=False):
    change = ConversationChanged(
        conversation(after), before, tuple(added), tuple(removed), is_from_provider=is_from_provider
    )
    gmail_plugin.conversation_changed(host, change)


@pytest.fixture
def mailbox(connect, fake_gmail):
    """A mailbox with one message that stands in a conversation."""
    mailbox = connect(**SETTINGS)
    mailbox.message = fake_gmail.deliver(create_mail(1))
    mailbox.fetch()
    received(mailbox.host, "1@mail.example.org")
    return mailbox


def names_on(gmail, message):
    return {gmail.labels[label] for label in gmail.messages[message.id].labels}


def test_what_is_done_here_changes_the_labels_of_the_whole_thread(mailbox, fake_gmail):
    later = fake_gmail.deliver(answer_to("1@mail.example.org"))

    changed(mailbox.host, "open", "resolved", added=["Billing"])
    carry_out(mailbox.host)

    for message in (mailbox.message, later):
        assert names_on(fake_gmail, message) == {"UNREAD", "Done", "Tidings/Billing"}
    assert waiting_changes(mailbox.host, 1) == 0


def test_on_the_emulator_too(emulated, emulated_client):
    put = emulated_client.insert(create_mail(1), label_ids=["INBOX"])
    settings = {**emulated.account.settings, **SETTINGS}
    emulated.account = replace(emulated.account, settings=settings)
    emulated.host.save_settings(1, settings)
    emulated.fetch()
    received(emulated.host, "1@mail.example.org")

    changed(emulated.host, "open", "resolved")
    carry_out(emulated.host)
    names = {label.id: label.name for label in emulated_client.labels()}
    assert {names[one] for one in emulated_client.summary(put.id).label_ids} == {"Done"}

    emulated_client.modify_message(put.id, add=["INBOX"], remove=[one for one in names if names[one] == "Done"])
    (update,) = said(emulated)
    assert update.status == "open"


def test_what_gmail_told_us_is_not_told_to_gmail(mailbox):
    changed(mailbox.host, "open", "resolved", is_from_provider=True)

    assert waiting_changes(mailbox.host, 1) == 0


def test_conversations_of_other_channels_and_without_the_option_change_nothing(mailbox):
    mailbox.host.save_settings(1, {**mailbox.account.settings, "maps_labels": False})
    changed(mailbox.host, "open", "resolved")
    note_change(mailbox.host, ConversationChanged(replace(conversation("resolved"), id=99), "open"))

    assert waiting_changes(mailbox.host, 1) == 0


def test_changes_wait_until_gmail_can_be_reached_and_keep_their_order(mailbox, fake_gmail):
    changed(mailbox.host, "open", "resolved")
    with fake_gmail.fault("server_trouble"):
        carry_out(mailbox.host)
    changed(mailbox.host, "resolved", "pending")
    carry_out(mailbox.host)
    assert waiting_changes(mailbox.host, 1) == 2  # the earlier one waits, and the later one must not overtake it
    assert names_on(fake_gmail, mailbox.message) == {"INBOX", "UNREAD"}

    mailbox.host.clock.tick(3600)
    carry_out(mailbox.host)

    assert waiting_changes(mailbox.host, 1) == 0
    assert names_on(fake_gmail, mailbox.message) == {"INBOX", "UNREAD", "Waiting"}


def test_changes_wait_as_long_as_gmail_asks(mailbox, fake_gmail):
    changed(mailbox.host, "open", "resolved")
    with fake_gmail.fault("rate_limited"):
        carry_out(mailbox.host)

    mailbox.host.clock.tick(fake_gmail.RETRY_AFTER_S - 2)
    carry_out(mailbox.host)
    assert waiting_changes(mailbox.host, 1) == 1
    mailbox.host.clock.tick(3)
    carry_out(mailbox.host)
    assert waiting_changes(mailbox.host, 1) == 0


def test_changes_of_a_mailbox_whose_access_was_taken_away_wait_for_its_owner(mailbox, fake_gmail):
    changed(mailbox.host, "open", "resolved")
    fake_gmail.office.revoke_everything()
    carry_out(mailbox.host)
    assert waiting_changes(mailbox.host, 1) == 1

    mailbox.host.save_secret(1, "refresh_token", fake_gmail.office.grant()[0])
    gmail_plugin.label_changes.retry_soon(mailbox.host, 1)
    carry_out(mailbox.host)

    assert names_on(fake_gmail, mailbox.message) == {"UNREAD", "Done"}


def test_a_thread_that_is_gone_and_a_label_that_is_refused_hold_nothing_up(mailbox, fake_gmail):
    fake_gmail.delete(mailbox.message.id)
    changed(mailbox.host, "open", "resolved")
    carry_out(mailbox.host)
    with fake_gmail.fault("refused"):
        changed(mailbox.host, "resolved", "open")
        carry_out(mailbox.host)

    assert waiting_changes(mailbox.host, 1) == 0


# ---- from Gmail to here
def said(mailbox):
    return [one for event in mailbox.fetch() for one in mailbox.channel.translate(mailbox.account, event)]


def test_what_is_done_in_gmail_changes_the_conversation(mailbox, fake_gmail):
    fake_gmail.relabel(mailbox.message, remove=["INBOX"])
    (update,) = said(mailbox)
    assert (update.status, update.external_id) == ("resolved", "1@mail.example.org")

    fake_gmail.relabel(mailbox.message, add=["INBOX"])
    (update,) = said(mailbox)
    assert update.status == "open"


def test_labels_that_mean_nothing_are_not_even_stored(mailbox, fake_gmail):
    fake_gmail.relabel(mailbox.message, add=["STARRED"], remove=["UNREAD"])

    assert mailbox.fetch() == []


def test_our_own_changes_come_back_as_what_is_so_already(mailbox, fake_gmail):
    changed(mailbox.host, "open", "resolved")
    carry_out(mailbox.host)

    (update,) = said(mailbox)
    assert update.status == "resolved"


def test_what_still_waits_here_wins_over_what_was_changed_there(mailbox, fake_gmail):
    fake_gmail.relabel(mailbox.message, remove=["INBOX"])
    changed(mailbox.host, "resolved", "open")
    assert threads_waiting(mailbox.host, 1, [mailbox.message.thread_id]) == {mailbox.message.thread_id}

    assert said(mailbox) == []
    carry_out(mailbox.host)

    assert "INBOX" in names_on(fake_gmail, mailbox.message)


def test_mail_that_no_conversation_has_changes_none(connect, fake_gmail):
    mailbox = connect(**SETTINGS)
    other = fake_gmail.deliver(create_mail(1), labels=["Label"])

    fake_gmail.relabel(other, add=["SPAM"])

    assert mailbox.fetch() == []


def test_a_thread_costs_one_look_however_many_of_its_labels_changed(mailbox, fake_gmail):
    fake_gmail.relabel(mailbox.message, remove=["INBOX"])
    fake_gmail.relabel(mailbox.message, add=["INBOX"])
    fake_gmail.relabel(mailbox.message, remove=["INBOX"])
    before = len(fake_gmail.asked)

    (update,) = said(mailbox)

    assert update.status == "resolved"
    assert [asked.path for asked in fake_gmail.asked[before:]].count(
        f"/gmail/v1/users/me/threads/{mailbox.message.thread_id}"
    ) == 1


# ---- when an account is gone
def test_what_is_remembered_of_a_removed_account_is_forgotten(mailbox, fake_gmail):
    changed(mailbox.host, "open", "resolved")
    gmail_plugin.arrivals.note_saved(mailbox.host, 1, is_new=True)
    gmail_plugin.keep_watches(mailbox.host)
    mailbox.host._accounts.clear()

    for job in gmail_plugin.register_jobs(mailbox.host):
        if job.name == "forget removed accounts":
            job.run()

    assert mailbox.host.store.values == {"connected_at": {}}
    assert waiting_changes(mailbox.host, 1) == 0
    assert gmail_plugin.messages.threads_of_conversation(mailbox.host, 7) == []
