"""An admin connects mailboxes in the browser, signs in again, and is told what goes wrong."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from app.models import ChannelAccount
from app.services.account_view import account_view
from connectors.gmail import SCOPE_MODIFY
from tests.integration.gmail.desk import CALLBACK, CONNECT, DOMAIN, SIGN_IN, Desk, mail


def accounts(desk):
    desk.core.session.rollback()
    return desk.core.session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)).all()


def test_the_guide_shows_what_to_copy_and_waits_for_the_client(empty_desk: Desk):
    page = empty_desk.admin.get(CONNECT).text

    for address in ("/plugins/gmail/callback", "/hooks/gmail"):
        assert f'{address}"' in page
    assert "Enter the client ID and the client secret first." in page
    assert "Enter the client ID and the client secret first." in empty_desk.admin.get(SIGN_IN).text


def test_the_list_of_channels_leads_to_the_guide(empty_desk: Desk):
    assert CONNECT in empty_desk.admin.get("/accounts/connect").text


def test_signing_in_makes_an_account(empty_desk: Desk, gmail):
    empty_desk.enter_client()
    answer = empty_desk.sign_in()

    (row,) = accounts(empty_desk)
    assert answer.headers["Location"].endswith(f"/accounts/{row.id}")
    assert (row.address, row.state, row.settings["sign_in"]) == (gmail.mailbox, "active", "oauth")
    page = empty_desk.admin.get(f"/accounts/{row.id}").text
    assert "The owner signed in" in page
    channel = empty_desk.core.plugins.channels["gmail"]
    assert channel.test_connection(account_view(empty_desk.core, row)).is_ok
    secret = account_view(empty_desk.core, row).secret("refresh_token")
    assert secret
    assert secret not in page


def test_google_is_asked_for_one_right_with_a_challenge(empty_desk: Desk, gmail):
    empty_desk.enter_client()
    asked = urlsplit(empty_desk.admin.get(SIGN_IN).headers["Location"])
    query = parse_qs(asked.query)

    assert f"{asked.scheme}://{asked.netloc}{asked.path}" == f"{gmail.address}/authorise"
    assert query["scope"] == [SCOPE_MODIFY]
    assert query["code_challenge_method"] == ["S256"]
    assert query["access_type"] == ["offline"]
    assert query["redirect_uri"][0].endswith(CALLBACK)


def test_the_same_mailbox_is_not_added_twice(desk: Desk):
    desk.connect()

    assert len(accounts(desk)) == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"error": "access_denied"}, "Sign in again and agree"),
        ({"code": "guessed"}, "That did not work"),
        ({"scope": "https://www.googleapis.com/auth/userinfo.email"}, "tick the box for Gmail"),
    ],
)
def test_what_goes_wrong_comes_back_as_a_sentence(empty_desk: Desk, options, words, monkeypatch):
    empty_desk.enter_client()
    scope = options.pop("scope", "")
    if scope:  # as Google does, the fake tells which rights were given
        office, exchange = empty_desk.gmail.office, empty_desk.gmail.office._tokens
        monkeypatch.setattr(office, "_tokens", lambda token, **more: exchange(token, **{**more, "scope": scope}))

    assert words in empty_desk.sign_in(scope=scope, **options).text
    assert accounts(empty_desk) == []


def test_a_state_works_once_and_nobody_can_guess_one(empty_desk: Desk):
    empty_desk.enter_client()

    assert "took too long or was used already" in empty_desk.admin.get(f"{CALLBACK}?state=0.guess&code=x").text
    assert "took too long or was used already" in empty_desk.sign_in(state="0.guess", code="x").text


def test_trouble_at_google_is_told_and_nothing_is_lost(empty_desk: Desk, gmail):
    empty_desk.enter_client()
    with gmail.fault("server_trouble"):
        assert "That did not work" in empty_desk.sign_in().text
    empty_desk.connect()

    assert len(accounts(empty_desk)) == 1


# ---- signing in again
def test_access_that_was_taken_away_is_asked_for_again(desk: Desk, gmail):
    gmail.office.revoke_everything()
    gmail.deliver(mail(1))
    desk.fetch()
    account = desk.account()
    assert account.state == "needs_reauth"
    assert f"{SIGN_IN}/{account.id}" in desk.admin.get(f"/accounts/{account.id}").text

    answer = desk.sign_in(f"{SIGN_IN}/{account.id}")
    assert answer.headers["Location"].endswith(f"/accounts/{account.id}")
    assert desk.account().state == "active"
    desk.fetch()
    assert len(desk.messages()) == 1


def test_signing_in_with_another_mailbox_changes_nothing(desk: Desk, gmail):
    account_id, before = desk.account().id, account_view(desk.core, desk.account()).secrets
    gmail.mailbox = "else@example.test"

    assert "You signed in as else@example.test" in desk.sign_in(f"{SIGN_IN}/{account_id}").text
    assert account_view(desk.core, desk.account()).secret("refresh_token") == before["refresh_token"]


# ---- a domain
def test_many_mailboxes_of_a_domain_are_connected_at_once(empty_desk: Desk, gmail):
    gmail.office.delegated.add(SCOPE_MODIFY)
    gmail.office.people = {"a@example.test", "b@example.test"}
    empty_desk.enter_client(service_account_key=gmail.office.key_file())
    typed = "A@example.test, b@example.test\nnobody@example.test nonsense a@example.test"

    answer = empty_desk.admin.post(DOMAIN, {"addresses": typed})
    assert answer.headers["Location"].endswith(DOMAIN)
    assert "Each mailbox is tried." in empty_desk.admin.get(DOMAIN).text
    empty_desk.run_jobs()

    page = empty_desk.admin.get(DOMAIN).text
    assert "Each mailbox is tried." not in page
    rows = accounts(empty_desk)
    assert [(row.address, row.settings["sign_in"]) for row in rows] == [
        ("a@example.test", "delegated"),
        ("b@example.test", "delegated"),
    ]
    assert "Invalid email" in page
    assert "This is not an e-mail address." in page
    assert "nobody@example.test\nnonsense</textarea>" in page


def test_a_mailbox_of_a_domain_is_tried_again_instead_of_signed_in(empty_desk: Desk, gmail):
    gmail.office.delegated.add(SCOPE_MODIFY)
    empty_desk.enter_client(service_account_key=gmail.office.key_file())
    empty_desk.admin.post(DOMAIN, {"addresses": "a@example.test"})
    empty_desk.run_jobs()
    gmail.office.delegated.clear()
    gmail.office.revoke_everything()
    empty_desk.fetch()
    account = empty_desk.account()
    assert account.state == "needs_reauth"

    assert "That did not work" in empty_desk.admin.get(f"{SIGN_IN}/{account.id}").text
    gmail.office.delegated.add(SCOPE_MODIFY)
    answer = empty_desk.admin.get(f"{SIGN_IN}/{account.id}")

    assert answer.status_code == 303
    assert empty_desk.account().state == "active"


def test_a_key_that_is_none_is_refused_and_never_shown(empty_desk: Desk, gmail):
    values = {"client_id": "", "service_account_key": "nonsense"}
    assert "This is not a JSON file." in empty_desk.admin.post("/settings/plugins/gmail/settings", values).text

    empty_desk.enter_client(service_account_key=gmail.office.key_file())
    for path in ("/settings/plugins/gmail/settings", CONNECT):
        assert "PRIVATE KEY" not in empty_desk.admin.get(path).text
    empty_desk.enter_client()  # left empty it stays
    assert "Domain-wide delegation" in empty_desk.admin.get(CONNECT).text
    assert "1234567890" in empty_desk.admin.get(CONNECT).text


def test_an_empty_list_is_described(empty_desk: Desk):
    empty_desk.enter_client()

    assert "Type the addresses" in empty_desk.admin.post(DOMAIN, {"addresses": "  \n"}).text


def test_pages_of_the_plugin_are_for_admins(sign_in, gmail):
    agent = sign_in("Ada")
    for path in (CONNECT, SIGN_IN, CALLBACK):
        assert agent.get(path).status_code == 403
