"""Every page of the sample installation keeps to WCAG as far as axe can tell, and never scrolls sideways on a phone."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.testing.servers import MissingComponent
from app.testing.servers.fixtures import report_missing
from docs.sample import Sample, sample_installation
from docs.screenshots import EXTREMES, PAGES, PUBLIC_PAGES, address_of, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(240), pytest.mark.xdist_group("accessibility")]

SERIOUS = ("serious", "critical")
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    try:
        with sample_installation(with_extremes=True) as sample:
            yield sample
    except MissingComponent as error:
        report_missing(error)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_pages_are_accessible_and_fit(browser: Browser, sample: Sample, width: int, theme: str):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", locale="en-GB"
    )
    page, axe = context.new_page(), Axe()
    problems = [problem for name in PUBLIC_PAGES for problem in _problems(page, axe, sample, name)]
    sign_in(page, sample)
    for name in {**PAGES, **EXTREMES}:
        problems += _problems(page, axe, sample, name)
    context.close()

    assert problems == []


def _problems(page: Page, axe: Axe, sample: Sample, name: str) -> list[str]:
    """What is wrong with a page with everything on it unfolded, a line each."""
    page.goto(address_of(sample, name), wait_until="load")
    page.evaluate("() => document.querySelectorAll('details:not(.menu)').forEach(part => { part.open = true })")
    found = [
        f"{name}: {violation['id']} ({violation['impact']}): {violation['help']}: {node['target']}"
        for violation in axe.run(page, options={"resultTypes": ["violations"]}).response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    overhang = page.evaluate(SIDEWAYS)
    return [*found, f"{name}: scrolls {overhang} px sideways"] if overhang > 0 else found
