"""Promises of the pages about plugins: few queries, whatever there is to show; no page for those who may not."""

import re

import pytest

from tests.integration.web.guest import guest_plugin
from tests.integration.web.visitor import counted_queries

PAGES = {
    "/settings/plugins": 11,
    "/settings/plugins/mailbox": 14,
    "/settings/plugins/guest": 12,
    "/settings/plugins/hooks": 9,
    "/settings/plugins/conflicts": 9,
    "/settings/plugins/host-limits": 8,
    "/settings/plugins/mailbox/uninstall": 12,
}
"""The most queries of each, those of the shell around it included."""


@pytest.fixture
def guest(core, tmp_path):
    with guest_plugin(core, tmp_path):
        yield


def test_a_page_takes_few_queries_and_nothing_inline(admin, tidings_app, guest, create_account):
    create_account("mailbox", address="help@example.com")
    for address, most in PAGES.items():
        admin.get(address)
        with counted_queries(tidings_app) as statements:
            answer = admin.get(address)

        assert answer.status_code == 200, address
        assert len(statements) <= most, "\n".join([address, *statements])
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=", answer.text), address


def test_no_page_is_for_agents(agent):
    for address in PAGES:
        assert agent.get(address).status_code == 403, address
