"""Fixtures of telephony: a registrar, telephones that call and are called, and voices for them. See fixtures.py for what is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from app.testing.servers.fixtures import report_missing
from app.testing.servers.kamailio import KamailioServer
from app.testing.servers.missing import MissingComponent
from app.testing.servers.rtp import Voice
from app.testing.servers.sipp import SIPPhones

__all__ = ["create_registrar", "create_voice", "phones"]


@pytest.fixture
def create_registrar() -> Iterator[Callable[..., KamailioServer]]:
    """Return a factory of running SIP registrars; the arguments are those of KamailioServer."""
    with contextlib.ExitStack() as running:

        def create(users: dict[str, str], **options: int) -> KamailioServer:
            try:
                return running.enter_context(KamailioServer(users, **options))
            except MissingComponent as error:
                report_missing(error)

        yield create


@pytest.fixture
def phones() -> Iterator[SIPPhones]:
    """Telephones of this test's own."""
    try:
        phones = SIPPhones()
    except MissingComponent as error:
        report_missing(error)
    with phones:
        yield phones


@pytest.fixture
def create_voice() -> Iterator[Callable[[], Voice]]:
    """Return a factory of voices for telephones."""
    with contextlib.ExitStack() as running:
        yield lambda: running.enter_context(Voice())
