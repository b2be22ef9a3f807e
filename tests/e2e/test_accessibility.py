"""Every page of the sample installation keeps to WCAG as far as axe can tell, and never scrolls sideways on a phone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from app.testing.servers import MissingComponent
from app.testing.servers.fixtures import report_missing
from docs.sample import Sample, sample_installation
from docs.screenshots import EXTREMES, PAGES, PUBLIC_PAGES, address_of, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.e2e, pytest.mark.timeout(240)]

SERIOUS = ("serious", "critical")
Options = dict[str, Any]
EVERY_RULE: Options = {"resultTypes": ["violations"]}
RULES_OF_LOOKS: Options = {
    **EVERY_RULE,
    "runOnly": [
        "color-contrast",
        "link-in-text-block",
        "target-size",
        "scrollable-region-focusable",
        "label",
        "button-name",
    ],
}
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def sample() -> Iterator[Sample]:
    try:
        with sample_installation(with_extremes=True, past_days=1) as sample:
            yield sample
    except MissingComponent as error:
        report_missing(error)


@pytest.mark.parametrize(("width", "theme", "rules"), [(1440, "light", EVERY_RULE), (390, "dark", RULES_OF_LOOKS)])
def test_pages_are_accessible_and_fit(browser: Browser, sample: Sample, width: int, theme: str, rules: Options):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, reduced_motion="reduce", locale="en-GB"
    )
    page, axe = context.new_page(), Axe()
    problems = [problem for name in PUBLIC_PAGES for problem in _problems(page, axe, sample, name, rules)]
    sign_in(page, sample)
    for name in {**PAGES, **EXTREMES}:
        problems += _problems(page, axe, sample, name, rules)
    context.close()

    assert problems == []


def _problems(page: Page, axe: Axe, sample: Sample, name: str, rules: Options) -> list[str]:
    """What is wrong with a page with everything on it unfolded, a line each."""
    answer = page.goto(address_of(sample, name), wait_until="load")
    assert answer is not None
    assert answer.ok or name == "missing", f"{name}: {answer.status}"
    page.evaluate("() => document.querySelectorAll('details:not(.menu)').forEach(part => { part.open = true })")
    found = [
        f"{name}: {violation['id']} ({violation['impact']}): {violation['help']}: {node['target']}"
        for violation in axe.run(page, options=rules).response["violations"]
        if violation["impact"] in SERIOUS
        for node in violation["nodes"]
    ]
    overhang = page.evaluate(SIDEWAYS)
    return [*found, f"{name}: scrolls {overhang} px sideways"] if overhang > 0 else found
