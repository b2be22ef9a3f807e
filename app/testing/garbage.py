"""When Python looks for garbage in a run of tests. What a run has imported and collected stays until its end; looking through all of it
again and again takes a good part of the run."""

import gc
from collections.abc import Generator

import pytest

__all__ = ["pytest_collection"]

YOUNG = 20_000
"""So many new objects before the youngest are looked at; an app made for one test has more than Python's own 700 all the time."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Look for none while tests are collected, and never again at what was there by then."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(YOUNG)
        gc.enable()
