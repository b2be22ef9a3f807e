"""Facebook in a real browser: an app is entered, a page connected, a message answered; the sign-in is revoked and renewed,
nothing is lost."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.plugin_api.testing.providers import FakeMetaGraph
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def graph() -> Iterator[FakeMetaGraph]:
    with FakeMetaGraph() as graph:
        yield graph


@pytest.fixture
def running(tmp_path, graph: FakeMetaGraph) -> Iterator[Running]:
    addresses = {f"TIDINGS_PLUGIN_FACEBOOK_{name}_BASE": graph.address for name in ("API", "DIALOG")}
    running = Running(tmp_path / "home", addresses)
    running.start()
    try:
        running.wait_until_up()
        graph.callback_url = f"{running.address}/hooks/facebook"
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


def test_a_page_is_connected_answered_lost_and_found_again(running: Running, page: Page, graph: FakeMetaGraph):
    shop = graph.add_page("Corner Shop")
    ada = graph.add_person(shop, "Ada Reader")
    create_first_admin(page, running)

    page.goto(f"{running.address}/accounts/connect")
    page.get_by_role("link", name="Facebook").click()
    expect(page.get_by_role("heading", name="Make an app")).to_be_visible()
    graph.verify_token = page.locator("#facebook-verify").input_value()
    page.get_by_role("link", name="Settings of Facebook").click()
    page.locator("[name=app_id]").fill(graph.app_id)
    page.locator("[name=app_secret]").fill(graph.app_secret)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    assert graph.verify_callback()

    page.goto(f"{running.address}/plugins/facebook/connect")
    page.get_by_role("link", name="Sign in with Facebook").click()
    expect(page.get_by_label("Corner Shop")).to_be_checked()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Corner Shop")).to_be_visible()
    account_page = page.url

    page.goto(f"{running.address}/")
    graph.write(ada, "Grüße! Do you repair lamps?")
    expect(page.get_by_text("Do you repair lamps?").first).to_be_visible(timeout=15_000)
    page.locator("#inbox a[href*=conversations]").first.click(timeout=5_000)
    expect(page.get_by_text("Messenger takes answers for 24 hours")).to_be_visible()
    answer(page, "We do, bring it in.")
    soon(lambda: [one.text for one in graph.state.sent] == ["We do, bring it in."], "the answer did not reach Facebook")

    graph.kill(shop.token)
    answer(page, "Until six o'clock.")
    banner = page.get_by_role("status").filter(has_text="Corner Shop must be signed in again")
    expect(banner).to_be_visible(timeout=20_000)
    graph.write(ada, "When are you open?")
    shop.token = graph.new_token("PAGE", user_id=graph.user_id, page_id=shop.id).text
    banner.get_by_role("link", name="Sign in").click()
    expect(page).to_have_url(account_page)

    page.goto(f"{running.address}/")
    expect(page.get_by_text("When are you open?").first).to_be_visible(timeout=20_000)
    soon(lambda: len(graph.state.sent) == 2, "what waited for the sign-in was not sent")
    assert [one.text for one in graph.state.sent] == ["We do, bring it in.", "Until six o'clock."]
    assert graph.undelivered == []
