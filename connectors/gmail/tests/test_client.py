"""A mailbox on an emulator that others wrote."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.gmail import (
    GmailClient,
    LabelsAdded,
    LabelsRemoved,
    MessageAdded,
    MessageDeleted,
    MessageRef,
    dated_query,
)
from connectors.gmail.tests.conftest import mail
from connectors.transport import ProviderSession


def test_message_comes_back_byte_by_byte(emulated_gmail: GmailClient) -> None:
    put = emulated_gmail.insert(mail(1), label_ids=["INBOX", "UNREAD"])

    got = emulated_gmail.message(put.id)

    assert got is not None
    assert got.raw == mail(1)
    assert (got.id, got.thread_id, got.label_ids) == (put.id, put.thread_id, {"INBOX", "UNREAD"})
    assert got.internal_at == datetime(2026, 3, 3, 10, tzinfo=UTC)


def test_summary_tells_of_a_message_without_its_bytes(emulated_gmail: GmailClient) -> None:
    put = emulated_gmail.insert(mail(1), label_ids=["INBOX"])

    summary = emulated_gmail.summary(put.id)

    assert summary is not None
    assert summary.label_ids == {"INBOX"}
    assert summary.size_estimate > 0
    assert not hasattr(summary, "raw")


def test_message_that_is_gone_is_none(emulated_gmail: GmailClient) -> None:
    assert emulated_gmail.message("gone") is None
    assert emulated_gmail.summary("gone") is None
    assert emulated_gmail.modify_message("gone", add=["STARRED"]) is None
    assert emulated_gmail.modify_thread("gone", add=["STARRED"]) is False


def test_headers_are_told_without_the_content(emulated_gmail: GmailClient) -> None:
    put = emulated_gmail.insert(mail(1), label_ids=["INBOX"])

    assert emulated_gmail.headers(put.id, ["Message-ID", "Subject"]) == {
        "message-id": "<1@example.com>",
        "subject": "Order 1",
    }
    assert emulated_gmail.headers("gone", ["Subject"]) is None


def test_thread_has_its_messages_oldest_first(emulated_gmail: GmailClient) -> None:
    question = emulated_gmail.insert(mail(1), label_ids=["INBOX"])
    answer = emulated_gmail.insert(mail(2), label_ids=["SENT"], thread_id=question.thread_id)

    messages = emulated_gmail.thread(question.thread_id)

    assert messages is not None
    assert [(one.id, one.label_ids) for one in messages] == [(question.id, {"INBOX"}), (answer.id, {"SENT"})]
    assert emulated_gmail.thread("gone") is None


def test_messages_are_listed_in_pages(emulated_gmail: GmailClient) -> None:
    put = {emulated_gmail.insert(mail(number), label_ids=["INBOX"]).id for number in range(5)}

    first = emulated_gmail.messages(max_results=3)
    second = emulated_gmail.messages(max_results=3, page_token=first.next_page_token)

    assert (len(first.messages), len(second.messages)) == (3, 2)
    assert {ref.id for page in (first, second) for ref in page.messages} == put
    assert second.next_page_token is None


def test_messages_are_found_by_time(emulated_gmail: GmailClient) -> None:
    early = emulated_gmail.insert(mail(1, date="Sun, 01 Feb 2026 10:00:00 +0000"), label_ids=["INBOX"])
    late = emulated_gmail.insert(mail(2, date="Sun, 01 Mar 2026 10:00:00 +0000"), label_ids=["INBOX"])
    between = datetime(2026, 2, 15, tzinfo=UTC)

    def found(query: str) -> list[str]:
        return [ref.id for ref in emulated_gmail.messages(query).messages]

    assert found(dated_query(after=between)) == [late.id]
    assert found(dated_query(before=between)) == [early.id]


def test_messages_are_found_by_label(emulated_gmail: GmailClient) -> None:
    emulated_gmail.insert(mail(1), label_ids=["SENT"])
    inbox = emulated_gmail.insert(mail(2), label_ids=["INBOX"])
    spam = emulated_gmail.insert(mail(3), label_ids=["SPAM"])

    assert emulated_gmail.messages(label_ids=["INBOX"]).messages == (MessageRef(inbox.id, inbox.thread_id),)
    assert spam.id not in {ref.id for ref in emulated_gmail.messages().messages}
    assert spam.id in {ref.id for ref in emulated_gmail.messages(with_spam_and_bin=True).messages}


def test_sent_answer_joins_the_thread(emulated_gmail: GmailClient) -> None:
    question = emulated_gmail.insert(mail(1), label_ids=["INBOX"])
    answer = mail(2, more="In-Reply-To: <1@example.com>\r\nReferences: <1@example.com>\r\n")

    sent = emulated_gmail.send(answer, thread_id=question.thread_id)

    kept = emulated_gmail.message(sent.id)
    assert sent.thread_id == question.thread_id
    assert "SENT" in sent.label_ids
    assert kept is not None
    assert kept.raw == answer


def test_history_tells_what_changed_in_order(emulated_gmail: GmailClient) -> None:
    start = emulated_gmail.insert(mail(1))
    before = emulated_gmail.summary(start.id)
    assert before is not None
    put = emulated_gmail.insert(mail(2), label_ids=["INBOX", "UNREAD"])
    ref = MessageRef(put.id, put.thread_id)
    emulated_gmail.modify_message(put.id, add=["STARRED"], remove=["UNREAD"])
    emulated_gmail.modify_thread(put.thread_id, add=["IMPORTANT"])

    page = emulated_gmail.history(before.history_id)

    assert [(type(change), change.message) for change in page.changes] == [
        (MessageAdded, ref),
        (LabelsAdded, ref),
        (LabelsRemoved, ref),
        (LabelsAdded, ref),
    ]
    labels = [change.label_ids for change in page.changes[1:] if not isinstance(change, MessageDeleted)]
    assert labels == [{"STARRED"}, {"UNREAD"}, {"IMPORTANT"}]
    assert emulated_gmail.history(page.history_id).changes == ()


def test_history_comes_in_pages(emulated_gmail: GmailClient) -> None:
    start = emulated_gmail.watch("projects/tidings/topics/gmail").history_id
    put = [emulated_gmail.insert(mail(number), label_ids=["INBOX"]).id for number in range(3)]

    seen, token = [], None
    for _ in range(3):
        page = emulated_gmail.history(start, page_token=token, max_results=1)
        seen += [change.message.id for change in page.changes]
        token = page.next_page_token

    assert seen == put
    assert token is None


def test_labels_are_listed_and_made(emulated_gmail: GmailClient) -> None:
    made = emulated_gmail.create_label("Tidings/Open")

    kinds = {label.name: label.kind for label in emulated_gmail.labels()}

    assert made.name == "Tidings/Open"
    assert (kinds["INBOX"], kinds["Tidings/Open"]) == ("system", "user")
    with pytest.raises(Rejected, match="exists or conflicts"):
        emulated_gmail.create_label("Tidings/Open")


def test_made_label_can_be_put_on_a_message(emulated_gmail: GmailClient) -> None:
    label = emulated_gmail.create_label("Waiting")
    put = emulated_gmail.insert(mail(1), label_ids=["INBOX"])

    assert emulated_gmail.modify_message(put.id, add=[label.id], remove=["INBOX"]) == {label.id}


def test_addresses_to_send_as_are_listed(emulated_gmail: GmailClient, emulated_mailbox: Any) -> None:
    (own,) = emulated_gmail.send_as()

    assert own.email_address == emulated_mailbox.address
    assert own.is_primary
    assert own.is_verified


def test_watch_ends_later_and_can_be_stopped(emulated_gmail: GmailClient) -> None:
    watch = emulated_gmail.watch("projects/tidings/topics/gmail", label_ids=["INBOX"])

    assert datetime.now(UTC) < watch.expires_at < datetime.now(UTC) + timedelta(days=8)
    emulated_gmail.stop()


def test_watch_of_an_unknown_label_is_rejected(emulated_gmail: GmailClient) -> None:
    with pytest.raises(Rejected) as caught:
        emulated_gmail.watch("projects/tidings/topics/gmail", label_ids=["Nonsense"])

    assert caught.value.code == "invalidArgument"


def test_mailbox_of_somebody_else_is_rejected(emulate: Any, emulated_mailbox: Any, session: ProviderSession) -> None:
    other = GmailClient(session, lambda: emulated_mailbox.token, user="else@example.test", endpoint=emulate.url)

    with pytest.raises(Rejected):
        other.labels()


@pytest.mark.parametrize(
    ("query", "bounded"),
    [("", "after:1767225600 before:1767225601"), ("in:inbox", "in:inbox after:1767225600 before:1767225601")],
)
def test_dated_query_counts_seconds(query: str, bounded: str) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)

    assert dated_query(query, after=at, before=at + timedelta(seconds=1)) == bounded
    assert dated_query(query) == query
