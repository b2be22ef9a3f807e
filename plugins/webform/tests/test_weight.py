"""What a form costs the page it stands in and the visitor's browser: bytes, requests, time in which nothing can be clicked, things
that jump."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from plugins.webform.tests.conftest import Site
from plugins.webform.tests.everything import create_everything

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("definition", [create_everything()], ids=["everything"])]

WATCH = """
window.seen = { blocked: 0, shift: 0 };
new PerformanceObserver((list) => list.getEntries().forEach((one) => { seen.blocked += Math.max(0, one.duration - 50); }))
  .observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((one) => { if (!one.hadRecentInput) seen.shift += one.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""
BLOCKED_MS = 300
"""Total blocking time, which Lighthouse calls good below 200 ms; tests share their processors with others."""
SHIFT = 0.1
"""Cumulative layout shift, called good up to here: https://web.dev/articles/cls"""


@dataclass(frozen=True, slots=True)
class Weight:
    """`bytes` are those that travelled, headers not counted."""

    requests: int
    bytes: int
    blocked_ms: float
    shift: float


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.add_init_script(WATCH)
    yield page
    context.close()


def weigh(page: Page, address: str, ours: str) -> Weight:
    """Load a page and wait until its form stands; what comes from `ours` counts."""
    sizes: list[int] = []
    page.on(
        "requestfinished",
        lambda one: sizes.append(one.sizes()["responseBodySize"]) if one.url.startswith(ours) else None,
    )
    page.goto(address)
    expect(page.get_by_label("Message")).to_be_visible()
    page.wait_for_load_state("networkidle")
    seen = page.evaluate("seen")
    return Weight(len(sizes), sum(sizes), seen["blocked"], seen["shift"])


def test_the_embed_is_light(page: Page, shop: Site, tidings_site: Site):
    weight = weigh(page, f"{shop.origin}/inline", tidings_site.origin)
    assert weight.requests <= 4, "the script, two stylesheets, the form"
    assert weight.bytes <= 30_000
    assert weight.blocked_ms <= BLOCKED_MS
    assert weight.shift <= SHIFT


def test_our_own_page_is_light(page: Page, hosted: str, tidings_site: Site):
    weight = weigh(page, hosted, tidings_site.origin)
    assert weight.requests <= 8
    assert weight.bytes <= 60_000
    assert weight.blocked_ms <= BLOCKED_MS
    assert weight.shift <= SHIFT
