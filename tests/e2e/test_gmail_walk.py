"""Gmail in a real browser: a client is entered, a mailbox connected on Google's page of consent, a mail answered; the access is taken away
and given again, nothing is lost."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from app.plugin_api.testing.providers import FakeGmail
from app.testing.servers import EmulateServer
from connectors.gmail import GmailClient
from connectors.transport import create_session
from tests.e2e.running import Running
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(180)]

TOPIC, SIGNER = "projects/tidings/topics/gmail", "pushes@project.example.test"


@dataclass
class Google:
    """The emulator with what it lacks in front of it, whoever signs pushes, and the owner of one mailbox."""

    front: Any
    signer: FakeGmail
    address: str
    owner: GmailClient
    running: Running

    def write(self, number: int, body: str) -> str:
        """A mail comes in; gives its thread."""
        raw = (
            f"From: Ada Reader <ada@example.com>\r\nTo: {self.address}\r\nSubject: Lamp question {number}\r\n"
            f"Message-ID: <{number}@mail.example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
        )
        return self.owner.insert(raw.encode(), label_ids=["INBOX", "UNREAD"]).thread_id

    def push(self) -> int:
        about = json.dumps({"emailAddress": self.address, "historyId": 1}).encode()
        body = {"message": {"data": base64.b64encode(about).decode(), "messageId": "1"}}
        url = f"{self.running.address}/hooks/gmail"
        headers = {"Authorization": f"Bearer {self.signer.office.push_token(url)}"}
        return requests.post(url, json=body, headers=headers, timeout=10).status_code

    def sent(self) -> list[str]:
        """The threads of what has left the mailbox."""
        return [one.thread_id for one in self.owner.messages(label_ids=["SENT"]).messages]


@pytest.fixture
def google(tmp_path, emulate: EmulateServer) -> Iterator[Google]:
    """Tidings runs, and knows these addresses as Google's."""
    running = Running(tmp_path / "home")
    server = EmulateServer(f"{running.address}/plugins/gmail/callback")
    with server, server.front() as front, FakeGmail() as signer, create_session(retries=0) as session:
        at = front.address
        addresses = {
            "API_BASE": at,
            "AUTHORISE_URL": f"{at}/o/oauth2/v2/auth",
            "TOKEN_URL": f"{at}/oauth2/token",
            "CERTIFICATES_URL": f"{signer.address}/oauth2/v1/certs",
        }
        running.environment = {f"TIDINGS_PLUGIN_GMAIL_{name}": address for name, address in addresses.items()}
        running.start()
        mailbox = server.new_mailbox()
        owner = GmailClient(session, lambda: mailbox.token, endpoint=server.url)
        try:
            running.wait_until_up()
            yield Google(front, signer, mailbox.address, owner, running)
        finally:
            code = running.stop()
    assert code == 0


def soon(is_so: Callable[[], object], what: str, timeout_s: float = 20) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def answer(page: Page, text: str) -> None:
    page.locator("#composer-body").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article, li, section").filter(has_text=text).first).to_be_visible()


def test_a_mailbox_is_connected_answered_lost_and_found_again(google: Google, page: Page):
    running = google.running
    create_first_admin(page, running)

    page.goto(f"{running.address}/accounts/connect")
    page.get_by_role("link", name="Gmail", exact=True).click()
    expect(page.get_by_role("heading", name="Make a client")).to_be_visible()
    assert page.locator("#gmail-redirect").input_value() == f"{running.address}/plugins/gmail/callback"
    assert page.locator("#gmail-push").input_value() == f"{running.address}/hooks/gmail"
    page.get_by_role("link", name="Settings of Gmail").click()
    page.locator("[name=client_id]").fill(EmulateServer.CLIENT_ID)
    page.locator("[name=client_secret]").fill(EmulateServer.CLIENT_SECRET)
    page.locator("[name=topic]").fill(TOPIC)
    page.locator("[name=push_sender]").fill(SIGNER)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved").first).to_be_visible()

    page.goto(f"{running.address}/plugins/gmail/connect")
    page.get_by_role("link", name="Sign in with Google").click()
    expect(page.get_by_text("Sign in to Tidings")).to_be_visible()
    page.get_by_role("button", name=re.compile(re.escape(google.address))).click()
    expect(page.get_by_role("heading", name=google.address)).to_be_visible()
    account_page = page.url

    page.goto(f"{running.address}/")
    thread = google.write(1, "Grüße! Do you repair lamps?")
    soon(lambda: google.push() == 204, "no push was taken")
    expect(page.get_by_text("Do you repair lamps?").first).to_be_visible(timeout=15_000)
    page.get_by_role("link", name=re.compile("Lamp question 1")).first.click()
    answer(page, "We do, bring it in.")
    soon(lambda: google.sent() == [thread], "the answer did not reach Gmail, or not its thread")

    google.front.revoke_everything()
    answer(page, "Until six o'clock.")
    banner = page.get_by_role("status").get_by_role("link", name="Sign in")
    expect(banner).to_be_visible(timeout=20_000)
    google.write(2, "When are you open?")
    banner.click()
    page.get_by_role("button", name=re.compile(re.escape(google.address))).click()
    expect(page).to_have_url(account_page)

    page.goto(f"{running.address}/")
    expect(page.get_by_text("When are you open?").first).to_be_visible(timeout=20_000)
    soon(lambda: google.sent() == [thread, thread], "what waited for the sign-in was not sent")
