"""In a real browser, on a desk and on a phone: a letterhead is seen in both parts of a mail while it is written, and a message shows what
it holds."""

import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.integration.core.mails import create_mail

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(120)]

CALENDAR = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:A look at the lamp\nDTSTART:20260305T153000Z\nDTEND:20260305T160000Z\n"
    "LOCATION:Shop 2\nORGANIZER;CN=Ada:mailto:ada@mail.example.org\nEND:VEVENT\nEND:VCALENDAR"
)
SIGNED = (
    'Content-Type: multipart/signed; boundary="b"\n\n--b\nContent-Type: text/html\n\n<p>Can you come?</p>'
    '<img src="https://track.example.org/1.gif" width="1" height="1">\n'
    f"--b\nContent-Type: text/calendar; method=REQUEST\n\n{CALENDAR}\n"
    '--b\nContent-Type: application/pgp-signature; name="s.asc"\n\n-\n--b--\n'
)


@pytest.fixture
def database_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "tidings.sqlite3"
    path.write_bytes(migrated_sqlite.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def visit(browser: Browser, tidings_app, receive_mail, create_agent) -> Iterator[Callable[..., Page]]:
    """Return a function that gives the page of a signed in manager, with a window of a size in a colour scheme."""
    create_agent("Root", role="admin")
    receive_mail(create_mail().split("Content-Type:")[0] + SIGNED)
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


def create_png(width: int, height: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    lines = (b"\0" + b"\x0a\x7d\x6c" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")


def assert_fits_everybody(page: Page) -> None:
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    found = Axe().run(page).response["violations"]
    assert not [one["id"] for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "light"), ((390, 844), "dark")], ids=["desk", "phone"])
def test_a_letterhead_is_previewed_while_it_is_written(visit, tmp_path, size, scheme):
    page = visit(size, scheme)
    page.goto("/letterheads/new")
    steps = page.evaluate("history.length")
    page.fill("[name=name]", "Everybody")
    page.fill("[name=signature]", "**{{agent.name}}**\n{{business}}")
    frame = page.frame_locator("[name=letterhead-preview]")
    expect(frame.locator("strong")).to_have_text("Root")
    expect(frame.locator("pre")).to_contain_text("-- \n*Root*")
    page.fill("[name=signature]", "{{agent.nme}}")
    expect(frame.locator("body")).to_contain_text("Nothing is known of {{agent.nme}}.")
    page.fill("[name=signature]", "**{{agent.name}}**")
    page.fill("[name=footer]", "Lumen Ltd, 1 Lamp Street")
    page.fill("[name=colour]", "#0a7d6c")
    logo = tmp_path / "logo.png"
    logo.write_bytes(create_png(240, 60))
    page.set_input_files("[name=logo]", str(logo))
    expect(frame.locator("img")).to_have_js_property("naturalWidth", 240)
    assert page.evaluate("history.length") == steps, "Back leads to the page before, not to an earlier preview"
    assert_fits_everybody(page)
    page.click("text=Save")
    expect(page.locator(".item-title")).to_have_text("Everybody")
    assert_fits_everybody(page)


@pytest.mark.parametrize(("size", "scheme"), [((1440, 900), "dark"), ((390, 844), "light")], ids=["desk", "phone"])
def test_a_message_shows_what_it_holds(visit, size, scheme):
    page = visit(size, scheme)
    page.goto("/conversations/1")
    expect(page.locator(".message-marks li")).to_have_text(["Signed (not checked)", "1 tracking picture held back"])
    expect(page.locator(".event-title")).to_have_text("A look at the lamp")
    assert_fits_everybody(page)
