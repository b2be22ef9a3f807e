"""A host with the plugin's tables, and messages as forms bring them."""

import pytest

from plugins.webform.tests.factories import PageHost


@pytest.fixture
def host() -> PageHost:
    return PageHost()
