"""An admin connects pages in the browser, signs in again, and is told what goes wrong."""

from urllib.parse import parse_qs, urlsplit

import requests
from sqlalchemy import select

from app.models import ChannelAccount
from app.services.account_view import account_view
from tests.integration.meta.business import CHOOSE, CONNECT, SIGN_IN, Business


def test_the_guide_shows_what_to_copy_and_waits_for_the_app(core, graph, admin):
    page = admin.get(CONNECT).text

    for address in ("/plugins/facebook/callback", "/hooks/facebook"):
        assert f'{address}"' in page
    assert "Enter id and secret of the app first." in page
    assert admin.get(SIGN_IN).headers["Location"].endswith(CONNECT)


def test_metas_question_about_the_webhook_is_answered(core, graph, admin):
    Business(core, graph, admin).enter_app()
    token = admin.get(CONNECT).text.split('id="facebook-verify" value="')[1].split('"')[0]
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}

    right = admin.get("/hooks/facebook", query_string={**asked, "hub.verify_token": token})
    wrong = admin.get("/hooks/facebook", query_string={**asked, "hub.verify_token": "guessed"})
    assert (right.status_code, right.text) == (200, "1158201444")
    assert wrong.status_code == 403


def test_chosen_pages_become_accounts_with_webhooks(core, graph, admin):
    business = Business(core, graph, admin)
    business.enter_app()
    shop, cafe, other = (graph.add_page(name) for name in ("Corner Shop", "Café Eck", "Another"))
    shown = business.sign_in().text
    assert "Café Eck" in shown
    assert "data:image/png;base64," in shown
    business.connect(shop, cafe)

    rows = core.session.scalars(select(ChannelAccount).order_by(ChannelAccount.id)).all()
    assert [(row.name, row.address, row.state) for row in rows] == [
        ("Corner Shop", shop.id, "active"),
        ("Café Eck", cafe.id, "active"),
    ]
    assert {"messages", "message_echoes", "feed"} <= set(shop.subscribed)
    assert other.subscribed == ()
    channel = core.plugins.channels["facebook"]
    assert channel.test_connection(account_view(core, rows[0])).is_ok
    assert channel.health(account_view(core, rows[0])).token_expires_at is not None


def test_a_revoked_sign_in_waits_and_signing_in_again_keeps_the_account(business):
    before = business.account()
    assert before is not None
    account_id, page = before.id, next(iter(business.graph.state.pages.values()))
    page.token = business.graph.new_token("PAGE", user_id=business.graph.user_id, page_id=page.id).text
    answer = business.sign_in(f"?account={account_id}")

    assert answer.headers["Location"].endswith(f"/accounts/{account_id}")
    business.core.session.rollback()
    assert account_view(business.core, business.account()).secret("page_token") == page.token
    assert len(business.core.session.scalars(select(ChannelAccount)).all()) == 1


def test_somebody_who_does_not_manage_the_page_is_told_so(business):
    page = next(iter(business.graph.state.pages.values()))
    del business.graph.state.pages[page.id]
    business.graph.add_page("Another")

    assert "You do not manage the page Corner Shop" in business.sign_in(f"?account={business.account().id}").text


def test_what_goes_wrong_comes_back_as_a_sentence(core, graph, admin):
    business = Business(core, graph, admin)
    business.enter_app()
    assert "manages no page" in business.sign_in().text
    graph.add_page()
    graph.person_declines = True
    assert "Sign in again and agree" in business.sign_in().text
    graph.person_declines = False
    assert "took too long or was used already" in admin.get("/plugins/facebook/callback?state=0.guess&code=x").text
    assert "took too long or was used already" in admin.post(CHOOSE, {"state": "0.guess"}).text

    dialog = admin.get(SIGN_IN).headers["Location"]
    assert parse_qs(urlsplit(dialog).query)["client_id"] == [graph.app_id]
    back = urlsplit(requests.get(dialog, allow_redirects=False, timeout=5).headers["Location"])
    with graph.fault("server_trouble"):
        assert "That did not work" in admin.get(f"{back.path}?{back.query}").text


def test_the_state_of_the_choice_signs_nobody_in(core, graph, admin):
    business = Business(core, graph, admin)
    business.enter_app()
    graph.add_page()
    shown = business.sign_in().text
    state = shown.split('name="state" value="')[1].split('"')[0]

    assert "took too long or was used already" in admin.get(f"/plugins/facebook/callback?state={state}&code=x").text


def test_pages_of_the_plugin_are_for_admins(sign_in, graph):
    agent = sign_in("Ada")
    for path in (CONNECT, SIGN_IN, "/plugins/facebook/callback"):
        assert agent.get(path).status_code == 403
