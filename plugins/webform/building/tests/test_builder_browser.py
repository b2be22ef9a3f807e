"""The builder in a real browser and through the real routes: by keyboard, by drag, with mistakes, in two languages, on a phone."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect
from werkzeug.serving import make_server

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(180)]

BUILDER = "/plugins/webform/forms/1"
NEEDED = "Say what visitors read here."
FORM = {
    "languages": ["en"],
    "steps": [
        {
            "id": "only",
            "fields": [
                {"id": "name", "kind": "text", "label": {"en": "Name"}, "becomes": "name", "is_required": True},
                {"id": "email", "kind": "email", "label": {"en": "E-mail"}, "becomes": "email", "is_required": True},
                {"id": "subject", "kind": "text", "label": {"en": "Subject"}, "becomes": "subject"},
                {"id": "message", "kind": "long_text", "label": {"en": "Message"}, "becomes": "message"},
                {"id": "files", "kind": "file", "label": {"en": "Files"}},
            ],
        }
    ],
}
SAVE = """async ([url, definition]) => {
    const headers = {"Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content};
    await fetch(url, {method: "POST", headers, body: JSON.stringify({revision: 0, definition})});
}"""


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def page(browser: Browser, tidings_app, create_agent, create_account) -> Iterator[Page]:
    """An admin in front of the builder of one contact form; an error of a script or of the content policy fails the test."""
    create_agent("Root", role="admin")
    create_account("webform", name="Website")
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{server.server_port}",
        viewport={"width": 1440, "height": 900},
        reduced_motion="reduce",
        locale="en-GB",
    )
    page, problems = context.new_page(), []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/login")
    page.fill("[name=email]", "root@desk.example.com")
    page.fill("[name=password]", "correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_selector("#main")
    page.evaluate(SAVE, [f"{BUILDER}/draft", FORM])
    page.goto(BUILDER)
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    yield page
    context.close()
    server.shutdown()
    server.server_close()
    assert problems == []


def labels(page: Page) -> list[str]:
    """The fields of the list in their order."""
    return page.locator(".fb-label-text").all_inner_texts()


def field(page: Page, label: str) -> Locator:
    """The button that opens a field."""
    return page.locator(f'.fb-open:has(.fb-label-text:text-is("{label}"))')


def preview(page: Page) -> FrameLocator:
    return page.frame_locator(".fb-frame:not(.is-coming)")


def draft(page: Page) -> dict[str, Any]:
    """What the server has, once the page says that all is saved."""
    expect(page.locator("#fb-state")).to_have_attribute("data-state", "saved")
    return json.loads(page.request.get(f"{BUILDER}/draft.json").text())


def assert_accessible(page: Page) -> None:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []


def add(page: Page, kind: str, label: str) -> None:
    """Add a field without the mouse: its label is selected and typed over."""
    page.get_by_role("button", name="Add field", exact=True).last.press("Enter")
    offer = page.locator(f'.fb-offer:has(strong:text-is("{kind}"))')
    while not offer.evaluate("offer => offer === document.activeElement"):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.keyboard.type(label)


def test_a_form_is_built_by_keyboard_and_published(page: Page):
    add(page, "Choice", "Topic")
    page.get_by_role("textbox", name="Choice 1").fill("Order")
    page.get_by_role("textbox", name="Choice 2").fill("Question")
    page.keyboard.press("Enter")
    page.keyboard.type("Praise")
    field(page, "Topic").press("Enter")
    add(page, "Short text", "Order number")
    page.keyboard.press("Tab")  # leaves the label, after which the field is named and drawn anew
    draft(page)
    for name in ("Must be filled in", "Show only under a condition"):
        page.get_by_role("switch", name=name).press("Space")
        expect(page.get_by_role("switch", name=name)).to_be_checked()
    page.get_by_label("Field", exact=True).select_option("Topic")
    page.get_by_label("Answer", exact=True).select_option("Order")
    expect(field(page, "Order number")).to_contain_text("if “Topic” is “Order”")
    assert_accessible(page)

    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("switch", name="Show only under a condition")).not_to_be_checked()
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    expect(page.get_by_role("switch", name="Show only under a condition")).to_be_checked()
    for _ in range(2):
        field(page, "Topic").press("Alt+ArrowUp")
    expect(field(page, "Topic")).to_be_focused()
    expect(page.locator("#fb-live")).to_have_text("position 4 of 7")
    assert labels(page) == ["Name", "E-mail", "Subject", "Topic", "Message", "Files", "Order number"]

    kept = draft(page)
    (step,) = kept["definition"]["steps"]
    topic, number = step["fields"][3], step["fields"][6]
    assert [choice["value"] for choice in topic["choices"]] == ["order", "question", "praise"]
    assert number["id"] == "order_number"
    assert number["is_required"]
    assert number["show_if"] == {"rules": [{"field": "topic", "value": "order"}]}
    shown = preview(page)
    expect(shown.get_by_label("Order number")).to_be_hidden()
    shown.get_by_text("Order", exact=True).click()
    expect(shown.get_by_label("Order number")).to_be_visible()

    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_role("dialog").get_by_text("New field: Topic")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    expect(page.locator("#fb-publish")).to_have_text("Published")
    assert draft(page)["live"]["definition"] == kept["definition"]


def drag(page: Page, label: str, onto: str) -> None:
    """Drag a field by its handle below another one."""
    handle = page.get_by_role("button", name=f"Move {label}:").bounding_box()
    target = field(page, onto).bounding_box()
    assert handle
    assert target
    page.mouse.move(handle["x"] + 8, handle["y"] + 12)
    page.mouse.down()
    page.mouse.move(handle["x"] + 12, handle["y"] + 40, steps=4)
    page.mouse.move(target["x"] + 60, target["y"] + target["height"] - 4, steps=12)
    page.mouse.up()


def test_fields_are_dragged_removed_mended_translated_and_seen_on_a_phone(page: Page):
    drag(page, "Name", "Message")
    assert labels(page) == ["E-mail", "Subject", "Message", "Name", "Files"]
    field(page, "Files").press("Delete")
    assert labels(page) == ["E-mail", "Subject", "Message", "Name"]
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    assert labels(page) == ["Name", "E-mail", "Subject", "Message", "Files"]

    field(page, "Subject").click()
    page.get_by_label("Label").fill("")
    expect(page.get_by_label("Label")).to_have_accessible_description(NEEDED)
    expect(page.get_by_role("status").filter(has_text="Not saved")).to_be_visible()
    page.get_by_role("button", name="Done").click()
    page.get_by_role("button", name=f"subject: {NEEDED}").click()
    expect(page.get_by_label("Label")).to_be_focused()
    page.keyboard.type("Reference")
    expect(page.get_by_text(NEEDED)).to_have_count(0)
    expect(preview(page).get_by_label("Reference")).to_be_visible()

    page.get_by_role("tab", name="Languages").click()
    page.get_by_label("Add a language").select_option("Deutsch")
    expect(page.get_by_text("Missing texts: 5")).to_be_visible()
    page.get_by_label("Reference, Label: Deutsch").fill("Kennwort")
    expect(page.get_by_text("Missing texts: 4")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Language of the preview").select_option("Deutsch")
    expect(preview(page).get_by_label("Kennwort")).to_be_visible()
    assert {"en": "Reference", "de": "Kennwort"} in [
        one["label"] for one in draft(page)["definition"]["steps"][0]["fields"]
    ]

    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_accessible(page)
    page.locator(".fb-sides").get_by_text("Preview").click()
    expect(page.get_by_role("tab", name="Fields")).to_be_hidden()
    page.locator("label[title=Dark]").click()
    expect(page.locator(".fb-frame:not(.is-coming)")).to_have_attribute("src", re.compile("language=de&theme=dark"))
    expect(preview(page).get_by_label("Kennwort")).to_be_visible()


def test_a_change_of_somebody_else_is_told_and_one_chooses(page: Page):
    other = page.context.new_page()
    other.goto(BUILDER)
    field(other, "Name").click()
    other.get_by_label("Label").fill("Your name")
    draft(other)
    other.close()

    field(page, "Message").click()
    page.get_by_label("Label").fill("Your message")
    dialog = page.get_by_role("dialog", name="Somebody else changed this form")
    expect(dialog).to_contain_text("Root saved changes")
    dialog.get_by_role("button", name="Take theirs").click()
    expect(field(page, "Your name")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(field(page, "Your message")).to_be_visible()
    assert [one["label"]["en"] for one in draft(page)["definition"]["steps"][0]["fields"]][::3] == [
        "Name",
        "Your message",
    ]
