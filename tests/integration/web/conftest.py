"""Visitors of the installation under test: nobody yet, an agent, an admin."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.models import Agent
from app.services.agents import has_agents
from tests.integration.core.mails import create_mail
from tests.integration.web.courier import courier_plugin
from tests.integration.web.visitor import Visitor


@pytest.fixture
def visitor(tidings_app, core, create_agent) -> Visitor:
    """Somebody who is not signed in; the installation has an admin (root@desk.example.com)."""
    if not has_agents(core):
        create_agent("Root", role="admin")
    return Visitor(tidings_app)


@pytest.fixture
def sign_in(tidings_app, core, create_agent) -> Callable[..., Visitor]:
    """Return a function that makes an agent and gives a visitor signed in as them: `sign_in("Ben", role="lead")`."""

    def make(name: str = "Ada", role: str = "agent") -> Visitor:
        address = f"{name.lower()}@desk.example.com"
        if core.session.scalar(select(Agent.id).where(Agent.email == address)) is None:
            create_agent(name, role=role)
        browser = Visitor(tidings_app)
        browser.enter(core.session.scalars(select(Agent).where(Agent.email == address)).one())
        core.session.rollback()
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


@pytest.fixture
def courier(core):
    """The sample channel whose owner signs in first and whose accounts share one webhook."""
    with courier_plugin(core):
        yield
