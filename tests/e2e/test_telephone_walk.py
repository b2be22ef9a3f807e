"""A number at Twilio in a real browser: chosen, texted, answered, called; its token is changed and entered anew, and nothing is lost."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.testing.servers.emulate_twilio import EmulatedTwilio
from app.testing.servers.fixtures import report_missing
from app.testing.servers.missing import MissingComponent
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(180)]

ADA, BEN = "+15005550101", "+15005550102"


@pytest.fixture
def twilio() -> Iterator[EmulatedTwilio]:
    try:
        with EmulatedTwilio() as twilio:
            yield twilio
    except MissingComponent as error:
        report_missing(error)


@pytest.fixture
def running(tmp_path, twilio: EmulatedTwilio) -> Iterator[Running]:
    running = Running(tmp_path / "home", {"TIDINGS_PLUGIN_VOIP_TWILIO_API_BASE": twilio.url})
    running.start()
    try:
        running.wait_until_up()
        yield running
    finally:
        code = running.stop()
    assert code == 0


def soon(is_so: Callable[[], object], what: str, timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def connect(page: Page, running: Running, twilio: EmulatedTwilio) -> None:
    page.goto(f"{running.address}/accounts/connect")
    page.get_by_role("link", name=re.compile("Telephone")).first.click()
    page.get_by_label("Account SID").fill(twilio.ACCOUNT_SID)
    page.get_by_label("Auth token").fill(twilio.auth_token)
    page.get_by_role("button", name="Show the numbers").click()
    expect(page.get_by_text("Support line")).to_be_visible()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="Support line")).to_be_visible()


def answer(page: Page, text: str) -> None:
    page.locator("#composer-body").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article, li, section").filter(has_text=text).first).to_be_visible()


def test_a_number_is_connected_answered_lost_and_found_again(running: Running, page: Page, twilio: EmulatedTwilio):
    create_first_admin(page, running)
    connect(page, running, twilio)
    account_page = page.url
    assert twilio.number()["voice_url"] == f"{running.address}/hooks/voip/1"

    page.goto(f"{running.address}/")
    twilio.receive_text(ADA, "Grüße! Do you repair lamps?")
    expect(page.get_by_text("Do you repair lamps?").first).to_be_visible(timeout=15_000)
    page.get_by_text("Do you repair lamps?").first.click()
    answer(page, "We do, bring it in.")
    soon(lambda: any(one["body"] == "We do, bring it in." for one in twilio.texts()), "the answer did not reach Twilio")

    call = twilio.receive_call(ADA)
    page.goto(f"{running.address}/plugins/voip/calls")
    expect(page.locator("#voip-live").get_by_text("Ringing")).to_be_visible()
    twilio.end_call(call)
    expect(page.locator("#voip-live").get_by_text("nobody waits")).to_be_visible(timeout=10_000)
    page.reload()
    page.get_by_role("link", name=re.compile("500-555-0101")).first.click()
    expect(page.get_by_text("Missed call").locator("visible=true").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("call back").locator("visible=true").first).to_be_visible(timeout=20_000)
    expect(page.get_by_role("button", name="Call back", include_hidden=True).first).to_be_attached()

    twilio.change_token("second-token-of-the-tests")
    answer(page, "Until six o'clock.")
    banner = page.get_by_role("status").get_by_role("link", name=re.compile("Sign in|Settings|settings")).first
    expect(banner).to_be_visible(timeout=20_000)
    twilio.receive_text(BEN, "When are you open?")
    page.goto(f"{account_page}/settings")
    page.locator("[name=auth_token]").fill(twilio.auth_token)
    page.get_by_role("button", name="Test and save").click()
    expect(page.get_by_role("heading", name="Support line")).to_be_visible()

    page.goto(f"{running.address}/")
    expect(page.get_by_text("When are you open?").first).to_be_visible(timeout=20_000)
    soon(lambda: any(one["body"] == "Until six o'clock." for one in twilio.texts()), "what waited was not sent")
