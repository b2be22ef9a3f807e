"""In a real browser: an answer with a pasted picture is scheduled with the keyboard, changed and cancelled, and a message is passed on."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.integration.core.mails import create_mail

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]

PASTE = """(name) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])], name, { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  document.querySelector("#composer-body").dispatchEvent(event);
}"""


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desktop-light", "phone-dark"])
def page(request, browser: Browser, tidings_app, create_agent, create_account, receive_mail) -> Iterator[Page]:
    """Ida has Cleo's conversation open."""
    create_agent("Ida", role="agent")
    support = create_account("mailbox", name="Support", address="support@example.com")
    receive_mail(create_mail(sender="Cleo Customer <cleo@mail.example.org>", to="support@example.com"), support)
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    width, scheme = request.param
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{server.server_port}",
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/login")
    page.fill("[name=email]", "ida@desk.example.com")
    page.fill("[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_selector("#rail-nav", state="attached")
    page.goto("/conversations/1")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def pass_on(page: Page) -> None:
    """Forward the first message to Ben."""
    page.get_by_label("Actions for this message").click()
    page.get_by_role("link", name="Forward").click()
    expect(page.get_by_label("Attach the original")).to_be_checked()
    assert_accessible(page)
    page.get_by_label("To", exact=True).fill("Ben Builder <ben@x.example>")
    page.locator("[name=body]").fill("Can you help her?")
    page.get_by_role("button", name="Forward").click()
    expect(page.locator("#message-2")).to_contain_text("Where is my order.eml")
    expect(page.get_by_text("Ida forwarded a message of #1")).to_be_visible()
    page.goto("/conversations/1")
    expect(page.get_by_text("Ida forwarded a message to Ben Builder: #2")).to_be_visible()


def test_an_answer_is_scheduled_changed_and_cancelled_and_a_message_passed_on(page, clock):
    text, menu = page.locator("#composer-body"), page.locator(".later-menu")
    text.click()
    page.keyboard.type("Look at this:")
    page.evaluate(PASTE, "Floor plan.png")
    expect(text).to_have_value("Look at this:\n\n![Floor plan](attached:image-1.png)\n")
    expect(page.locator(".file-chip")).to_contain_text("image-1.png")

    menu.locator("summary").focus()
    page.keyboard.press("ArrowDown")
    expect(menu.get_by_role("button", name="Tomorrow")).to_be_focused()
    assert_accessible(page)
    tomorrow = clock.now().replace(hour=7, minute=30, microsecond=0).strftime("%Y-%m-%dT%H:%M")
    page.get_by_label("Another moment").fill(tomorrow)
    expect(page.get_by_role("button", name="Schedule").first).to_be_visible()
    page.get_by_label("Another moment").press("Enter")
    expect(page.locator("#composer-at-problem")).to_have_text("This moment has passed. Choose a later one.")
    expect(text).to_have_value("Look at this:\n\n![Floor plan](attached:image-1.png)\n")
    kept = page.get_by_role("checkbox", name="image-1.png")
    expect(kept).to_be_checked()
    assert_accessible(page)

    text.fill("It comes on Monday.")
    menu.locator("summary").click()
    page.get_by_label("Another moment").fill("")
    page.keyboard.press("Escape")
    menu.locator("summary").click()
    menu.get_by_role("button", name="Monday").click()
    card = page.locator("#message-2")
    expect(card.locator(".leaves-later")).to_contain_text("unless they write first")
    assert_accessible(page)
    card.get_by_text("Change", exact=True).click()
    card.get_by_label("Not if they write first").uncheck()
    card.get_by_label("Send at").press("Enter")
    expect(card.locator(".leaves-later p")).not_to_contain_text("unless")
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_have_count(0)
    expect(text).to_have_value("It comes on Monday.")
    expect(kept).to_be_checked()
    text.fill("Look: ![Floor plan](attached:image-1.png)")
    kept.uncheck()
    expect(text).to_have_value("Look: ")

    pass_on(page)
