"""X in a real browser: an app is entered, an account connected, a mention answered; the rights are taken back and given again, nothing is
lost."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.plugin_api.testing.providers import FakeX
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def x() -> Iterator[FakeX]:
    with FakeX() as x:
        yield x


@pytest.fixture
def running(tmp_path, x: FakeX) -> Iterator[Running]:
    addresses = {f"TIDINGS_PLUGIN_TWITTER_{name}_BASE": x.address for name in ("API", "SITE", "MEDIA")}
    running = Running(tmp_path / "home", addresses)
    running.start()
    try:
        running.wait_until_up()
        yield running
    finally:
        code = running.stop()
    assert code == 0


def soon(is_so: Callable[[], object], what: str, timeout_s: float = 15) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answer(page: Page, text: str) -> None:
    page.locator("#composer-body").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article, li, section").filter(has_text=text).first).to_be_visible()


def test_an_account_is_connected_answered_lost_and_found_again(running: Running, page: Page, x: FakeX):
    ada = x.add_person("Ada Reader", "ada")
    create_first_admin(page, running)

    page.goto(f"{running.address}/accounts/connect")
    page.get_by_role("link", name="X (Twitter)").click()
    expect(page.get_by_role("heading", name="Make an app")).to_be_visible()
    page.get_by_role("link", name="Settings of X").click()
    for name in ("client_id", "client_secret", "consumer_key", "consumer_secret"):
        page.locator(f"[name={name}]").fill(getattr(x, name))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()

    page.goto(f"{running.address}/plugins/twitter/connect")
    page.get_by_role("link", name="Sign in with X").click()
    expect(page.get_by_role("heading", name="@shop")).to_be_visible()
    expect(page.get_by_text("Use of X today")).to_be_visible()
    account_page = page.url
    assert [one.subscribed for one in x.state.webhooks.values()] == [[x.account.id]]

    page.goto(f"{running.address}/")
    asked = x.mention(ada, "Grüße! Do you repair lamps?", media=[x.picture()])
    expect(page.get_by_text("Do you repair lamps?").first).to_be_visible(timeout=15_000)
    page.locator("#inbox a[href*=conversations]").first.click(timeout=5_000)
    expect(page.get_by_text("Everybody can read an answer in public.")).to_be_visible()
    answer(page, "We do, bring it in.")
    soon(lambda: [one.text for one in x.sent_posts] == ["We do, bring it in."], "the answer did not reach X")
    assert x.sent_posts[0].in_reply_to is asked

    x.take_rights_back()
    answer(page, "Until six o'clock.")
    banner = page.get_by_role("status").filter(has_text="@shop must be signed in again")
    expect(banner).to_be_visible(timeout=20_000)
    x.mention(ada, "When are you open?", in_reply_to=x.sent_posts[0])
    banner.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(account_page)

    page.goto(f"{running.address}/")
    soon(lambda: len(x.sent_posts) == 2, "what waited for the sign-in was not sent")
    expect(page.get_by_text("When are you open?").first).to_be_visible(timeout=70_000)
    assert [one.text for one in x.sent_posts] == ["We do, bring it in.", "Until six o'clock."]
    assert {status for _, status in x.delivered} == {200}
