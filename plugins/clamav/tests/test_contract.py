"""What the plugin promises: what becomes of messages with files, looked at by a real scanner or by none."""

from datetime import UTC, datetime

import pytest

from plugins import clamav
from plugins.clamav.settings import ClamAVSettings
from plugins.clamav.tests.conftest import PATTERN, VIRUS
from plugins.clamav.watch import ask_scanner
from tidings import Account, InboundAttachment, InboundMessage, Participant
from tidings.testing import FakeHost

ACCOUNT = Account(1, "mailbox", "Support", "", {})
CLEAN = InboundAttachment("lamp.txt", "text/plain", b"a lamp")
INFECTED = InboundAttachment("invoice.pdf", "application/pdf", b"%PDF-1.7 " + PATTERN)


def create_host(server: str, **settings: object) -> FakeHost:
    return FakeHost("clamav", settings={"server": server, **settings}, package="plugins.clamav")


def create_message(*files: InboundAttachment, **fields: object) -> InboundMessage:
    ada = Participant("email", "ada@example.com", "Ada")
    return InboundMessage(
        "x@y", ada, "See the file.", datetime(2026, 1, 2, tzinfo=UTC), "key", attachments=files, **fields
    )


def test_an_infected_file_is_taken_out_and_its_message_kept_in_spam(clamd):
    changed = clamav.filter_inbound(create_host(clamd["unix"]), create_message(CLEAN, INFECTED), ACCOUNT)
    assert changed.attachments == (CLEAN,)
    assert changed.is_spam
    assert not changed.accepts_auto_reply
    assert changed.fields["Why in Spam"] == "a file with a virus"
    assert changed.defects == (f"ClamAV found {VIRUS} in the file invoice.pdf. The file was not kept.",)


def test_reasons_that_are_there_already_stay(clamd):
    message = create_message(INFECTED, fields={"Why in Spam": "a link"}, defects=("A picture is missing.",))
    changed = clamav.filter_inbound(create_host(clamd["tcp"]), message, ACCOUNT)
    assert changed.fields["Why in Spam"] == "a link; a file with a virus"
    assert changed.defects[0] == "A picture is missing."


def test_clean_files_and_messages_without_files_are_left_alone(clamd):
    host = create_host(clamd["unix"])
    assert clamav.filter_inbound(host, create_message(CLEAN), ACCOUNT) is None
    assert clamav.filter_inbound(host, create_message(), ACCOUNT) is None


@pytest.mark.parametrize("settings", [{}, {"server": ""}])
def test_nothing_happens_before_a_scanner_is_named(settings):
    host = FakeHost("clamav", settings=settings, package="plugins.clamav")
    assert clamav.filter_inbound(host, create_message(INFECTED), ACCOUNT) is None
    ask_scanner(host)
    assert clamav.dashboard_panels(host) == []


def test_without_the_scanner_files_pass_with_a_note():
    changed = clamav.filter_inbound(create_host("/nowhere/clamd.ctl"), create_message(CLEAN, INFECTED), ACCOUNT)
    assert changed.attachments == (CLEAN, INFECTED)
    assert not changed.is_spam
    assert [sentence.partition(":")[0] for sentence in changed.defects] == [
        "The file lamp.txt was not checked for viruses",
        "The file invoice.pdf was not checked for viruses",
    ]


def test_without_the_scanner_messages_wait_in_spam_where_that_is_set():
    changed = clamav.filter_inbound(create_host("/nowhere/clamd.ctl", when_away="spam"), create_message(CLEAN), ACCOUNT)
    assert changed.is_spam
    assert changed.attachments == (CLEAN,)
    assert changed.fields["Why in Spam"] == "files that could not be checked for viruses"


def test_admins_are_told_while_the_scanner_is_away_and_no_longer(clamd):
    host = create_host("/nowhere/clamd.ctl")
    assert clamav.dashboard_panels(host) == []
    ask_scanner(host)
    (panel,) = clamav.dashboard_panels(host)
    assert "cannot be reached since 2" in panel.rows[0][1]
    host.settings["server"] = clamd["unix"]
    ask_scanner(host)
    assert clamav.dashboard_panels(host) == []


def test_a_scanner_that_comes_back_is_noticed_by_the_next_file(clamd):
    host = create_host("/nowhere/clamd.ctl")
    clamav.filter_inbound(host, create_message(CLEAN), ACCOUNT)
    assert clamav.dashboard_panels(host)
    host.settings["server"] = clamd["unix"]
    clamav.filter_inbound(host, create_message(CLEAN), ACCOUNT)
    assert clamav.dashboard_panels(host) == []


@pytest.mark.parametrize(
    ("server", "is_fine"), [("/run/clamd.ctl", True), ("scan.test:3310", True), ("scan.test", False), ("", True)]
)
def test_the_settings_refuse_what_is_no_address(server, is_fine):
    form = ClamAVSettings(data={"server": server, "timeout_s": 15, "when_away": "pass"})
    assert form.validate() is is_fine
