"""What goes wrong, and what the emulator lacks: on a fake of ours."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.gmail import (
    SCOPE_MODIFY,
    GmailClient,
    GoogleCertificates,
    GoogleClient,
    HistoryExpired,
    LabelsAdded,
    LabelsRemoved,
    MessageAdded,
    MessageDeleted,
    MessageRef,
    PushVerifier,
    ServiceAccount,
    delegated_tokens,
    refresh,
    revoke,
)
from connectors.gmail.client import LARGEST_IN_JSON
from connectors.gmail.tests.conftest import mail
from connectors.transport import ProviderSession


def test_profile_names_the_mailbox_and_its_history_id(gmail: GmailClient, fake_gmail: Any) -> None:
    fake_gmail.deliver(mail(1))
    before = gmail.profile()
    fake_gmail.deliver(mail(2))
    after = gmail.profile()

    assert before.email_address == fake_gmail.mailbox
    assert (before.messages_total, after.messages_total) == (1, 2)
    assert int(before.history_id) < int(after.history_id)


def test_history_starts_at_the_profile(gmail: GmailClient, fake_gmail: Any) -> None:
    start = gmail.profile().history_id
    message = fake_gmail.deliver(mail(1))
    fake_gmail.relabel(message, add=["STARRED"], remove=["UNREAD"])
    fake_gmail.delete(message.id)

    page = gmail.history(start)

    kinds = [type(change) for change in page.changes]
    assert kinds == [MessageAdded, LabelsAdded, LabelsRemoved, MessageDeleted]
    assert {change.message for change in page.changes} == {MessageRef(message.id, message.thread_id)}
    assert gmail.history(page.history_id).changes == ()


def test_history_that_gmail_has_forgotten_is_expired(gmail: GmailClient, fake_gmail: Any) -> None:
    start = gmail.profile().history_id
    fake_gmail.deliver(mail(1))
    fake_gmail.forget_history()

    with pytest.raises(HistoryExpired):
        gmail.history(start)

    assert gmail.history(gmail.profile().history_id).changes == ()


def test_history_of_one_label_leaves_others_out(gmail: GmailClient, fake_gmail: Any) -> None:
    start = gmail.profile().history_id
    fake_gmail.deliver(mail(1), labels=["SENT"])
    inbox = fake_gmail.deliver(mail(2), labels=["INBOX"])

    assert [change.message.id for change in gmail.history(start, label_id="INBOX").changes] == [inbox.id]


def test_senseless_history_id_is_rejected_but_not_expired(gmail: GmailClient) -> None:
    with pytest.raises(Rejected) as caught:
        gmail.history("nonsense")

    assert not isinstance(caught.value, HistoryExpired)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("expired_credential", AuthExpired, "authError"),
        ("missing_scope", AuthExpired, "insufficientPermissions"),
        ("rate_limited", RateLimited, "rateLimitExceeded"),
        ("user_rate_limited", RateLimited, "userRateLimitExceeded"),
        ("quota_exceeded", RateLimited, "quotaExceeded"),
        ("daily_limit", RateLimited, "dailyLimitExceeded"),
        ("server_trouble", Unavailable, "backendError"),
        ("refused", Rejected, "failedPrecondition"),
        ("garbage", Unavailable, "not-understood"),
        ("cut_connection", Unavailable, None),
    ],
)
def test_fault_becomes_the_error_to_react_to(
    gmail: GmailClient, fake_gmail: Any, fault: str, kind: type[ConnectorError], code: str | None
) -> None:
    with fake_gmail.fault(fault), pytest.raises(ConnectorError) as caught:
        gmail.profile()

    assert type(caught.value) is kind
    assert caught.value.code == code
    assert caught.value.reason
    assert gmail.profile()


def test_wait_is_what_the_answer_asks_for(gmail: GmailClient, fake_gmail: Any) -> None:
    with fake_gmail.fault("rate_limited"), pytest.raises(RateLimited) as asked:
        gmail.profile()
    with fake_gmail.fault("daily_limit"), pytest.raises(RateLimited) as usual:
        gmail.profile()

    assert asked.value.retry_after_s == fake_gmail.RETRY_AFTER_S
    assert usual.value.retry_after_s == 3600


def test_no_answer_in_time_is_unavailable(gmail: GmailClient, fake_gmail: Any, session: ProviderSession) -> None:
    session.timeout_s = (0.2, 0.2)

    with fake_gmail.fault("silence"), pytest.raises(Unavailable, match="in time"):
        gmail.profile()


@pytest.mark.parametrize("fault", ["cut_connection", "garbage", "server_trouble"])
def test_lost_answer_leaves_open_whether_a_message_was_sent(gmail: GmailClient, fake_gmail: Any, fault: str) -> None:
    with fake_gmail.fault(fault), pytest.raises(Unavailable) as sending:
        gmail.send(mail(1))
    with fake_gmail.fault(fault), pytest.raises(Unavailable) as reading:
        gmail.profile()

    assert sending.value.outcome_unknown
    assert not reading.value.outcome_unknown


def test_sent_message_is_what_was_given(gmail: GmailClient, fake_gmail: Any) -> None:
    question = fake_gmail.deliver(mail(1))

    sent = gmail.send(mail(2), thread_id=question.thread_id)

    (kept,) = fake_gmail.sent
    assert (kept.id, kept.thread_id) == (sent.id, question.thread_id)
    assert kept.raw.split(b"\r\n\r\n", 1)[1] == mail(2).split(b"\r\n\r\n", 1)[1]


def test_message_that_was_sent_has_an_id_of_gmails_making_and_keeps_our_own_header(gmail: GmailClient) -> None:
    sent = gmail.send(mail(2, more="X-Number: 2\r\n"))

    headers = gmail.headers(sent.id, ["Message-ID", "X-Number"])

    assert headers is not None
    assert headers["x-number"] == "2"
    assert headers["message-id"] != "<2@example.com>"
    assert [ref.id for ref in gmail.messages(f"rfc822msgid:{headers['message-id']}").messages] == [sent.id]
    assert gmail.messages("rfc822msgid:2@example.com").messages == ()


def test_large_message_is_uploaded_into_its_thread(gmail: GmailClient, fake_gmail: Any) -> None:
    question = fake_gmail.deliver(mail(1))
    large = mail(2) + b"0123456789abcde\n" * (LARGEST_IN_JSON // 16 + 1)

    sent = gmail.send(large, thread_id=question.thread_id)
    alone = gmail.send(large)

    assert fake_gmail.asked[-1].path.startswith("/upload/")
    assert sent.thread_id == question.thread_id
    assert alone.thread_id != question.thread_id
    assert fake_gmail.sent[0].raw.split(b"\r\n\r\n", 1)[1] == large.split(b"\r\n\r\n", 1)[1]


@pytest.mark.parametrize(("fault", "kind"), [("refused", Rejected), ("expired_credential", AuthExpired)])
def test_trouble_with_an_upload_is_told_like_any_other(
    gmail: GmailClient, fake_gmail: Any, fault: str, kind: type[ConnectorError]
) -> None:
    with fake_gmail.fault(fault), pytest.raises(kind):
        gmail.send(mail(1) + b"x" * LARGEST_IN_JSON)


def test_thread_tells_the_labels_of_its_messages(gmail: GmailClient, fake_gmail: Any) -> None:
    question = fake_gmail.deliver(mail(1))
    answer = fake_gmail.deliver(mail(2), labels=["SENT"], thread_id=question.thread_id)

    messages = gmail.thread(question.thread_id)

    assert messages is not None
    assert {one.id: one.label_ids for one in messages} == {question.id: {"INBOX", "UNREAD"}, answer.id: {"SENT"}}
    assert gmail.thread("gone") is None


def test_sending_into_a_thread_that_is_gone_is_rejected(gmail: GmailClient) -> None:
    with pytest.raises(Rejected) as caught:
        gmail.send(mail(1), thread_id="gone")

    assert caught.value.code == "notFound"


def test_address_to_send_as_must_be_verified(gmail: GmailClient, fake_gmail: Any) -> None:
    fake_gmail.send_as += [
        {"sendAsEmail": "sales@example.test", "displayName": "Sales", "verificationStatus": "accepted"},
        {"sendAsEmail": "new@example.test", "verificationStatus": "pending"},
    ]

    verified = {one.email_address: one.is_verified for one in gmail.send_as()}

    assert verified == {fake_gmail.mailbox: True, "sales@example.test": True, "new@example.test": False}


def test_revoked_consent_is_noticed(gmail: GmailClient, fake_gmail: Any) -> None:
    assert gmail.labels()
    fake_gmail.office.revoke_everything()

    with pytest.raises(AuthExpired):
        gmail.labels()


def test_error_of_the_token_reaches_the_caller_and_nothing_is_sent(fake_gmail: Any, session: ProviderSession) -> None:
    def token() -> str:
        raise AuthExpired("No refresh token.", step="login")

    with pytest.raises(AuthExpired, match="No refresh token"):
        GmailClient(session, token, endpoint=fake_gmail.address).profile()

    assert fake_gmail.asked == []


def test_any_session_will_do(fake_gmail: Any) -> None:
    _, access_token = fake_gmail.office.grant()
    with requests.Session() as plain:
        gmail = GmailClient(plain, lambda: access_token, endpoint=fake_gmail.address)

        assert gmail.profile().email_address == fake_gmail.mailbox
        with fake_gmail.fault("cut_connection"), pytest.raises(Unavailable):
            gmail.profile()


def test_google_s_own_addresses_are_asked_unless_told_otherwise(fake_gmail: Any, session: ProviderSession) -> None:
    fake_gmail.stand_in_for(session)
    fake_gmail.office.delegated.add(SCOPE_MODIFY)
    refresh_token, _ = fake_gmail.office.grant()
    application = GoogleClient(fake_gmail.office.client_id, fake_gmail.office.client_secret, "https://a.test/return")
    account = ServiceAccount.from_key_file(fake_gmail.office.key_file())

    token = refresh(session, application, refresh_token).access_token
    assert GmailClient(session, lambda: token).profile()
    revoke(session, application, refresh_token)
    assert delegated_tokens(session, account, fake_gmail.mailbox, [SCOPE_MODIFY])
    header = f"Bearer {fake_gmail.office.push_token('us')}"
    assert PushVerifier(GoogleCertificates(), audience="us").verify(header, session)

    assert [f"{asked.server}{asked.path}" for asked in fake_gmail.asked] == [
        "oauth2.googleapis.com/token",
        "gmail.googleapis.com/gmail/v1/users/me/profile",
        "oauth2.googleapis.com/revoke",
        "oauth2.googleapis.com/token",
        "www.googleapis.com/oauth2/v1/certs",
    ]


def test_token_stands_in_no_log_and_no_repr(fake_gmail: Any, session: ProviderSession, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    _, access_token = fake_gmail.office.grant()
    gmail = GmailClient(session, lambda: access_token, endpoint=fake_gmail.address)

    gmail.profile()
    with fake_gmail.fault("missing_scope"), pytest.raises(AuthExpired) as caught:
        gmail.profile()

    assert fake_gmail.asked[0].headers["Authorization"] == f"Bearer {access_token}"
    assert access_token not in caplog.text + repr(gmail) + repr(caught.value)


def test_netrc_does_not_replace_the_token(
    gmail: GmailClient, fake_gmail: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))

    assert gmail.profile().email_address == fake_gmail.mailbox
