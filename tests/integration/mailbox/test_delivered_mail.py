"""Mail handed straight in by a mail server: stored before it is confirmed, sorted by its recipient, threaded by its token."""

import smtplib
import socket
from dataclasses import replace

import pytest

from app.jobs.plugin_services import PluginServices
from app.models import ChannelAccount
from app.services import accounts
from tests.integration.mailbox.test_mail_round_trip import read, write_mail


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def installation(installation, port):
    return replace(installation, plugin_values={"mailbox_listen": f"lmtp://127.0.0.1:{port}"})


@pytest.fixture
def lmtp(core, port, until):
    """A connection to the running listener, as a mail server has one."""
    services = PluginServices(core)
    services.look()

    def connected():
        try:
            return smtplib.LMTP("127.0.0.1", port)
        except ConnectionRefusedError:
            return None

    with until(connected) as client:
        yield client
    services.stop()


@pytest.fixture
def support(connect, mail_user):
    """An account that gets its mail this way alone."""
    return connect(mail_user, receive_by="delivered", plus_addresses=True, imap_host="")


def test_a_delivered_mail_becomes_a_conversation_and_is_answered(
    support, mail_user, ada, lmtp, inbox, core, answer, dovecot
):
    lmtp.sendmail(ada.address, [mail_user.address], write_mail(ada.address, mail_user.address))
    core.session.rollback()
    (first,) = inbox.messages()
    assert (first.subject, first.account_id) == ("Where is my order?", support)

    answer(first.conversation_id)
    (back,) = map(read, dovecot.wait_for_messages(ada.address, 1))
    token_address = back["Reply-To"].addresses[0].addr_spec
    lost_thread = write_mail(ada.address, token_address, message_id="2@mail.example.org", subject="Thanks")
    lmtp.sendmail(ada.address, [token_address], lost_thread)
    core.session.rollback()

    joined = inbox.messages()[-1]
    assert (joined.conversation_id, joined.joined_by) == (first.conversation_id, "token")


def test_a_mail_delivered_twice_is_one_message(support, mail_user, ada, lmtp, inbox, core):
    for _ in range(2):
        assert lmtp.sendmail(ada.address, [mail_user.address], write_mail(ada.address, mail_user.address)) == {}
    core.session.rollback()

    assert len(inbox.messages()) == 1


def test_strangers_are_refused_and_paused_mailboxes_wait(support, mail_user, ada, lmtp, core, lea):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as unknown:
        lmtp.sendmail(ada.address, ["nobody@example.test"], write_mail(ada.address, "nobody@example.test"))
    accounts.pause_account(core, lea, support)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as paused:
        lmtp.sendmail(ada.address, [mail_user.address], write_mail(ada.address, mail_user.address))

    assert [code for code, _ in unknown.value.recipients.values()] == [550]
    assert [code for code, _ in paused.value.recipients.values()] == [451]


def test_a_full_disk_leaves_the_mail_with_its_sender(support, mail_user, ada, lmtp, inbox, core, monkeypatch):
    def no_room(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(type(core.files), "put", no_room)
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            lmtp.sendmail(ada.address, [mail_user.address], write_mail(ada.address, mail_user.address))
    assert refusal.value.smtp_code == 451
    lmtp.sendmail(ada.address, [mail_user.address], write_mail(ada.address, mail_user.address))
    core.session.rollback()

    assert len(inbox.messages()) == 1


def test_an_account_that_is_delivered_to_is_left_alone_by_the_pollers(support, core, until):
    until(lambda: core.session.get(ChannelAccount, support, populate_existing=True).checked_at)

    assert core.session.get(ChannelAccount, support).failures == 0


def test_a_whole_domain_is_taken_in_and_each_answer_is_from_the_address_that_was_written_to(
    connect, mail_user, ada, lmtp, inbox, core, answer, dovecot
):
    connect(mail_user, receive_by="delivered", imap_host="", aliases="Shop <*@shop.example.test>")
    hidden = write_mail(ada.address, "list@lists.example.org", message_id="2@mail.example.org", subject="Hidden")
    lmtp.sendmail(ada.address, ["sales@shop.example.test"], write_mail(ada.address, "Sales@shop.example.test"))
    lmtp.sendmail(ada.address, ["info@shop.example.test"], hidden)
    core.session.rollback()
    open_sale, by_list = inbox.messages()

    assert by_list.fields["Delivered to"] == "info@shop.example.test"
    answer(open_sale.conversation_id)
    answer(by_list.conversation_id)
    back = map(read, dovecot.wait_for_messages(ada.address, 2))
    assert [one["From"] for one in back] == ["Shop <sales@shop.example.test>", "Shop <info@shop.example.test>"]
