"""Promises to who signs in to a mailbox with Google or Microsoft: one click and it works, nobody else's click does anything, and what is
lost is found again by a link in a mail."""

import json
import logging
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from app.jobs.housekeeping import do_housekeeping
from app.models import AuditEntry, Notice
from app.services import accounts
from app.services.core import SYSTEM
from app.services.delivery import deliver
from app.services.fetching import claim_account, fetch_account, note_trouble, release_account
from app.services.notice_mail import mail_notices
from app.services.replies import ReplyDraft, reply
from app.testing.servers.sign_in_front import SignInFront
from plugins.mailbox.signing_in.keeping import renew_sign_ins
from tests.integration.mailbox.sign_in_desk import CALLBACK, SignInDesk, state_in
from tests.integration.mailbox.test_mail_round_trip import write_mail
from tests.integration.web.conftest import sign_in  # noqa: F401 - a fixture is found by name
from tidings import ChannelError

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
both = pytest.mark.parametrize("provider", ["google", "microsoft"])


@pytest.fixture
def provider() -> str:
    return "microsoft"


@pytest.fixture
def emulator(request, provider):
    return request.getfixturevalue("emulate" if provider == "google" else "emulate_microsoft")


@pytest.fixture
def front(emulator, dovecot):
    with SignInFront(emulator, dovecot.tokens) as front:
        yield front


@pytest.fixture
def installation(installation, front, provider):
    """Whoever runs it says that the provider is at the front's address; answers leave at once."""
    addresses = {f"mailbox_{name}": address for name, address in front.addresses(provider).items()}
    return replace(installation, plugin_values=addresses, undo_s=0)


@pytest.fixture
def desk(core, sign_in, front, emulator, provider, dovecot, create_smtp_server):  # noqa: F811 - the fixture of that name
    mailbox = emulator.new_mailbox()
    dovecot.add_user(mailbox.address)
    smtp = create_smtp_server(tokens=dovecot.tokens, mailboxes=dovecot)
    admin = sign_in("Root", role="admin")
    yield SignInDesk(core, admin, front, emulator, provider, mailbox.address, dovecot.port, smtp)
    dovecot.remove_user(mailbox.address)


@pytest.fixture
def signed_in(desk):
    desk.enter_application()
    desk.connect()
    answer = desk.sign_in()
    assert answer.status_code == 303, answer.text
    return desk


def fetch(core):
    """Look once, as the pollers do; trouble is written down."""
    account = claim_account(core, 1, "test")
    try:
        fetch_account(core, account)
    except ChannelError as error:
        note_trouble(core, 1, error)
    finally:
        release_account(core, 1, "test")
    core.session.rollback()


def open_notices(core):
    core.session.rollback()
    return core.session.scalars(select(Notice).where(Notice.closed_at.is_(None))).all()


@both
def test_an_address_and_a_click_bring_mail_in_and_answers_out(core, desk, dovecot, ada, inbox, caplog):
    caplog.set_level(logging.DEBUG)
    desk.enter_application()
    answer = desk.connect()
    assert answer.headers["Location"] == "/plugins/mailbox/sign-in/1", answer.text
    assert desk.account().state == "needs_reauth"
    consent = desk.leave(answer.headers["Location"])
    assert desk.return_from(consent).headers["Location"] == "/accounts/1"
    assert desk.account().state == "active"

    fetch(core)
    dovecot.deliver(desk.address, write_mail(ada.address, desk.address))
    fetch(core)
    (first,) = inbox.messages()
    message_id = reply(core, SYSTEM, first.conversation_id, ReplyDraft("It is on its way."))
    assert deliver(core, message_id) == "sent"
    assert b"It is on its way." in dovecot.wait_for_messages(ada.address, 1)[0]

    assert desk.front.used == [], "the first access token is good for an hour"
    if desk.provider == "microsoft":
        assert set(desk.front.tenants) == {"common"}
    assert "Signed in as" in desk.admin.get("/accounts/1").text
    said = caplog.text + str(core.session.execute(select(AuditEntry.data)).all())
    kept = desk.secrets()
    tokens = [
        kept[f"{desk.provider}_refresh_token"],
        json.loads(kept["access_token"])["token"],
        desk.emulator.CLIENT_SECRET,
    ]
    assert [token for token in tokens if token in said] == []
    assert not any(token in desk.account().secrets for token in tokens), "they are encrypted"


def test_without_an_application_the_guide_says_what_to_click(desk):
    answer = desk.connect()
    guide = desk.leave(answer.headers["Location"])
    assert guide == "/plugins/mailbox/connect/microsoft?account=1"
    page = desk.admin.get(guide).text
    assert "Enter ID and secret first." in page
    assert f'value="{desk.core.config.address}{CALLBACK}" readonly' in page
    assert "SMTP.Send" in page
    desk.enter_application()
    assert 'href="/plugins/mailbox/sign-in/1"' in desk.admin.get("/plugins/mailbox/connect/microsoft?account=1").text
    assert "Make a client at Google" in desk.admin.get("/plugins/mailbox/connect/google").text
    assert desk.admin.get("/plugins/mailbox/connect/yahoo").status_code == 404


def test_a_server_that_does_not_answer_is_named_before_anybody_signs_in(desk, create_smtp_server):
    desk.enter_application()
    page = desk.connect(imap_port=9).text
    assert "Incoming mail" in page
    assert "127.0.0.1 answers. The next step is to sign in." in page


def test_what_somebody_else_sends_back_does_nothing(desk, sign_in):  # noqa: F811 - the fixture of that name
    desk.enter_application()
    desk.connect()
    consent, other = desk.leave(), sign_in("Ben", role="admin")

    assert "begun by somebody else" in desk.return_from(consent, visitor=other).text
    assert "begun by somebody else" in desk.admin.get(f"{CALLBACK}?state=0.made-up&code=x").text
    assert sign_in("Lea").get(f"{CALLBACK}?state={state_in(consent)}").status_code == 403
    assert desk.account().state == "needs_reauth"
    assert desk.return_from(consent).status_code == 303, "who began it can still go on"
    assert "used already" in desk.admin.get(f"{CALLBACK}?state={state_in(consent)}&code=x").text


@pytest.mark.parametrize(
    ("back", "words"),
    [
        ("error=access_denied&error_description=no", "Microsoft did not let Tidings in. Sign in again and agree."),
        ("error=consent_required&error_description=An+admin+must+agree.+Trace+ID:+1", "(An admin must agree.)"),
        ("code=another", "no longer accepts the sign-in (invalid_grant)"),
    ],
)
def test_a_refusal_changes_nothing_and_says_what_to_do(desk, back, words):
    desk.enter_application()
    desk.connect()
    page = desk.admin.get(f"{CALLBACK}?state={state_in(desk.leave())}&{back}").text
    assert words in page
    assert "Trace ID" not in page
    assert desk.account().state == "needs_reauth"
    assert 'href="/plugins/mailbox/sign-in/1"' in page


@both
def test_another_persons_sign_in_is_refused(signed_in):
    before, other = signed_in.secrets(), signed_in.emulator.new_mailbox().address
    page = signed_in.sign_in(person=other).text
    assert f"You signed in as {other}, who may not open the mailbox {signed_in.address}. Nothing was changed." in page
    assert signed_in.secrets() == before


def test_a_member_signs_in_to_a_shared_mailbox(desk):
    desk.enter_application(tenant="example.onmicrosoft.com")
    desk.connect()
    member = desk.emulator.new_mailbox().address
    desk.front.shares[member] = desk.address
    assert desk.sign_in(person=member).status_code == 303
    assert desk.account().state == "active"
    assert set(desk.front.tenants) == {"example.onmicrosoft.com"}
    assert member in desk.admin.get("/accounts/1").text


@both
def test_a_sign_in_that_was_revoked_is_mailed_with_a_link_that_mends_it(
    core, signed_in, create_account, smtp_server, dovecot, ada, inbox
):
    create_account(
        "mailbox", address="help@example.test", smtp_host="127.0.0.1", smtp_port=smtp_server.port, smtp_security="none",
        smtp_auth="none", imap_host="127.0.0.1",
    )  # fmt: skip
    fetch(core)
    signed_in.front.revoke_everything()
    fetch(core)
    assert signed_in.account().state == "needs_reauth"
    assert mail_notices(core) == 1
    mail = message_from_bytes(smtp_server.messages[0].raw, policy=policy.default)
    link = f"{core.config.address}/accounts/1/sign-in"
    assert link in mail.get_body(("plain",)).get_content()
    dovecot.deliver(signed_in.address, write_mail(ada.address, signed_in.address))

    there = signed_in.admin.get("/accounts/1/sign-in").headers["Location"]
    assert signed_in.sign_in(there).headers["Location"] == "/accounts/1"
    fetch(core)
    assert inbox.subjects() == ["Where is my order?"]
    assert open_notices(core) == []


def test_a_paused_account_stays_signed_in_for_years(core, clock, signed_in):
    accounts.pause_account(core, SYSTEM, 1)
    for _ in range(4):
        clock.advance(days=89)
        renew_sign_ins(signed_in.host())
        do_housekeeping(core)
    assert len(set(signed_in.front.used)) == 4, "each time with the token that came the last time"
    assert open_notices(core) == []
    assert signed_in.account().state == "paused"
    accounts.resume_account(core, SYSTEM, 1)
    fetch(core)
    assert signed_in.account().state == "active"


def test_the_end_of_a_client_secret_is_told_once_with_the_way_to_renew_it(core, clock, signed_in):
    ends = clock.now() + timedelta(days=5)
    signed_in.enter_application(secret_ends=f"{ends:%Y-%m-%d}")
    do_housekeeping(core)
    do_housekeeping(core)
    (notice,) = open_notices(core)
    assert (notice.times, notice.level, notice.data["days"]) == (1, "warning", 7)
    assert notice.path == "/plugins/mailbox/connect/microsoft"
    assert "Client secret" in signed_in.admin.get("/accounts/health").text


@pytest.mark.parametrize("provider", ["google"])
def test_a_sign_in_that_google_ends_after_a_week_is_told_before(core, clock, desk):
    desk.front.lasts_s = 7 * 86_400
    desk.enter_application()
    desk.connect()
    desk.sign_in()
    assert "6 days left" in desk.admin.get("/accounts/health").text
    clock.advance(days=6, hours=12)
    do_housekeeping(core)
    (notice,) = open_notices(core)
    assert (notice.subject, notice.path) == ("account:1:term:Sign-in", "/accounts/1/sign-in?renew=1")
    assert mail_notices(core) == 1
    mail = message_from_bytes(desk.smtp.messages[-1].raw, policy=policy.default)
    assert f"{core.config.address}/accounts/1/sign-in?renew=1" in mail.get_body(("plain",)).get_content()
    there = desk.admin.get(notice.path).headers["Location"]
    desk.sign_in(there)
    do_housekeeping(core)
    assert open_notices(core)[0].data["days"] == 7, "a week again"
