"""In a real browser: the reply box counts, hides what cannot be written and follows the channel, as does the page of a first message;
buttons of plugins ask before they act."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.integration.web.bellboy import Bellboy, bellboy_plugin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]

LOUD = {"key": "loud", "label": "Reply in public", "description": "Everybody sees it."}
SOFT = {"key": "soft", "label": "Private message", "longest": 30}
CARD = {"key": "card", "label": "Card", "takes_text": False, "text": "Please call the front desk."}
CLOSED = "Guests sleep until seven."


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def bellboy(core, create_account) -> Iterator[Bellboy]:
    with bellboy_plugin(core, create_account) as plugin:
        plugin.brings()
        yield plugin


@pytest.fixture
def page(browser: Browser, tidings_app, create_agent, bellboy) -> Iterator[Page]:
    """Signed in as a manager."""
    create_agent("Root", role="admin")
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.server_port}", reduced_motion="reduce")
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=email]", "root@desk.example.com")
    page.fill("[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_selector("#rail-nav")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_the_reply_box_follows_what_the_channel_takes(page, bellboy):
    bellboy.says(notice="They listen for five hours.", longest=20, choices=[LOUD, SOFT, CARD])
    page.goto("/conversations/1")
    text, count = page.locator("#composer-body"), page.locator("#composer-count")
    text.click()
    text.fill("Good morning, Ada! 🙂")
    expect(count).to_have_text("20 / 20")
    text.press("End")
    page.keyboard.type("!")
    expect(count).to_have_class("composer-count only-reply is-over")
    page.get_by_label("Private message").check()
    expect(count).to_have_text("21 / 30")
    assert_accessible(page)

    page.get_by_label("Card").check()
    expect(text).to_be_hidden()
    expect(page.get_by_text("Please call the front desk.")).to_be_visible()
    page.locator(".composer-tabs").get_by_text("Note").click()
    expect(text).to_be_visible()
    page.locator(".composer-tabs").get_by_text("Reply").click()

    bellboy.says(notice=CLOSED, is_refused=True)
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text(CLOSED)).to_be_visible()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_hidden()


def test_a_first_message_follows_the_account_it_leaves_through(page, bellboy, create_account):
    bellboy.says(notice=CLOSED, is_refused=True, choices=[CARD])
    mailbox = create_account("mailbox", name="Help", address="help@example.com")
    page.goto(f"/compose?account={mailbox}")
    text = page.locator("#body")
    page.get_by_label("To", exact=True).fill("14")
    text.fill("Good morning.")
    expect(page.get_by_label("Card")).to_have_count(0)

    page.get_by_label("From").select_option("Front desk")
    expect(page.get_by_label("Card")).to_be_checked()
    expect(page.get_by_text(CLOSED)).to_be_visible()
    expect(text).to_be_hidden()
    assert_accessible(page)

    page.get_by_label("From").select_option(str(mailbox))
    expect(text).to_have_value("Good morning.")
    expect(text).to_be_visible()
    page.get_by_label("From").select_option("Front desk")
    page.get_by_label("Card").check()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#timeline").get_by_text("Please call the front desk.")).to_be_visible()


def test_a_button_asks_and_leads_back_with_what_was_done(page):
    page.goto("/conversations/1")
    page.locator("#message-1 summary[aria-label='Actions for this message']").click()
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_label("New name")).to_be_focused()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(page.get_by_label("New name")).to_be_hidden()

    page.locator("#state summary[aria-label='More']").click()
    page.get_by_role("button", name="Dismiss").click()
    page.locator("#confirm [value=yes]").click()
    expect(page.get_by_text("Dismissed by Root.")).to_be_visible()
    assert page.url.endswith("/conversations/1")
