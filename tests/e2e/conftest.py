"""One browser for all walks of a test process."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from app.testing.browser import open_browser
from app.testing.servers import MissingComponent
from app.testing.servers.fixtures import report_missing


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    try:
        with open_browser() as browser:
            yield browser
    except MissingComponent as error:
        report_missing(error)
