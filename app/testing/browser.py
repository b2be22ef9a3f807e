"""A real browser for tests: Debian's Chromium, headless, without any of its calls home."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from app.testing.servers.fixtures import report_missing
from app.testing.servers.missing import MissingComponent

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser", "open_browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@contextmanager
def open_browser() -> "Iterator[Browser]":
    """A running browser. Raises `MissingComponent` when none is installed."""
    from playwright.sync_api import sync_playwright

    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise MissingComponent("No Chromium was found. On Debian or Ubuntu: apt install chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*sandbox, *_ARGUMENTS])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One headless Chromium for all tests of a process."""
    try:
        with open_browser() as browser:
            yield browser
    except MissingComponent as error:
        report_missing(error)
