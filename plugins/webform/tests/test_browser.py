"""Forms in a real browser: on our own page, in a frame, and brought by the script to a page of another origin, whose content policy
is strict."""

import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from plugins.webform.sharing.context import make_secret, sign_context
from plugins.webform.tests.conftest import Site
from plugins.webform.tests.everything import create_everything, create_numbers, create_steps
from plugins.webform.tests.factories import PageHost, create_account, stored
from plugins.webform.visiting.submission import decode
from plugins.webform.visiting.timetrap import MAX_AGE_S, MIN_AGE_S

pytestmark = pytest.mark.e2e

TYPING_S = MIN_AGE_S + 1
LEAST_TARGET_PX = 44

on_both_widths = pytest.mark.parametrize("page", [1280, 390], indirect=True, ids=["desktop", "phone"])
with_everything = pytest.mark.parametrize("definition", [create_everything()], ids=["everything"])
with_steps = pytest.mark.parametrize("definition", [create_steps()], ids=["steps"])


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


def fill(page: Page, host: PageHost, message: str = "Where is my order 4711?") -> None:
    """Type like a person, and take as long by our server's clock."""
    page.get_by_label("Name").fill("Ada Abel")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Message").fill(message)
    host.clock.tick(TYPING_S)


def send(page: Page) -> None:
    page.get_by_role("button", name="Send").click()


def findings(page: Page) -> list[str]:
    """What axe has to say against the page."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def expect_thanks(page: Page) -> None:
    expect(page.get_by_text("Your message has arrived")).to_be_visible()


@on_both_widths
def test_a_message_is_sent_once_from_another_site_however_often_send_is_pressed(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline?order=7#top")
    fill(page, host)
    page.get_by_label("Files").set_input_files({"name": "αρχείο.txt", "mimeType": "text/plain", "buffer": b"hi"})
    page.get_by_role("button", name="Send").evaluate("(button) => { button.click(); button.click(); }")
    expect(page.get_by_role("status").filter(has_text="Your message has arrived")).to_be_focused()
    (message,) = stored(host)
    assert not message.is_spam
    assert message.fields["Page"] == f"{shop.origin}/inline?order=7"
    assert message.fields["Language"] == "en", "that of the page around it, whatever the browser likes"
    assert [(file.filename, file.data) for file in message.attachments] == [("αρχείο.txt", b"hi")]
    assert page.context.cookies() == []
    page.get_by_role("button", name="Write another message").click()
    expect(page.get_by_label("Message")).to_have_value("")


@pytest.mark.parametrize(("page", "theme"), [(1280, "light"), (390, "dark")], indirect=["page"])
@with_everything
def test_every_kind_of_field_is_accessible_and_fits(page: Page, shop: Site, theme: str):
    page.goto(f"{shop.origin}/inline?more=data-theme={theme}+data-accent=%23ffd400")
    if theme == "dark":
        page.evaluate("Object.assign(document.body.style, { background: '#191c1e', color: '#fff' })")
    expect(page.get_by_label("Message")).to_be_visible()
    assert findings(page) == []
    page.get_by_label("E-mail").fill("ada")
    page.get_by_label("How many pairs").fill("99")
    send(page)
    expect(page.get_by_role("alert")).to_be_focused()
    assert findings(page) == []
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 × 1024 at 400 %
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert small_targets(page) == []


def small_targets(page: Page) -> list[str]:
    """What is to be touched and is smaller than a fingertip."""
    script = """([root, least]) => [...root.shadowRoot.querySelectorAll(".tf-input, .tf-option, .tf-star, .tf-button")]
        .filter((one) => one.offsetParent && Math.min(one.offsetWidth, one.offsetHeight) < least).map((one) => one.outerHTML)"""
    return list(page.locator("[data-tidings]").evaluate(f"(root, least) => ({script})([root, least])", LEAST_TARGET_PX))


@with_everything
def test_mistakes_are_summed_up_and_said_at_each_field(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    page.get_by_label("E-mail").fill("ada")
    page.get_by_label("How many pairs").fill("99")
    page.get_by_label("Message").fill("x" * 310)
    for part in ("Sole", "Laces", "Zip"):
        page.get_by_label(part).check()
    expect(page.get_by_text("10 characters too many")).to_be_visible()
    page.get_by_label("Photos").set_input_files(
        [{"name": f"{n}.png", "mimeType": "image/png", "buffer": b"x"} for n in range(3)]
    )
    send(page)
    expect(page.get_by_role("alert").get_by_role("listitem")).to_have_text([
        "Name Please tell us your name.", re.compile("E-mail .*should look like"), "How many pairs Please choose 20 or less.",
        "Topic Please choose one of these.", "What is broken? Please choose at most 2.",
        "Message Please write at most 300 characters.", "Photos The files are too large or too many.",
        "How did we do? Please choose one of these.", re.compile("You may keep .*tick this box"),
    ])  # fmt: skip
    page.get_by_role("alert").get_by_role("link", name="Name").click()
    expect(page.get_by_label("Name")).to_be_focused()
    expect(page.get_by_label("Name")).to_have_accessible_description("Please tell us your name.")
    page.get_by_label("Name").fill("Ada")
    expect(page.get_by_label("Name")).to_have_accessible_description("")
    page.get_by_role("button", name="Remove 1.png").click()
    expect(page.get_by_label("Photos")).to_be_focused()
    expect(page.get_by_role("listitem").filter(has_text=".png")).to_have_count(2)
    assert host.received == []


@with_everything
def test_a_question_shows_when_it_counts_and_its_answer_goes_with_it(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline?utm_campaign=spring")
    number = page.get_by_label("Order number")
    expect(page.get_by_label("Return")).to_be_visible()
    expect(number).to_be_hidden()
    page.get_by_role("radio", name="Order").check()
    expect(page.get_by_text("Also asked now: Order number")).to_be_attached()
    number.fill("4711")
    fill(page, host)
    page.get_by_label("Laces").check()
    page.get_by_label("4 of 5").check()
    page.get_by_label("You may keep").check()
    page.get_by_label("Size").select_option("42")
    send(page)
    expect(number).to_be_focused()
    expect(number).to_have_accessible_description("As in AB-1234, please.")
    page.get_by_label("Return").check()
    expect(number).to_be_hidden()
    send(page)
    expect_thanks(page)
    (message,) = stored(host)
    assert not message.is_spam
    shown = {
        "Topic": "Return",
        "What is broken?": "Laces",
        "How did we do?": "4 / 5",
        "Size": "42",
        "Campaign": "spring",
    }
    assert shown.items() <= message.answers.items()
    assert "Order number" not in message.answers


@pytest.mark.parametrize("definition", [create_numbers()], ids=["numbers"])
def test_numbers_are_the_same_however_they_are_written(page: Page, shop: Site):
    page.goto(f"{shop.origin}/inline")
    for seats, is_shown in (("7", True), ("70", False), ("07", True), ("7.5", False), ("7.0", True), ("", False)):
        page.get_by_label("Seats").fill(seats)
        expect(page.get_by_label("Which table?")).to_be_visible(visible=is_shown)


@with_steps
def test_steps_are_taken_one_by_one(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    go_on = page.get_by_role("button", name="Continue")
    go_on.click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Order", exact=True).check()
    page.get_by_label("Message").fill("It does not fit.")
    page.keyboard.press("Tab")
    go_on.click()
    expect(page.get_by_role("group", name="Your order")).to_be_focused()
    expect(page.get_by_role("progressbar", name="Step 2 of 3")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Message")).to_have_value("It does not fit.")
    page.get_by_label("Other").check()
    expect(page.get_by_text("Step 1 of 2")).to_be_visible()
    go_on.click()
    expect(page.get_by_role("group", name="Who you are")).to_be_focused()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    host.clock.tick(TYPING_S)
    page.keyboard.press("Enter")
    expect_thanks(page)
    assert stored(host)[0].text == "It does not fit."


def test_what_the_site_signed_of_its_customer_comes_along(page: Page, shop: Site, host: PageHost):
    context = '{"customer":"C-7"}'
    signature = sign_context(make_secret(host, host.account(1)), context)
    attributes = urlencode({"more": f"data-context='{context}' data-signature={signature}"})
    page.goto(f"{shop.origin}/inline?{attributes}")
    fill(page, host)
    send(page)
    expect_thanks(page)
    (event,) = [event for _, event in host.received]
    customer = decode(event.payload).customer
    assert customer is not None
    assert (customer.state, customer.values) == ("verified", {"customer": "C-7"})


def test_the_form_stands_where_it_is_told_to_as_soon_as_our_server_is_back(page: Page, shop: Site, tidings_site: Site):
    page.route("**/form.json*", lambda route: route.abort())
    page.goto(f"{shop.origin}/placed")
    expect(page.locator("#here").get_by_text("The form cannot be reached.")).to_be_visible()
    page.unroute("**/form.json*")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#here").get_by_label("Message")).to_be_visible()


def test_what_the_server_refuses_is_said_at_the_field(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page, host)
    page.get_by_label("E-mail").fill("ada@localhost")
    send(page)
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description(re.compile("should look like"))
    page.get_by_label("E-mail").fill("ada@example.com")
    send(page)
    expect_thanks(page)
    assert len(host.received) == 1


def test_a_message_survives_a_server_that_is_away(page: Page, shop: Site, tidings_site: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page, host)
    tidings_site.stop()
    send(page)
    expect(page.get_by_text("is not sent yet")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")
    tidings_site.start()
    page.get_by_role("button", name="Try now").click()
    expect_thanks(page)
    assert len(host.received) == 1


def test_a_waiting_message_is_sent_by_itself(page: Page, shop: Site, tidings_site: Site, host: PageHost):
    page.goto(f"{shop.origin}/inline")
    fill(page, host)
    tidings_site.stop()
    send(page)
    expect(page.get_by_text("is not sent yet")).to_be_visible()
    tidings_site.start()
    expect(page.get_by_text("Your message has arrived")).to_be_visible(timeout=15_000)
    assert len(host.received) == 1


def test_a_text_that_could_not_be_sent_is_there_after_a_reload(
    page: Page, shop: Site, tidings_site: Site, host: PageHost
):
    page.goto(f"{shop.origin}/inline")
    fill(page, host, "A long story")
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
    fill(page, host)
    host.clock.tick(MAX_AGE_S + 60)
    send(page)
    expect_thanks(page)
    (message,) = stored(host)
    assert not message.is_spam


def test_a_browser_proves_its_work_where_that_is_wanted(page: Page, shop: Site, host: PageHost):
    host.put_account(create_account(1, proof="always"))
    page.goto(f"{shop.origin}/inline")
    fill(page, host)
    send(page)
    expect(page.get_by_text("Your message has arrived")).to_be_visible(timeout=20_000)
    (message,) = stored(host)
    assert not message.is_spam


def test_a_limit_is_said_and_the_text_stays(page: Page, shop: Site, host: PageHost):
    host.put_account(create_account(1, posts_per_hour=0))
    page.goto(f"{shop.origin}/inline")
    fill(page, host)
    send(page)
    expect(page.get_by_text("too many messages came from your connection")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")


def test_a_site_that_is_not_listed_is_told_so(page: Page, shop: Site, host: PageHost):
    host.put_account(create_account(1, allowed_origins="https://elsewhere.test"))
    page.goto(f"{shop.origin}/inline")
    expect(page.get_by_text("not on the form's list of allowed sites")).to_be_visible()


@pytest.mark.parametrize(
    ("page", "part", "role", "name"),
    [(1280, "button", "button", "Write to us"), (390, "button", "button", "Write to us"), (390, "modal", "link", "Ask us")],
    indirect=["page"],
)  # fmt: skip
def test_what_opens_the_form_closes_it_and_keeps_the_text(
    page: Page, shop: Site, host: PageHost, part: str, role: str, name: str
):
    page.goto(f"{shop.origin}/{part}")
    opener = page.get_by_role(role, name=name)  # type: ignore[arg-type]  # one of two roles
    expect(opener).to_be_in_viewport()
    page.wait_for_load_state("networkidle")
    opener.click()
    expect(page.get_by_role("dialog", name=name)).to_be_visible()
    page.get_by_label("Message").fill("half a text")
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    expect(page.get_by_label("Message")).to_have_value("half a text")
    fill(page, host)
    send(page)
    expect_thanks(page)
    assert len(host.received) == 1


@with_steps
def test_our_own_page_uses_scripts_where_they_run(page: Page, hosted: str, host: PageHost):
    page.goto(f"{hosted}?theme=dark")
    assert findings(page) == []
    page.get_by_label("Other").check()
    page.get_by_label("Message").fill("Hello")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("E-mail").fill("ada@example.com")
    host.clock.tick(TYPING_S)
    send(page)
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert page.url.startswith(f"{hosted}/thanks")
    assert findings(page) == []
    page.get_by_role("link", name="Write another message").click()
    expect(page.get_by_label("Message")).to_have_value("")
    assert len(host.received) == 1


@pytest.fixture
def page_without_scripts(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("part", ["", "/frame"])
@with_steps
def test_the_pages_work_without_scripts(page_without_scripts: Page, hosted: str, host: PageHost, part: str):
    page = page_without_scripts
    page.goto(f"{hosted}{part}")
    expect(page.get_by_text("Only if “Topic” is “Order”.")).to_be_visible()
    page.get_by_label("Other").check()
    fill(page, host)
    page.get_by_label("Name").fill(" ")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("Please tell us your name.")
    expect(page.get_by_label("Message")).to_have_value("Where is my order 4711?")
    expect(page.get_by_label("Other")).to_be_checked()
    page.get_by_label("Name").fill("Ada")
    send(page)
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    page.reload()
    assert len(host.received) == 1


def test_a_frame_takes_the_height_it_needs(page: Page, shop: Site, host: PageHost):
    page.goto(f"{shop.origin}/frame")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_label("Message")).to_be_visible()
    page.wait_for_function("document.querySelector('iframe').offsetHeight > 400")
    page.frames[1].evaluate("parent.postMessage({ tidings: 'height', height: 2512.3 }, '*')")
    expect(page.locator("iframe")).to_have_css("height", "2513px")
    page.evaluate("postMessage({ tidings: 'height', height: 99 }, '*')")
    page.wait_for_timeout(200)
    expect(page.locator("iframe")).to_have_css("height", "2513px")
