"""The owner's first morning, in a real browser: from an empty folder to an answered mail and an answered web form."""

import email
import re
import smtplib
import time
from collections.abc import Iterator
from email.message import EmailMessage, Message

import pytest
from playwright.sync_api import Page, expect
from werkzeug import Response

from app.testing.servers import DovecotServer, SMTPServer
from tests.e2e.running import Running
from tests.e2e.site import serve

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(240)]

SUPPORT, ADA, BEN = "support@walk.example.org", "ada@walk.example.org", "ben@walk.example.org"


@pytest.fixture
def mail_servers(dovecot: DovecotServer, create_smtp_server) -> tuple[DovecotServer, SMTPServer]:
    for address in (SUPPORT, ADA, BEN):
        dovecot.add_user(address, "secret")
    return dovecot, create_smtp_server(mailboxes=dovecot)


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


def create_first_admin(page: Page, running: Running) -> None:
    page.goto(running.setup_link())
    page.get_by_label("Your name").fill("Ida Berg")
    page.get_by_label("Your e-mail address").fill("ida@walk.example.org")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_label("Name of your business").fill("Lumen Lamps")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()


def connect_mailbox(page: Page, running: Running, imap_port: int, smtp_port: int) -> None:
    page.goto(f"{running.address}/accounts/connect/mailbox")
    page.get_by_text("Advanced", exact=True).click()
    values = {
        "account_name": "Support", "address": SUPPORT, "password": "secret", "imap_host": "127.0.0.1", "imap_port": str(imap_port),
        "smtp_host": "127.0.0.1", "smtp_port": str(smtp_port),
    }  # fmt: skip
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    for name, value in {
        "provider": "other",
        "imap_security": "none",
        "smtp_security": "none",
        "smtp_auth": "none",
    }.items():
        page.locator(f"[name={name}]").select_option(value)
    page.get_by_role("button", name="Test and save").click()
    expect(page.get_by_role("heading", name="Support")).to_be_visible()


def write(smtp: SMTPServer, sender: str, subject: str, body: str) -> str:
    """Send a mail as any other program would; returns its Message-ID."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Ada Reader <{sender}>", SUPPORT, subject
    mail["Message-ID"] = f"<{subject.lower().replace(' ', '-')}@walk.example.org>"
    mail.set_content(body)
    with smtplib.SMTP("127.0.0.1", smtp.port) as client:
        client.send_message(mail)
    return mail["Message-ID"]


def seconds_until_shown(page: Page, text: str) -> float:
    began = time.monotonic()
    expect(page.get_by_text(text).first).to_be_visible(timeout=20_000)
    return time.monotonic() - began


def answer(page: Page, subject: str, text: str) -> None:
    page.get_by_role("link", name=re.compile(subject)).first.click()
    page.locator("#composer-body").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("article, li, section").filter(has_text=text).first).to_be_visible()


def arrived(dovecot: DovecotServer, address: str, text: str, timeout_s: float = 20) -> Message:
    """The mail in somebody's mailbox that contains a text."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        for raw in dovecot.messages(address):
            mail = email.message_from_bytes(raw)
            if any(text in part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart()):
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail with {text!r} reached {address} in {timeout_s} s")


def test_mail_and_web_form_arrive_in_one_inbox_and_are_answered_by_mail(running, page, mail_servers):
    dovecot, smtp = mail_servers
    create_first_admin(page, running)
    connect_mailbox(page, running, dovecot.port, smtp.port)
    page.goto(f"{running.address}/")
    time.sleep(2)

    delays, number = [], 0
    while number < 3 or (number < 8 and min(delays) >= 2):  # more tries only where other work slows the machine down
        number += 1
        original = write(smtp, ADA, f"Lamp question {number}", "Does the lamp come with a bulb?")
        delays.append(seconds_until_shown(page, f"Lamp question {number}"))
    print("seconds from sending to being seen, without a reload:", [round(d, 2) for d in delays])
    assert min(delays) < 2

    answer(page, f"Lamp question {number}", "Yes, a warm white one.")
    mail = arrived(dovecot, ADA, "Yes, a warm white one.")
    assert mail["In-Reply-To"] == original
    assert original in mail["References"]
    assert mail["From"].endswith(f"<{SUPPORT}>")
    assert mail["Subject"] == f"Re: Lamp question {number}"

    page.goto(f"{running.address}/accounts/connect/webform")
    page.get_by_role("textbox", name="Name").fill("Website")
    page.get_by_role("button", name="Make the form").click()
    page.wait_for_url(re.compile(r"/forms/\d+"))
    page.goto(f"{running.address}/accounts/{page.url.rpartition('/')[2]}")
    script = page.locator("#webform-script").first
    expect(script).to_be_visible()
    snippet = script.input_value() if script.evaluate("e => 'value' in e") else script.inner_text()
    page.goto(f"{running.address}/")

    html = f"<!doctype html><html lang=en><title>Shop</title><h1>Our shop</h1>{snippet}</html>"
    with serve(lambda request: Response(html, content_type="text/html")) as shop:
        visitor = page.context.browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        visitor.goto(shop)
        visitor.get_by_label("Name").fill("Ben Carter")
        visitor.get_by_label("E-mail").fill(BEN)
        visitor.get_by_label("Message").fill("Do you repair old lamps?")
        visitor.wait_for_timeout(3500)
        visitor.get_by_role("button", name="Send").click()
        expect(visitor.get_by_text("Your message has arrived")).to_be_visible()
        visitor.context.close()
    seconds_until_shown(page, "Ben Carter")
    page.get_by_role("link", name=re.compile("Do you repair")).first.click()
    expect(page.get_by_text("Do you repair old lamps?").first).to_be_visible()
    page.locator("#composer-body").fill("We do, bring it in.")
    page.get_by_role("button", name="Send", exact=True).click()
    assert arrived(dovecot, BEN, "We do, bring it in.")["From"].endswith(f"<{SUPPORT}>")
