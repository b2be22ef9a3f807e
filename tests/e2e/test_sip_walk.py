"""A SIP line in a real browser: connected, called, its voicemail played and called back; the password is changed and nothing is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.testing.servers.kamailio import KamailioServer
from app.testing.servers.sipp import SIPPhones
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]

ADA, IDAS_TELEPHONE = "+493012345678", "+4930555001"


@pytest.fixture
def registrar(create_registrar) -> KamailioServer:
    return create_registrar({"support": "first-password"}, longest_registration_s=2)


@pytest.fixture
def running(tmp_path) -> Iterator[Running]:
    running = Running(tmp_path / "home")
    running.start()
    try:
        running.wait_until_up()
        yield running
    finally:
        code = running.stop()
    assert code == 0
    assert "-password" not in running.output, "a password was logged"


def connect(page: Page, running: Running, registrar: KamailioServer) -> None:
    """Connect the line: a wrong password is refused with a sentence, the right one is taken."""
    page.goto(f"{running.address}/accounts/connect")
    page.get_by_role("link", name="Telephone").click()
    form = page.get_by_role("region", name="A SIP trunk or extension")
    form.get_by_text("Advanced", exact=True).click()
    values = {
        "number": "+4930123456",
        "region": "DE",
        "sip_server": registrar.address,
        "sip_user": "support",
        "sip_answers_after_s": "0",
    }
    for name, value in {**values, "sip_password": "guess"}.items():
        form.locator(f"[name={name}]").fill(value)
    form.get_by_role("button", name="Connect").click()
    expect(form.get_by_role("alert")).to_contain_text("does not accept the user and the password", timeout=15_000)
    form.locator("[name=sip_password]").fill("first-password")
    form.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="+49 30 123456")).to_be_visible(timeout=15_000)


def leave_message(phones: SIPPhones, registrar: KamailioServer, create_voice) -> None:
    """Ada hears the announcements and speaks after them."""
    voice = create_voice()
    voice.say(8)
    phones.call("support", through=registrar.address, voice=voice, number=ADA, stays_s=6.5).wait()
    assert voice.heard_loudness(0, 3) > 0.01, "the caller heard no greeting"


def seconds_of_sound(page: Page) -> float:
    """Load the player beside the newest message, as pressing its button does; gives how long it plays."""
    player = page.locator("audio").last
    expect(player).to_be_visible()
    loaded = "one => new Promise((done, failed) => { one.onloadedmetadata = () => done(one.duration); one.onerror = failed; one.load(); })"
    return float(player.evaluate(f"one => {{ one.preload = 'metadata'; return ({loaded})(one); }}"))


def test_a_line_is_connected_called_and_signed_in_again(running: Running, page: Page, registrar, phones, create_voice):
    create_first_admin(page, running)
    connect(page, running, registrar)
    page.goto(f"{running.address}/")
    wait_until_registered(page, registrar)

    leave_message(phones, registrar, create_voice)
    expect(page.get_by_text("Voicemail").first).to_be_visible(timeout=20_000)
    page.locator("#inbox a[href*=conversations]").first.click()
    assert seconds_of_sound(page) > 1

    conversation = page.url
    call_back(page, running, registrar, phones, create_voice, conversation)

    registrar.set_password("support", "second-password")
    page.goto(f"{running.address}/")
    banner = page.get_by_role("status").filter(has_text="must be signed in again")
    expect(banner).to_be_visible(timeout=20_000)
    banner.get_by_role("link", name="Sign in").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()
    page.locator("[name=sip_password]").fill("second-password")
    page.get_by_role("button", name="Test and save").click()
    expect(banner).to_have_count(0, timeout=15_000)
    wait_until_registered(page, registrar)

    leave_message(phones, registrar, create_voice)
    page.goto(conversation)
    expect(page.locator("audio")).to_have_count(2, timeout=20_000)
    assert seconds_of_sound(page) > 1


def call_back(page: Page, running: Running, registrar, phones, create_voice, conversation: str) -> None:
    """Ida names her telephone and presses the button; her telephone rings, then Ada's."""
    idas, adas = create_voice(), create_voice()
    extension, contact = phones.phone(voice=idas), phones.phone(voice=adas)
    registrar.route(IDAS_TELEPHONE, f"127.0.0.1:{extension.port}")
    registrar.route(ADA, f"127.0.0.1:{contact.port}")
    page.goto(f"{running.address}/plugins/voip/calls")
    page.locator("#own-number").fill(IDAS_TELEPHONE)
    page.get_by_role("button", name="Save").click()
    page.goto(conversation)
    page.get_by_role("button", name="Call +49 30 12345678").first.click()
    expect(page.get_by_role("article").filter(has_text="We called")).to_be_visible(timeout=20_000)
    extension.wait()
    assert "ACK sip:" in contact.messages()


def wait_until_registered(page: Page, registrar: KamailioServer) -> None:
    for _ in range(200):
        if registrar.is_registered("support"):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the line did not register")
