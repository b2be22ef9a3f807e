"""Visitors of the installation under test: nobody yet, an agent, an admin."""

from collections.abc import Callable

import pytest

from tests.integration.core.mails import create_mail
from tests.integration.web.visitor import Visitor


@pytest.fixture
def visitor(tidings_app, create_agent) -> Visitor:
    """Somebody who is not signed in; the installation has an admin (root@desk.example.com)."""
    create_agent("Root", role="admin")
    return Visitor(tidings_app)


@pytest.fixture
def sign_in(tidings_app, create_agent) -> Callable[..., Visitor]:
    """Return a function that makes an agent and gives a visitor signed in as them: `sign_in("Ben", role="lead")`."""

    def make(name: str = "Ada", role: str = "agent") -> Visitor:
        actor = create_agent(name, role=role)
        browser = Visitor(tidings_app)
        browser.sign_in(f"{name.lower()}@desk.example.com")
        browser.agent_id = actor.agent_id
        return browser

    return make


@pytest.fixture
def admin(sign_in) -> Visitor:
    return sign_in("Root", role="admin")


@pytest.fixture
def agent(sign_in) -> Visitor:
    return sign_in("Ada")


@pytest.fixture
def conversation(receive_mail):
    """Conversation number 1: Ada Reader asks for order 1047."""
    return receive_mail(create_mail(sender="Cleo Customer <cleo@mail.example.org>"))
