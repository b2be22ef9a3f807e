"""In a real browser, on a desk and on a phone, in light and dark: mail that came back is seen in the list, on the message and beside the
address, and the mark goes away with a press of a button."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.models import DeliveryState, Message
from app.plugin_api.messages import Participant
from app.services.core import writing
from app.services.replies import ReplyDraft, reply
from tests.integration.core.mails import create_mail
from tests.integration.core.test_bounces import report

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]

SIZES = [(1440, 900), (390, 844)]
SCHEMES = ["light", "dark"]
CLEO = "cleo@mail.example.org"
BEN = Participant("email", "ben@mail.example.org")


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def returned(core, receive_mail, create_agent) -> None:
    """An answer to Cleo that came back, in conversation number 1, and one to her and Ben that reached Ben alone."""
    actor = create_agent("Root", role="admin")
    conversation_id = receive_mail(create_mail(sender=f"Cleo Customer <{CLEO}>")).conversation_id
    for draft in (ReplyDraft("It is on its way."), ReplyDraft("To both.", cc=(BEN,))):
        message_id = reply(core, actor, conversation_id, draft)
        with writing(core) as unit:
            message = unit.session.get_one(Message, message_id)
            message.delivery_state, message.sent_at = DeliveryState.SENT, unit.now
            external_id = message.external_id
        receive_mail(report(external_id, CLEO))


@pytest.fixture
def visit(browser: Browser, tidings_app, returned) -> Iterator[Callable[..., Page]]:
    """Return a function that gives the page of somebody signed in, with a window of a size in a colour scheme."""
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    contexts = []

    def sign_in(size, scheme) -> Page:
        context = browser.new_context(
            base_url=f"http://127.0.0.1:{server.server_port}", reduced_motion="reduce", color_scheme=scheme,
            viewport={"width": size[0], "height": size[1]},
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.goto("/login")
        page.fill("[name=email]", "root@desk.example.com")
        page.fill("[name=password]", "correct horse battery")
        page.keyboard.press("Enter")
        page.wait_for_selector("#rail-nav", state="attached")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    server.shutdown()
    server.server_close()


def assert_sound(page: Page) -> None:
    """Readable for everybody, and nothing wider than the window."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES, ids=["desk", "phone"])
def test_mail_that_came_back_is_seen_everywhere(visit, size, scheme):
    page = visit(size, scheme)

    page.goto("/")
    expect(page.locator(".row .badge.danger")).to_have_text("Came back")
    assert_sound(page)
    page.goto("/conversations/1")
    expect(page.locator(".delivery.returned")).to_be_visible()
    expect(page.locator(".composer-warning")).to_contain_text(f"Mail to {CLEO} came back on")
    expect(page.locator(".delivery-problem")).to_have_count(2)
    assert_sound(page)
    page.goto("/contacts/1")
    expect(page.locator(".came-back")).to_be_visible()
    assert_sound(page)


def test_an_agent_takes_the_mark_away(visit):
    page = visit(SIZES[0], "light")
    page.goto("/conversations/1")
    page.get_by_role("button", name="It works again").click()

    expect(page.locator(".composer-warning")).to_have_count(0)
    expect(page.locator(".came-back")).to_have_count(0)
    assert page.url.endswith("/conversations/1")
