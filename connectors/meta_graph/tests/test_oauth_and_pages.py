"""Tokens and pages, against the fake Graph API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from connectors.meta_graph import GraphClient, GraphRejected, MetaApp, TokenRefused, oauth, pages
from connectors.transport import create_session

BACK = "https://desk.example.test/back"


def code_of(address: str) -> str:
    sent_to = requests.get(address, allow_redirects=False, timeout=5).headers["Location"]
    return parse_qs(urlsplit(sent_to).query)["code"][0]


def user_token(app: MetaApp, scopes: tuple[str, ...] = ("pages_show_list", "pages_messaging")) -> str:
    code = code_of(oauth.authorization_url(app, BACK, "st4te", scopes))
    return oauth.extend(app, oauth.exchange_code(app, code, BACK).access_token).access_token


def test_the_dialogs_address_holds_what_meta_needs_and_no_secret(app: MetaApp) -> None:
    address = oauth.authorization_url(app, BACK, "st4te", ["pages_show_list", "pages_messaging"], asks_again=True)
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    assert urlsplit(address).path == "/v25.0/dialog/oauth"
    assert query["scope"] == "pages_show_list,pages_messaging"
    assert (query["state"], query["redirect_uri"], query["auth_type"]) == ("st4te", BACK, "rerequest")
    assert app.app_secret not in address + repr(app)


def test_a_code_becomes_a_short_and_then_a_long_lived_token(app: MetaApp, clock: Any) -> None:
    short = oauth.exchange_code(app, code_of(oauth.authorization_url(app, BACK, "s", ["pages_show_list"])), BACK)
    long = oauth.extend(app, short.access_token)

    assert short.expires_at == clock() + timedelta(hours=2)
    assert long.expires_at == clock() + timedelta(days=60)
    assert long.access_token not in repr(long)


def test_a_code_works_once_and_only_for_its_address(app: MetaApp) -> None:
    code = code_of(oauth.authorization_url(app, BACK, "s", ["pages_show_list"]))
    oauth.exchange_code(app, code, BACK)

    with pytest.raises(GraphRejected) as again:
        oauth.exchange_code(app, code, BACK)
    other = code_of(oauth.authorization_url(app, BACK, "s", ["pages_show_list"]))
    with pytest.raises(GraphRejected):
        oauth.exchange_code(app, other, "https://elsewhere.example.test/")

    assert (again.value.code, again.value.subcode) == (100, 36009)


def test_debug_token_tells_scopes_and_ends(app: MetaApp, fake_meta_graph: Any, clock: Any) -> None:
    fake_meta_graph.declined_scopes = {"pages_messaging"}
    token = user_token(app)
    before = oauth.debug_token(app, token)
    clock.pass_by(days=61)
    after = oauth.debug_token(app, token)

    assert before.is_valid
    assert before.scopes == ("pages_show_list",)
    assert before.expires_at is not None
    assert (before.app_id, before.kind, before.user_id) == (app.app_id, "USER", fake_meta_graph.user_id)
    assert not after.is_valid
    assert after.error


def test_debug_token_of_a_page_token_knows_the_page_and_no_end(app: MetaApp, page: Any) -> None:
    info = oauth.debug_token(app, page.token)

    assert (info.kind, info.profile_id, info.expires_at) == ("PAGE", page.id, None)
    assert info.data_access_expires_at is not None


def test_debug_token_of_nonsense_is_not_valid_and_raises_nothing(app: MetaApp) -> None:
    assert not oauth.debug_token(app, "nonsense").is_valid


def test_pages_come_with_tokens_over_several_results_pages(app: MetaApp, fake_meta_graph: Any) -> None:
    made = [fake_meta_graph.add_page(f"Shop {number}", instagram=number == 0) for number in range(105)]
    found = pages.list_pages(app.client(user_token(app)))

    assert [page.name for page in found] == [page.name for page in made]
    assert found[104].access_token == made[104].token
    assert found[0].instagram_id == made[0].instagram_id
    assert found[1].instagram_id is None
    assert "MESSAGING" in found[0].tasks
    assert made[0].token not in repr(found[0])
    assert not any("access_token" in asked.query for asked in fake_meta_graph.asked if asked.path.endswith("/accounts"))


def test_a_page_token_reads_its_page_and_no_other(client: GraphClient, page: Any, fake_meta_graph: Any) -> None:
    other = fake_meta_graph.add_page("Other Shop")

    assert pages.read_page(client).name == "Corner Shop"
    with pytest.raises(GraphRejected) as caught:
        pages.read_page(client, other.id)
    assert caught.value.refusal.value == "not_found"


def test_webhooks_are_subscribed_and_unsubscribed(client: GraphClient, page: Any) -> None:
    pages.subscribe(client, page.id)
    (app,) = pages.subscribed_apps(client, page.id)
    pages.unsubscribe(client, page.id)

    assert {"messages", "feed", "standby"} <= set(app.fields)
    assert pages.subscribed_apps(client, page.id) == ()


def test_webhooks_are_added_to_those_for_something_else(client: GraphClient, app: MetaApp, page: Any) -> None:
    pages.subscribe(client, page.id, ("feed",))
    pages.subscribe_also(client, page.id, app.app_id, ("messages", "feed"))

    assert pages.subscribed_apps(client, page.id)[0].fields == ("feed", "messages")


def test_revoking_ends_every_token_of_the_person(app: MetaApp, client: GraphClient, page: Any) -> None:
    oauth.revoke(app, user_token(app))

    with pytest.raises(TokenRefused) as caught:
        pages.read_page(client)
    assert caught.value.cause == "app_removed"


def test_every_call_carries_the_proof_and_a_wrong_one_is_refused(app: MetaApp, page: Any, fake_meta_graph: Any) -> None:
    pages.read_page(app.client(page.token))
    without = GraphClient(page.token, base_url=app.base_url, session=create_session(retries=0))
    wrong = GraphClient(page.token, app_secret="other", base_url=app.base_url, session=create_session(retries=0))

    assert "appsecret_proof" in fake_meta_graph.asked[-1].query
    for client in (without, wrong):
        with pytest.raises(GraphRejected):
            pages.read_page(client)
