"""An admin connects an account in the browser, signs in again, types keys, and is told what goes wrong."""

import json
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from app.models import ChannelAccount
from app.services.account_view import account_view
from tests.integration.twitter.shop import CONNECT, HOOK, KEYS, SIGN_IN, Shop


def test_the_guide_shows_what_to_copy_and_waits_for_the_app(core, x, admin):
    page = admin.get(CONNECT).text

    for address in ("/plugins/twitter/callback", HOOK):
        assert f'{address}"' in page
    assert "Enter the client ID of the app first." in page
    assert admin.get(SIGN_IN).headers["Location"].endswith(CONNECT)


def test_the_challenge_of_x_is_answered(core, x, admin):
    Shop(core, x, admin).enter_app()
    answer = admin.get(HOOK, query_string={"crc_token": "abc"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert json.loads(answer.text)["response_token"].startswith("sha256=")
    assert admin.get(HOOK).status_code == 403


def test_signing_in_connects_the_account(shop: Shop):
    row = shop.account()

    assert (row.name, row.address, row.state) == ("@shop", "@shop", "active")
    account = account_view(shop.core, row)
    channel = shop.core.plugins.channels["twitter"]
    assert channel.test_connection(account).is_ok
    page = shop.admin.get(f"/accounts/{row.id}").text
    assert "Use of X today" in page
    assert "US$ 0.00" in page
    assert "Told at once" in page


def test_rights_that_were_taken_back_wait_for_a_new_sign_in(shop: Shop, clock):
    account_id = shop.account().id
    shop.x.take_rights_back()
    clock.advance(minutes=5)
    shop.fetch()

    assert shop.account().state == "needs_reauth"
    assert shop.sign_in(f"?account={account_id}").headers["Location"].endswith(f"/accounts/{account_id}")
    assert shop.account().state == "active"
    assert len(shop.core.session.scalars(select(ChannelAccount)).all()) == 1


def test_keys_of_oauth_1_connect_too(core, x, admin):
    shop = Shop(core, x, admin)
    shop.enter_app(client_id="", client_secret="")
    token, secret = x.new_oauth1_keys()

    assert "That did not work" in admin.post(KEYS, {"access_token": token, "access_token_secret": "wrong"}).text
    admin.post(KEYS, {"access_token": token, "access_token_secret": secret})
    account = account_view(core, shop.account())
    assert core.plugins.channels["twitter"].test_connection(account).is_ok
    x.mention(x.add_person(), "Hello")
    shop.fetch()
    assert shop.texts() == ["@shop Hello"]


def test_what_goes_wrong_comes_back_as_a_sentence(core, x, admin):
    shop = Shop(core, x, admin)
    shop.enter_app()
    x.person_declines = True
    assert "authorise the app" in shop.sign_in().text
    x.person_declines = False
    back = urlsplit(
        requests.get(admin.get(SIGN_IN).headers["Location"], allow_redirects=False, timeout=5).headers["Location"]
    )
    with x.fault("server_trouble"):
        assert "That did not work" in admin.get(f"{back.path}?{back.query}").text
    assert "took too long" in admin.get(f"{back.path}?{back.query}").text


def test_pages_of_the_plugin_are_for_admins(sign_in, x):
    agent = sign_in("Ada")
    for path in (CONNECT, SIGN_IN, "/plugins/twitter/callback"):
        assert agent.get(path).status_code == 403
