"""The embed script in a real browser, on a page of another origin with a strict content policy."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from plugins.webform.tests.conftest import Site
from plugins.webform.tests.factories import PageHost, Visitor, create_account, stored
from plugins.webform.visiting.timetrap import MAX_AGE_S, MIN_AGE_S

pytestmark = pytest.mark.e2e

TYPING_MS = MIN_AGE_S * 1000 + 200


on_both_widths = pytest.mark.parametrize("page", [1280, 390], indirect=True, ids=["desktop", "phone"])


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page that must not log an error of a script or of the content policy."""
    context = browser.new_context(viewport={"width": getattr(request, "param", 1280), "height": 844}, locale="el-GR")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    yield page
    context.close()
    assert problems == []


def fill(page: Page, message: str = "Where is my order 4711?") -> None:
    """Type like a person, and take as long."""
    page.get_by_label("Name").fill("Ada Abel")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Message").fill(message)
    page.wait_for_timeout(TYPING_MS)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


@on_both_widths
def test_a_message_is_sent_from_another_site(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline?order=7#top")
    fill(page)
    page.get_by_label("Files").set_input_files({"name": "αρχείο.txt", "mimeType": "text/plain", "buffer": b"hi"})
    send(page)
    expect(page.get_by_text("Your message has arrived")).to_be_focused()
    (message,) = stored(host)
    assert not message.is_spam
    assert message.fields["Page"] == f"{shop.origin}/inline?order=7"
    assert message.fields["Language"] == "en", "that of the page around it, whatever the browser likes"
    assert [(file.filename, file.data) for file in message.attachments] == [("αρχείο.txt", b"hi")]
    assert page.context.cookies() == []
    page.get_by_role("button", name="Write another message").click()
    expect(page.get_by_label("Message")).to_have_value("")


@on_both_widths
def test_the_form_is_accessible_and_fits(page: Page, shop: Site):
    page.goto(f"{shop.origin}/inline")
    expect(page.get_by_label("Message")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    send(page)
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_accessible_description("Please fill in this field.")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_form_stands_where_it_is_told_to(page: Page, shop: Site):
    page.goto(f"{shop.origin}/placed")
    expect(page.locator("#here").get_by_label("Message")).to_be_visible()


def test_what_the_server_refuses_is_said_at_the_field(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page)
    page.get_by_label("E-mail").fill("ada@localhost")
    send(page)
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description(re.compile("should look like"))
    page.get_by_label("E-mail").fill("ada@example.com")
    send(page)
    expect(page.get_by_text("Your message has arrived")).to_be_visible()
    assert len(host.received) == 1


def test_too_many_files_are_refused_before_they_travel(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page)
    page.get_by_label("Files").set_input_files([{"name": f"{n}", "mimeType": "a/b", "buffer": b"x"} for n in range(9)])
    send(page)
    expect(page.get_by_text("too large or too many")).to_be_visible()
    assert host.received == []


def test_a_message_survives_a_server_that_is_away(page: Page, shop: Site, tidings_site: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page)
    tidings_site.stop()
    send(page)
    expect(page.get_by_text("is not sent yet")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")
    tidings_site.start()
    page.get_by_role("button", name="Try now").click()
    expect(page.get_by_text("Your message has arrived")).to_be_visible()
    assert len(host.received) == 1


def test_a_waiting_message_is_sent_by_itself(page: Page, shop: Site, tidings_site: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page)
    tidings_site.stop()
    send(page)
    expect(page.get_by_text("is not sent yet")).to_be_visible()
    tidings_site.start()
    expect(page.get_by_text("Your message has arrived")).to_be_visible(timeout=15_000)
    assert len(host.received) == 1


def test_a_text_that_could_not_be_sent_is_there_after_a_reload(page: Page, shop: Site, tidings_site: Site):
    page.goto(f"{shop.origin}/inline")
    fill(page, "A long story")
    tidings_site.stop()
    send(page)
    page.get_by_role("button", name="Change the text").click()
    page.get_by_label("Message").fill("A longer story")
    tidings_site.start()
    page.reload()
    expect(page.get_by_label("Message")).to_have_value("A longer story")
    expect(page.get_by_text("it was not sent yet")).to_be_visible()


def test_a_page_that_was_open_for_days_still_sends(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page)
    host.clock.tick(MAX_AGE_S + 60)
    send(page)
    expect(page.get_by_text("Your message has arrived")).to_be_visible()
    (message,) = stored(host)
    assert not message.is_spam


def test_a_limit_is_said_and_the_text_stays(page: Page, shop: Site, host: PageHost):
    host.put_account(create_account(1, posts_per_hour=0))
    page.goto(f"{shop.origin}/inline")
    fill(page)
    send(page)
    expect(page.get_by_text("too many messages came from your connection")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")


def test_a_site_that_is_not_listed_is_told_so(page: Page, shop: Site, host: PageHost):
    host.put_account(create_account(1, allowed_origins="https://elsewhere.test"))
    page.goto(f"{shop.origin}/inline")
    expect(page.get_by_text("not on the form's list of allowed sites")).to_be_visible()


@on_both_widths
def test_the_button_opens_and_closes_the_form(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/button")
    button = page.get_by_role("button", name="Write to us")
    expect(button).to_be_in_viewport()
    button.click()
    expect(page.get_by_role("dialog", name="Write to us")).to_be_visible()
    page.get_by_label("Message").fill("half a text")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(page.get_by_label("Message")).to_have_value("half a text")
    fill(page)
    send(page)
    expect(page.get_by_text("Your message has arrived")).to_be_visible()
    assert len(host.received) == 1


@pytest.fixture
def page_without_scripts(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("part", ["", "/frame"])
def test_the_pages_work_without_scripts(page_without_scripts: Page, tidings_site: Site, host: PageHost, part: str):
    page = page_without_scripts
    page.goto(f"{tidings_site.origin}/plugins/webform/f/{Visitor(host).key}{part}")
    fill(page)
    page.get_by_label("Name").fill(" ")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("Please tell us your name.")
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")
    page.get_by_label("Name").fill("Ada")
    send(page)
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    page.reload()
    assert len(host.received) == 1


def test_a_frame_takes_the_height_it_needs(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/frame")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("Message")).to_be_visible()
    page.frames[1].evaluate("parent.postMessage({ tidings: 'height', height: 512.3 }, '*')")
    expect(page.locator("iframe")).to_have_css("height", "513px")
    page.evaluate("postMessage({ tidings: 'height', height: 99 }, '*')")
    page.wait_for_timeout(200)
    expect(page.locator("iframe")).to_have_css("height", "513px")
