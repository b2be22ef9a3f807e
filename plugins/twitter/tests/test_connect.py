"""Connecting: the guide, signing in and coming back, keys of OAuth 1.0a, signing in anew; and the tokens that are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug import Request
from werkzeug.test import EnvironBuilder

import plugins.twitter
from connectors.errors import AuthExpired
from plugins.twitter.tests.accounts import Desk
from plugins.twitter.tokens import kept_tokens, usable_token
from plugins.twitter.x import x_app
from tidings import Viewer


def request(path: str, **form: str) -> Request:
    return Request(EnvironBuilder(path, method="POST" if form else "GET", data=form or None).get_environ())


class Pages:
    """The plugin's routes by name, as an admin opens them; templates are not rendered here but kept."""

    def __init__(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        self.routes = {one.name: one for one in plugins.twitter.register_routes(host=desk.host)}
        self.desk, self.shown = desk, []
        desk.host.signed_in = Viewer(1, "Ada", "admin")
        monkeypatch.setattr(desk.host, "render", self._render)

    def open(self, name: str, path: str = "/", **form: str) -> Any:
        return self.routes[name].view(request(path, **form))

    def go_to_x(self, path: str = "/sign-in") -> dict[str, str]:
        """Sign in at X; the query the browser comes back with."""
        away = self.open("sign_in", path)
        parts = urlsplit(away.headers["Location"])
        assert parts.netloc == "x.com"
        at_x = requests.get(f"{self.desk.x.address}{parts.path}?{parts.query}", allow_redirects=False, timeout=10)
        back = urlsplit(at_x.headers["Location"])
        assert back.path == "/plugins/twitter/callback"
        return {key: values[0] for key, values in parse_qs(back.query).items()}

    def come_back(self, back: dict[str, str]) -> Any:
        return self.open("callback", "/callback?" + "&".join(f"{key}={value}" for key, value in back.items()))

    def _render(self, template: str, **context: Any) -> str:
        assert (Path(plugins.twitter.__file__).parent / "templates" / template).exists()
        self.shown.append(context["page"])
        return context["page"].problem


@pytest.fixture
def pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Pages:
    return Pages(desk, monkeypatch)


def test_only_admins_connect(pages: Pages) -> None:
    assert {one.role for one in pages.routes.values()} == {"admin"}
    assert not any(one.is_public for one in pages.routes.values())


def test_the_guide_shows_addresses_and_how_far_it_is(pages: Pages, desk: Desk) -> None:
    pages.open("connect")
    page = pages.shown[0]
    assert (page.has_app, page.has_api_key, page.problem) == (True, True, "")
    assert page.redirect_url == "https://inbox.example.com/plugins/twitter/callback"
    assert page.webhook_url == "https://inbox.example.com/hooks/twitter"
    desk.host.settings["client_id"] = ""
    pages.open("connect")
    assert not pages.shown[1].has_app
    assert pages.open("sign_in").headers["Location"].endswith("/plugins/twitter/connect")


def test_somebody_new_signs_in(pages: Pages, desk: Desk) -> None:
    desk.x.account = desk.x.add_person("Second Shop", "second")
    desk.x.account.subscription = "Premium"
    done = pages.come_back(pages.go_to_x())
    assert done.status_code == 303
    assert done.headers["Location"].endswith("/accounts/2")
    account = desk.host.account(2)
    assert account
    assert (account.name, account.address) == ("@second", "@second")
    assert account.settings["user_id"] == desk.x.account.id
    assert account.settings["may_post_long"] is True
    assert desk.channel.test_connection(account).is_ok


def test_an_account_signs_in_anew_and_works_again(pages: Pages, desk: Desk) -> None:
    desk.host.put_account(replace(desk.account, settings={**desk.account.settings, "reads_messages": False}))
    desk.x.take_rights_back()
    assert not desk.channel.test_connection(desk.account).is_ok
    desk.x.account.username = "shop_two"
    assert pages.come_back(pages.go_to_x("/sign-in?account=1")).headers["Location"].endswith("/accounts/1")
    assert desk.channel.test_connection(desk.account).is_ok
    assert desk.account.settings["reads_messages"] is False
    assert desk.account.address == "@shop_two", "the name at X changed meanwhile"
    assert len(desk.host.accounts()) == 1
    assert pages.come_back(pages.go_to_x()).headers["Location"].endswith("/accounts/1"), "nobody is added twice"


def test_somebody_else_cannot_take_the_place_of_an_account(pages: Pages, desk: Desk) -> None:
    desk.x.account = desk.x.add_person("Second Shop", "second")
    assert "@second" in pages.come_back(pages.go_to_x("/sign-in?account=1"))
    assert desk.account.settings["username"] == "shop"


def test_what_goes_wrong_at_x_is_a_sentence(pages: Pages, desk: Desk) -> None:
    desk.x.person_declines = True
    assert "authorise" in pages.come_back(pages.go_to_x())
    desk.x.person_declines = False
    back = pages.go_to_x()
    desk.clock.tick(60)
    assert "too long" in pages.come_back(back), "codes end after thirty seconds"
    assert "too long" in pages.come_back(back), "a state is good once"
    assert "too long" in pages.come_back({"state": "0.forged", "code": "x"})
    back = pages.go_to_x()
    with desk.x.fault("server_trouble"):
        assert "503" in pages.come_back(back)
    assert len(desk.host.accounts()) == 1


def test_keys_connect_too(pages: Pages, desk: Desk) -> None:
    desk.x.account = desk.x.add_person("Second Shop", "second")
    token, secret = desk.x.new_oauth1_keys()
    assert "both" in pages.open("keys", access_token=token, access_token_secret=" ")
    assert "sign-in" in pages.open("keys", access_token=token, access_token_secret="wrong")
    done = pages.open("keys", access_token=token, access_token_secret=f" {secret} ")
    assert done.headers["Location"].endswith("/accounts/2")
    account = desk.host.account(2)
    assert account
    assert desk.channel.test_connection(account).is_ok
    desk.host.settings["consumer_key"] = ""
    assert "API key" in pages.open("keys", access_token=token, access_token_secret=secret)
    assert "API key" in desk.channel.test_connection(account).problem


def test_a_refresh_that_another_process_made_is_taken_over(desk: Desk) -> None:
    """X takes a refresh token once: who comes second must not ask for a new sign-in."""
    stale, app = desk.account, x_app(desk.host)
    desk.clock.tick(3 * 3600)
    fresh = usable_token(desk.host, app, stale)
    assert kept_tokens(desk.account).access == fresh
    asked_before = len(desk.x.asked)
    assert usable_token(desk.host, app, stale) == fresh
    assert len(desk.x.asked) == asked_before
    newer, ours = desk.account, kept_tokens(stale).refresh
    desk.host.put_account(replace(stale))  # what this process read before the other one wrote

    def stored_meanwhile(account_id: int) -> Any:
        desk.host.put_account(newer)
        return original(account_id)

    original: Callable[[int], Any] = desk.host.account
    reads = iter([stale, stale])
    desk.host.account = lambda account_id: next(reads, None) or stored_meanwhile(account_id)  # type: ignore[method-assign]
    assert usable_token(desk.host, app, stale) == fresh
    assert ours != kept_tokens(newer).refresh


def test_without_a_sign_in_there_is_no_token(desk: Desk) -> None:
    with pytest.raises(AuthExpired):
        usable_token(desk.host, x_app(desk.host), replace(desk.account, id=0, secrets={}))


def test_the_connection_test_names_what_is_wrong(desk: Desk, create_desk: Callable[..., Desk]) -> None:
    report = desk.channel.test_connection(desk.account)
    assert [(one.name, one.is_ok) for one in report.checks][:2] == [("App", True), ("Sign-in", True)]
    other = replace(desk.account, settings={**desk.account.settings, "user_id": "5"})
    assert "another account" in desk.channel.test_connection(other).problem
    bare = create_desk(client_id="")
    assert "client ID" in bare.channel.test_connection(bare.account).problem
