"""Takes the pictures of the README: a small installation with a morning's mail, opened in a real browser.

Run by `make screenshots`. Without arguments it writes the pictures that are committed; `--all FOLDER` writes every page in both widths and
both themes, for looking at.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.clock import SystemClock
from app.models import ChannelAccount
from app.plugin_api.messages import RawEvent
from app.services import accounts, agents, conversations, replies
from app.services.core import SYSTEM, Actor, Core, writing
from app.services.intake import receive
from app.testing.browser import open_browser
from tests.e2e.running import Running

HERE = Path(__file__).resolve().parent
PASSWORD = "correct horse battery"
MAILS = json.loads((HERE / "sample_mails.json").read_text(encoding="utf-8"))


@contextmanager
def sample_installation() -> Iterator[Running]:
    """An installation with an admin, two colleagues, two accounts and a morning's mail; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="tidings-pictures-") as folder:
        running = Running(Path(folder) / "home")
        with running.opened(migrate=True) as core:
            fill(core)
        running.start()
        running.wait_until_up()
        try:
            yield running
        finally:
            running.stop()


def fill(core: Core) -> None:
    """People, accounts and conversations in every state."""
    ida = agents.create_agent(core, SYSTEM, name="Ida Berg", email="ida@lumen.example", role="admin")
    tom = agents.create_agent(core, SYSTEM, name="Tom Reyes", email="tom@lumen.example", role="agent")
    agents.create_team(core, SYSTEM, "Orders", [ida, tom])
    agents.set_password(core, ida, PASSWORD)
    admin = Actor(ida, "Ida Berg", "admin")
    account_id = _account(core, "mailbox", "Lumen Support", "hello@lumen.example")
    ids = [_mail(core, account_id, **mail) for mail in MAILS]
    conversations.add_tag(core, admin, [ids[0], ids[3]], "delivery")
    conversations.add_tag(core, admin, [ids[2]], "damaged")
    conversations.add_tag(core, admin, [ids[4]], "wholesale")
    conversations.assign(core, admin, [ids[0], ids[2]], ida)
    conversations.assign(core, admin, [ids[1]], tom)
    conversations.set_priority(core, admin, [ids[2]], 2)
    conversations.add_note(
        core, admin, ids[2], "We have two of these glasses on the shelf by the door. Tom can send one today."
    )
    replies.reply(
        core,
        Actor(tom, "Tom Reyes", "agent"),
        ids[1],
        replies.ReplyDraft("Hello Ben,\n\nhere it is, with the VAT number.\n\nTom"),
    )
    conversations.resolve(core, admin, [ids[6]])
    accounts.pause_account(core, admin, account_id)


def _account(core: Core, plugin: str, name: str, address: str) -> int:
    with writing(core) as unit:
        row = ChannelAccount(
            plugin=plugin, name=name, address=address, settings={}, secrets="", created_at=unit.now
        )
        unit.session.add(row)
        unit.session.flush()
        return row.id


def _mail(core: Core, account_id: int, *, name: str, address: str, subject: str, body: str, minutes_ago: int) -> int:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{name} <{address}>", "hello@lumen.example", subject
    mail["Message-ID"] = f"<{subject.encode().hex()[:16]}@{address.partition('@')[2]}>"
    mail["Date"] = format_datetime(SystemClock().now() - timedelta(minutes=minutes_ago))
    mail.set_content(body)
    return receive(core, account_id, RawEvent(mail.as_bytes(), content_type="message/rfc822")).conversation_id


def sign_in(page: Page, running: Running) -> None:
    page.goto(f"{running.address}/login")
    page.fill("input[name=email]", "ida@lumen.example")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit], input[type=submit]")
    page.wait_for_load_state("networkidle")


PAGES = {
    "inbox": "/",
    "conversation": "/conversations/3",
    "answered": "/conversations/2",
    "compose": "/compose",
    "search": "/search?q=order",
    "dashboard": "/dashboard",
    "contacts": "/contacts",
    "contact": "/contacts/1",
    "undelivered": "/undelivered",
    "accounts": "/accounts",
    "choose": "/accounts/connect",
    "connect": "/accounts/connect/mailbox",
    "connect_form": "/accounts/connect/webform",
    "account": "/accounts/1",
    "plugins": "/settings/plugins",
    "people": "/people",
    "audit": "/audit",
    "profile": "/profile",
    "missing": "/no-such-page",
}

COMMITTED = [("inbox", 1440, "light"), ("conversation", 1440, "light"), ("inbox", 390, "dark")]


def take(browser: Browser, running: Running, folder: Path, wanted: list[tuple[str, int, str]]) -> None:
    """Write `<page>-<width>-<theme>.png` for each wanted picture."""
    for width, theme in sorted({(w, t) for _, w, t in wanted}):
        height = 900 if width > 600 else 844
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB", reduced_motion="reduce"
        )
        page = context.new_page()
        sign_in(page, running)
        for name, w, t in wanted:
            if (w, t) == (width, theme):
                page.goto(running.address + PAGES[name], wait_until="load")
                page.wait_for_timeout(300)
                page.screenshot(path=str(folder / f"{name}-{width}-{theme}.png"))
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="write every page, both widths, both themes")
    arguments = parser.parse_args()
    folder = arguments.all or HERE / "images"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(n, w, t) for n in PAGES for w in (1440, 390) for t in ("light", "dark")] if arguments.all else COMMITTED
    with sample_installation() as running, open_browser() as browser:
        take(browser, running, folder, wanted)


if __name__ == "__main__":
    main()
