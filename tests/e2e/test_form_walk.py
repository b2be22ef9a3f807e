"""A form's whole life in a real browser: brought from a file by its owner, placed in every way on a website of another origin, filled in
with and without JavaScript, on a phone, in two languages, over a restart of our server; each answer is found in the Inbox."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug import Request, Response

from tests.e2e.running import Running
from tests.e2e.site import serve
from tests.e2e.test_walk import create_first_admin

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(240)]

TYPING_MS = 2300
"""Longer than the form takes a program for."""
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
WAYS = ("inline", "button", "modal", "frame", "plain")


def form_of_the_shop() -> dict[str, Any]:
    """An exported form in two languages; one question shows for orders only."""

    def field(field_id: str, kind: str, english: str, german: str, **more: Any) -> dict[str, Any]:
        return {"id": field_id, "kind": kind, "label": {"en": english, "de": german}, **more}

    topics = [
        {"value": "order", "label": {"en": "An order", "de": "Eine Bestellung"}, "routing": {"tags": ["orders"]}},
        {"value": "other", "label": {"en": "Something else", "de": "Etwas anderes"}},
    ]
    only_orders = {"rules": [{"field": "topic", "test": "is", "value": "order"}]}
    fields = [
        field("name", "text", "Name", "Name", is_required=True, becomes="name"),
        field("email", "email", "E-mail", "E-Mail", is_required=True, becomes="email"),
        field("topic", "choice", "Topic", "Thema", is_required=True, display="buttons", choices=topics),
        field("order", "text", "Order number", "Bestellnummer", is_required=True, show_if=only_orders),
        field("message", "long_text", "Message", "Nachricht", is_required=True, becomes="message"),
        field("photo", "file", "Photo", "Foto", accepts=["image"]),
    ]
    steps = [{"id": "all", "fields": fields}]
    title = {"en": "Lamp questions", "de": "Fragen zu Lampen"}
    definition = {"schema": 1, "languages": ["en", "de"], "title": title, "steps": steps}
    return {"tidings_form": 1, "title": "Lamps", "teams": {}, "definition": definition}


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


@pytest.fixture
def visitors(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Return a factory of visitors on phones: `visitors(locale="de", java_script_enabled=False)`."""
    with ExitStack() as stack:

        def create(**how: Any) -> Page:
            context = browser.new_context(viewport={"width": 390, "height": 844}, **how)
            stack.callback(context.close)
            return context.new_page()

        yield create


def bring_form(page: Page, running: Running, folder: Path) -> str:
    """Import the form from a file; returns the path of its pages."""
    file = folder / "lamps.json"
    file.write_text(json.dumps(form_of_the_shop()), encoding="utf-8")
    page.goto(f"{running.address}/plugins/webform/forms/import")
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("6 fields")).to_be_visible()
    page.get_by_role("button", name="Make this form").click()
    page.wait_for_url(re.compile(r"/forms/\d+"))
    return re.sub(r"[?#].*", "", page.url)


def snippets_of(page: Page, form: str) -> Mapping[str, str]:
    """What the owner copies, by the way of placing it."""
    page.goto(f"{form}/share")
    return {way: page.locator(f"#share-{way}").text_content() or "" for way in WAYS}


def shop_with(snippets: Mapping[str, str]) -> Callable[[Request], Response]:
    """A website with a page for each way, each with a content policy that allows nothing inline."""

    def answer(request: Request) -> Response:
        way, language = request.path.strip("/"), request.args.get("lang", "en")
        head = f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Shop</title>'
        html = f"{head}<h1>Lamps</h1>{snippets.get(way, '')}</html>"
        origin = re.search(r"https?://[^/\"]+", snippets["inline"])
        assert origin is not None
        policy = "default-src 'self'; script-src {0}; connect-src {0}; frame-src {0}; form-action {0}".format(origin[0])
        return Response(html, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": policy})

    return answer


def fill(form: Any, who: str, topic: str = "Something else") -> None:
    """Type into a page, or into a frame of one."""
    form.get_by_label("Name").fill(who)
    form.get_by_label(re.compile("E-?mail", re.IGNORECASE)).fill(f"{who.lower()}@walk.example.org")
    form.get_by_label(topic, exact=True).check()
    form.get_by_label(re.compile("^(Message|Nachricht)")).fill(f"What does {who} want to know?")


def send(page: Page, form: Any, thanks: str = "Your message has arrived", button: str = "Send") -> None:
    page.wait_for_timeout(TYPING_MS)
    form.get_by_role("button", name=button, exact=True).click()
    expect(form.get_by_text(re.compile(thanks))).to_be_visible()


def ask_in_german(page: Page, shop: str) -> None:
    """On a phone, in the visitor's language, with the question that shows for orders only, and a picture."""
    page.goto(f"{shop}/inline?lang=de")
    number = page.get_by_label("Bestellnummer")
    expect(page.get_by_label("Eine Bestellung", exact=True)).to_be_visible()
    expect(number).to_be_hidden()
    fill(page, "Greta", topic="Eine Bestellung")
    number.fill("L-4711")
    page.get_by_label("Foto").set_input_files({"name": "lampe.png", "mimeType": "image/png", "buffer": PHOTO})
    send(page, page, thanks="angekommen", button="Senden")


def ask_over_a_restart(page: Page, shop: str, running: Running) -> None:
    """Our server ends and begins anew between typing and sending."""
    page.goto(f"{shop}/inline")
    fill(page, "Walter")
    assert running.stop() == 0
    running.start()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your message has arrived")).to_be_visible(timeout=60_000)


def ask_in_a_window(page: Page, address: str, opener: str, who: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.locator(opener).click()
    fill(page, who)
    send(page, page)


def ask_in_a_frame(page: Page, shop: str) -> None:
    page.goto(f"{shop}/frame")
    frame = page.frame_locator("iframe")
    fill(frame, "Frida")
    expect(frame.get_by_label("Order number")).to_be_hidden()
    send(page, frame)


def ask_from_plain_html(page: Page, shop: str) -> None:
    """The site's own `<form>`, without any script of ours."""
    page.goto(f"{shop}/plain")
    page.get_by_label("Name").fill("Paul")
    page.get_by_label("E-mail").fill("paul@walk.example.org")
    page.get_by_label("Topic").select_option("other")
    page.get_by_label("Message").fill("What does Paul want to know?")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Your message has arrived")).to_be_visible()


def ask_without_java_script(page: Page, address: str) -> None:
    """The form's own page; what was forgotten is said, and asked for once more."""
    page.goto(address)
    expect(page.get_by_text("Nur wenn").first).to_be_visible()
    fill(page, "Nora", topic="Eine Bestellung")
    page.wait_for_timeout(TYPING_MS)
    page.get_by_role("button", name="Senden", exact=True).click()
    page.get_by_role("alert").get_by_role("link", name="Bestellnummer").click()
    page.get_by_label("Bestellnummer").fill("L-4712")
    page.get_by_label("Foto").set_input_files({"name": "licht.png", "mimeType": "image/png", "buffer": PHOTO})
    send(page, page, thanks="angekommen", button="Senden")


def test_each_way_of_placing_a_form_brings_its_answers_into_the_inbox(running, page, visitors, tmp_path):
    create_first_admin(page, running)
    snippets = snippets_of(page, bring_form(page, running, tmp_path))
    with serve(shop_with(snippets)) as shop:
        ask_in_german(visitors(locale="de-DE"), shop)
        ask_over_a_restart(visitors(), shop, running)
        ask_in_a_window(visitors(), f"{shop}/button", "[data-tidings] .tf-launch", "Bella")
        ask_in_a_window(visitors(), f"{shop}/modal", "[data-tidings-open]", "Mona")
        ask_in_a_frame(visitors(), shop)
        ask_from_plain_html(visitors(java_script_enabled=False), shop)
    ask_without_java_script(
        visitors(java_script_enabled=False, locale="de-DE"), page.locator("#share-page").input_value()
    )

    page.goto(f"{running.address}/")
    for who in ("Greta", "Walter", "Bella", "Mona", "Frida", "Paul", "Nora"):
        expect(page.get_by_text(who, exact=True).first).to_be_visible()
    page.get_by_role("link", name=re.compile("What does Greta")).first.click()
    for text in ("What does Greta want to know?", "L-4711", "Eine Bestellung", "orders", "lampe.png"):
        expect(page.get_by_text(text, exact=True).first).to_be_visible()
