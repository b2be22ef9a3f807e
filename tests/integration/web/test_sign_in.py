"""Promises of sign-in: nobody gets in without it, guessing is slow, sessions can be ended, a second factor is asked for."""

import re
import time

import pytest
from sqlalchemy import select

from app.models import Agent
from app.services import agents
from app.services.core import SYSTEM
from tests.integration.web.visitor import PASSWORD, Visitor

PAGES = [
    "/", "/dashboard", "/contacts", "/accounts", "/accounts/connect", "/people", "/audit", "/undelivered",
    "/settings/plugins", "/profile", "/search?q=order", "/compose", "/conversations/1", "/attachments/1", "/stream",
    "/conversations/1/messages/1/html",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_a_page_leads_to_sign_in_when_nobody_is_signed_in(visitor, address):
    answer = visitor.get(address)

    assert answer.status_code == 302
    assert answer.location.startswith("/login")


def test_scripts_are_told_that_nobody_is_signed_in(visitor):
    assert visitor.get("/", headers={"HX-Request": "true"}).status_code == 401
    assert visitor.get("/stream", headers={"Accept": "text/event-stream"}).status_code == 401


def test_sign_in_leads_to_the_page_that_was_wanted(visitor):
    wanted = visitor.get("/contacts").location
    visitor.get(wanted)
    answer = visitor.post(wanted, {"email": "root@desk.example.com", "password": PASSWORD, "next": "/contacts"})

    assert answer.location.endswith("/contacts")
    assert visitor.get("/contacts").status_code == 200


def test_sign_in_does_not_lead_to_other_sites(visitor):
    visitor.get("/login")
    answer = visitor.post(
        "/login?next=https://evil.test/",
        {"email": "root@desk.example.com", "password": PASSWORD, "next": "//evil.test/"},
    )

    assert "evil.test" not in (answer.location or "")


def test_a_wrong_password_and_an_unknown_address_read_alike(visitor):
    def text_of(email):
        page = visitor.post("/login", {"email": email, "password": "wrong wrong wrong"}).text
        return re.sub(r'value="[^"]*"', "", page)

    assert text_of("root@desk.example.com") == text_of("nobody@desk.example.com")


def test_guessing_ends_after_some_attempts_with_a_clear_sentence(visitor):
    for _ in range(8):
        visitor.post("/login", {"email": "root@desk.example.com", "password": "wrong wrong wrong"})
    answer = visitor.post("/login", {"email": "root@desk.example.com", "password": PASSWORD})

    assert "Too many attempts" in answer.text
    assert visitor.get("/").status_code == 302


def test_a_post_without_a_token_is_refused_with_a_sentence(agent, conversation):
    answer = agent.post("/conversations/1/note", {"body": "hello"}, csrf=False)

    assert answer.status_code == 400
    assert "reload the page" in answer.text


def test_a_forged_token_is_refused(agent, conversation):
    answer = agent.post("/conversations/1/note", {"body": "hello", "csrf_token": "forged"})

    assert answer.status_code == 400


def test_signing_out_ends_the_session(agent):
    agent.post("/logout")

    assert agent.get("/").status_code == 302


def test_signing_out_everywhere_ends_other_browsers_and_keeps_this_one(agent, tidings_app):
    other = Visitor(tidings_app)
    other.sign_in("ada@desk.example.com")
    assert other.get("/").status_code == 200

    agent.post("/profile/sign-out-everywhere")

    assert other.get("/").status_code == 302
    assert agent.get("/").status_code == 200


def test_a_disabled_agent_is_out_at_once(agent, core):
    agents.set_active(core, SYSTEM, agent.agent_id, False)

    assert agent.get("/").status_code == 302


def test_an_invitation_sets_the_password_once_and_signs_in(visitor, core):
    agent_id = agents.create_agent(core, SYSTEM, name="Ben", email="ben@desk.example.com", role="agent")
    link = agents.make_link(core, agent_id).removeprefix(core.config.address)
    visitor.get(link)

    short = visitor.post(link, {"password": "short"})
    done = visitor.post(link, {"password": "a quiet morning walk"})

    assert short.status_code == 422
    assert "at least 10" in short.text.lower()
    assert done.status_code == 302
    assert visitor.get("/profile").status_code == 200
    assert visitor.get(link).status_code == 404


def test_a_broken_invitation_says_so(visitor):
    answer = visitor.get("/welcome/forged")

    assert answer.status_code == 404
    assert "Ask for a new one" in answer.text


def test_a_password_can_be_changed(agent, tidings_app):
    agent.get("/change")
    new = "a quiet morning walk"
    answer = agent.post("/change", {"password": PASSWORD, "new_password": new, "new_password_confirm": new})

    assert answer.status_code == 302
    other = Visitor(tidings_app)
    other.sign_in("ada@desk.example.com", new)
    assert other.get("/").status_code == 200


def test_a_second_factor_is_asked_for_once_it_is_set_up(agent, tidings_app, core):

    agent.get("/tf-setup")
    page = agent.post("/tf-setup", {"setup": "authenticator"})
    key = re.search(r'<code class="code-box">([^<]+)</code>', page.text)[1].replace(" ", "").strip()
    address = re.search(r'action="([^"]*tf-setup/[^"]+)"', page.text)[1]

    def code():
        from passlib.totp import TOTP

        return TOTP(key=key).generate(time.time()).token

    agent.post(address, {"code": code()})
    stored = core.session.scalar(select(Agent).where(Agent.email == "ada@desk.example.com"))
    assert stored.tf_primary_method == "authenticator"

    other = Visitor(tidings_app)
    other.get("/login")
    asked = other.post("/login", {"email": "ada@desk.example.com", "password": PASSWORD})
    assert other.get("/").status_code == 302
    page = other.get(asked.location) if asked.status_code == 302 else asked
    assert "Enter the code" in page.text
    wrong = other.post("/tf-validate", {"code": "000000"})
    assert "Enter the code" in wrong.text
    other.post("/tf-validate", {"code": code()})
    assert other.get("/").status_code == 200
