"""Fixtures of the plugin's tests: the fake Graph API, an account, a host and the channel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plugins.instagram.channel import InstagramChannel
from plugins.instagram.tests import accounts
from tidings import Account
from tidings.testing import FakeHost, providers


@pytest.fixture
def graph() -> Iterator[providers.FakeMetaGraph]:
    with accounts.create_graph() as graph:
        yield graph


@pytest.fixture
def account(graph: providers.FakeMetaGraph) -> Account:
    return accounts.create_account(graph)


@pytest.fixture
def host(graph: providers.FakeMetaGraph, account: Account) -> FakeHost:
    return accounts.create_host(graph, account)


@pytest.fixture
def channel(host: FakeHost) -> InstagramChannel:
    return InstagramChannel(host)
