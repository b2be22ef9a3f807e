"""Fixtures of the plugin's tests: the fake Graph API, an account, a host and the channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.whatsapp.channel import WhatsAppChannel
from plugins.whatsapp.tests import numbers
from tidings import Account
from tidings.testing import FakeHost, providers


@pytest.fixture
def graph() -> Iterator[providers.FakeMetaGraph]:
    with numbers.create_graph() as graph:
        yield graph


@pytest.fixture
def account(graph: providers.FakeMetaGraph) -> Account:
    return numbers.create_account(graph)


@pytest.fixture
def host(graph: providers.FakeMetaGraph, account: Account) -> FakeHost:
    return numbers.create_host(graph, account)


@pytest.fixture
def channel(host: FakeHost) -> WhatsAppChannel:
    return WhatsAppChannel(host)
