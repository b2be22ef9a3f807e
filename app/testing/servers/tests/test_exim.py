"""The mail transfer agent of the test kit: mail goes where it should, and what cannot comes back as a report."""

from __future__ import annotations

import smtplib
import time
from email import message_from_bytes

import pytest

from app.testing.servers import DovecotOptions, DovecotServer, EximServer, MissingComponent

MAIL = (
    b"From: ada@example.test\r\nTo: ben@example.test\r\nSubject: One\r\nMessage-ID: <1@example.test>\r\n\r\nHello\r\n"
)


@pytest.fixture
def people(lmtp_dovecot: DovecotServer) -> DovecotServer:
    for name in ("ada", "ben"):
        lmtp_dovecot.add_user(f"{name}@example.test")
    return lmtp_dovecot


def _send(exim: EximServer, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", exim.port, timeout=10) as client:
        client.sendmail("ada@example.test", recipients, MAIL)


def test_exim_delivers_to_mailboxes_and_to_their_plus_addresses(people: DovecotServer, exim: EximServer) -> None:
    _send(exim, "ben@example.test", "ada+token@example.test")

    (mail,) = people.wait_for_messages("ben@example.test", 1)
    assert message_from_bytes(mail)["Subject"] == "One"
    (tagged,) = people.wait_for_messages("ada@example.test", 1)
    assert message_from_bytes(tagged)["Envelope-To"] == "ada+token@example.test"


def test_exim_reports_what_nobody_has_a_mailbox_for(people: DovecotServer, exim: EximServer) -> None:
    _send(exim, "ben@example.test", "nobody@example.test")

    (report,) = map(message_from_bytes, people.wait_for_messages("ada@example.test", 1))
    assert report.get_content_type() == "multipart/report"
    assert report["X-Failed-Recipients"] == "nobody@example.test"
    assert b"<1@example.test>" in report.as_bytes()
    assert len(people.messages("ben@example.test")) == 1


def test_exim_relays_to_no_other_domain(people: DovecotServer, exim: EximServer) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        _send(exim, "ben@elsewhere.test")


def test_exim_tells_of_a_delay_and_delivers_in_the_end(people: DovecotServer, exim: EximServer) -> None:
    exim.hold("ben@example.test")
    _send(exim, "ben@example.test")
    exim.wait_for_log("mailbox is busy")
    time.sleep(2.1)  # Exim counts whole seconds
    exim.run_queue()

    (report,) = people.wait_for_messages("ada@example.test", 1)
    assert b"Action: delayed" in report
    assert people.messages("ben@example.test") == []

    exim.release("ben@example.test")
    exim.run_queue()
    assert len(people.wait_for_messages("ben@example.test", 1)) == 1


def test_missing_exim_names_the_package(monkeypatch: pytest.MonkeyPatch, people: DovecotServer) -> None:
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)

    with pytest.raises(MissingComponent, match="apt-get install exim4-daemon-light"):
        EximServer(people).start()


def test_missing_lmtp_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.testing.servers.dovecot._PROGRAMS", [])

    with pytest.raises(MissingComponent, match="apt-get install dovecot-lmtpd"):
        DovecotServer(DovecotOptions(lmtp=True)).start()
