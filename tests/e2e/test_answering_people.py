"""In a real browser: who gets an answer and from where is one click, nothing typed is lost by it, and files that are too large are told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.integration.core.mails import create_mail

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=[(1440, "light"), (390, "dark")], ids=["desktop-light", "phone-dark"])
def page(request, browser: Browser, core, tidings_app, create_agent, create_account, receive_mail) -> Iterator[Page]:
    """Ida has the conversation open that Cleo wrote to us, Ben and Dora; two mailboxes can answer."""
    create_agent("Ida", role="agent")
    support = create_account("mailbox", name="Support", address="support@example.com")
    create_account("mailbox", name="Sales", address="sales@example.com")
    core.plugins.channels["mailbox"]._host.store.set(f"size_{support}", 100_000)
    mail = create_mail(
        sender="Cleo Customer <cleo@mail.example.org>",
        to="support@example.com, Ben Builder <ben@x.example>",
        Cc="dora@x.example",
    )
    receive_mail(mail, support)
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


def test_who_gets_an_answer_is_chosen_while_writing(page):
    text, cc = page.locator("#composer-body"), page.locator("#composer-cc")
    text.click()
    page.keyboard.type("It left today.")
    expect(cc).to_have_value("Ben Builder <ben@x.example>, dora@x.example")
    assert_accessible(page)

    page.get_by_role("link", name="Only the sender").focus()
    page.keyboard.press("Enter")
    expect(cc).to_have_value("")
    expect(text).to_be_focused()
    expect(text).to_have_value("It left today.")
    page.get_by_role("link", name="Reply all").click()
    expect(cc).to_have_value("Ben Builder <ben@x.example>, dora@x.example")
    expect(page.get_by_role("link", name="Reply all")).to_have_attribute("aria-current", "true")

    page.get_by_label("Bcc", exact=True).fill("boss@x.example")
    page.get_by_label("From", exact=True).select_option(label="Sales (sales@example.com)")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#message-2").wait_for()
    expect(page.locator("#message-2")).to_contain_text("It left today.")


def test_files_that_are_too_large_are_told_when_they_are_chosen(page):
    page.locator("#composer-body").click()
    files = page.locator("#composer input[type=file]")
    files.set_input_files([{"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"x" * 300_000}])
    warning = page.locator(".composer-too-large")
    expect(warning).to_contain_text("at most 0.1 MB can be sent from here, and this has 0.4 MB")
    assert_accessible(page)

    page.locator(".file-chip").click()
    expect(warning).to_be_hidden()
