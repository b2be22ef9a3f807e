"""Signing in to a mailbox in a real browser: the form leads to the guide, the guide to the provider, and the provider back to an account
that brings mail in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.testing.servers import EmulateServer
from app.testing.servers.sign_in_front import SignInFront
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(180)]


@dataclass
class Microsoft:
    """The emulator, and a mailbox whose servers are ours."""

    address: str
    imap_port: int
    smtp_port: int
    running: Running


@pytest.fixture
def microsoft(tmp_path, dovecot, create_smtp_server) -> Iterator[Microsoft]:
    """Tidings runs, and knows the front's addresses as Microsoft's."""
    running = Running(tmp_path / "home")
    server = EmulateServer(f"{running.address}/plugins/mailbox/callback", service="microsoft")
    with server, SignInFront(server, dovecot.tokens) as front:
        addresses = front.addresses("microsoft")
        running.environment = {f"TIDINGS_PLUGIN_MAILBOX_{name.upper()}": address for name, address in addresses.items()}
        running.start()
        address = server.new_mailbox().address
        dovecot.add_user(address)
        smtp = create_smtp_server(tokens=dovecot.tokens, mailboxes=dovecot)
        try:
            running.wait_until_up()
            yield Microsoft(address, dovecot.port, smtp.port, running)
        finally:
            code = running.stop()
            dovecot.remove_user(address)
    assert code == 0


def serious(page: Page) -> list[str]:
    """What axe finds on a page that keeps somebody from using it."""
    found = Axe().run(page).response["violations"]
    return [one["id"] for one in found if one["impact"] in ("serious", "critical")]


def test_a_mailbox_is_signed_in_to_and_brings_mail(microsoft: Microsoft, page: Page, dovecot: Any):
    running = microsoft.running
    create_first_admin(page, running)
    page.goto(f"{running.address}/accounts/connect/mailbox")
    page.locator("[name=account_name]").fill("Support")
    page.locator("[name=address]").fill(microsoft.address)
    page.locator("[name=auth]").select_option(label="Sign in with Microsoft")
    page.locator("details.advanced > summary").click()
    for half, port in (("imap", microsoft.imap_port), ("smtp", microsoft.smtp_port)):
        page.locator(f"[name={half}_host]").fill("127.0.0.1")
        page.locator(f"[name={half}_port]").fill(str(port))
        page.locator(f"[name={half}_security]").select_option("none")
    page.get_by_role("button", name="Test and save").click()

    expect(page.get_by_role("heading", name="Register an application with Microsoft")).to_be_visible()
    assert page.locator("#mailbox-redirect").input_value() == f"{running.address}/plugins/mailbox/callback"
    assert serious(page) == []
    page.get_by_role("link", name="Settings of Mailbox").click()
    page.locator("[name=microsoft_client_id]").fill(EmulateServer.CLIENT_ID)
    page.locator("[name=microsoft_client_secret]").fill(EmulateServer.CLIENT_SECRET)
    page.locator("[name=microsoft_secret_ends]").fill("2031-05-31")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()

    page.goto(f"{running.address}/accounts")
    page.get_by_role("link", name="Sign in", exact=True).first.click()
    expect(page.get_by_text("Sign in with Microsoft").first).to_be_visible()
    state = parse_qs(urlsplit(page.url).query)["state"][0]
    page.goto(f"{running.address}/plugins/mailbox/callback?error=access_denied&state={state}")
    assert serious(page) == []
    page.get_by_role("alert").get_by_role("link", name="Sign in with Microsoft").click()
    page.get_by_role("button", name=re.compile(re.escape(microsoft.address))).click()
    expect(page.get_by_role("heading", name="Support", exact=True).first).to_be_visible()
    expect(page.get_by_text("Signed in as")).to_be_visible()
    page.goto(f"{running.address}/accounts/health")
    expect(page.get_by_text("Client secret")).to_be_visible()

    page.goto(f"{running.address}/")
    raw = (
        f"From: Ada Reader <ada@example.com>\r\nTo: {microsoft.address}\r\nSubject: Lamp question\r\n"
        "Message-ID: <1@mail.example.org>\r\n\r\nDo you repair lamps?\r\n"
    )
    dovecot.deliver(microsoft.address, raw.encode())
    expect(page.get_by_text("Do you repair lamps?").first).to_be_visible(timeout=20_000)
