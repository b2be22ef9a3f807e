"""Promises of the first start: every page leads to set-up, only the printed link opens it, and it works once."""

from sqlalchemy import select

from app.models import Agent
from app.services.settings import get_setting
from app.services.setup import setup_link
from tests.integration.web.visitor import Visitor

FORM = {
    "name": "Ada", "email": "ada@desk.example.com", "password": "correct horse battery", "business_name": "Reading Room",
    "language": "en", "timezone": "Europe/Berlin",
}  # fmt: skip


def path_of(core, link):
    return link.removeprefix(core.config.address)


def test_every_page_leads_to_setup_while_there_is_nobody(tidings_app):
    visitor = Visitor(tidings_app)

    for address in ("/", "/login", "/accounts", "/conversations/1"):
        assert visitor.get(address).location == "/setup"
    assert visitor.get("/healthz").status_code == 200


def test_setup_without_the_link_says_where_to_find_it(tidings_app, core):
    setup_link(core)
    visitor = Visitor(tidings_app)

    answer = visitor.get("/setup")
    wrong = visitor.get("/setup?token=guessed", follow_redirects=True)

    assert answer.status_code == wrong.status_code == 403
    assert "one-time link" in answer.text
    assert "<form" not in answer.text


def test_the_browsers_language_is_offered_first(tidings_app, core):
    visitor = Visitor(tidings_app)
    visitor.get(path_of(core, setup_link(core)))
    for wanted, offered in (("de-AT,de;q=0.9", "de"), ("en-GB", "en"), ("xx", "en")):
        page = visitor.get("/setup", headers={"Accept-Language": wanted}).text
        assert f'<option selected value="{offered}">' in page


def test_the_link_makes_the_first_admin_and_signs_in(tidings_app, core):
    visitor = Visitor(tidings_app)
    visitor.get(path_of(core, setup_link(core)))
    visitor.get("/setup")
    answer = visitor.post("/setup", FORM)

    assert answer.location == "/"
    assert visitor.get("/accounts").status_code == 200
    admin = core.session.scalar(select(Agent))
    assert (admin.role, admin.timezone) == ("admin", "Europe/Berlin")
    assert get_setting(core, "business_name") == "Reading Room"


def test_the_link_is_the_same_until_it_is_used_and_then_gone(tidings_app, core):
    link = setup_link(core)
    assert setup_link(core) == link
    visitor = Visitor(tidings_app)
    visitor.get(path_of(core, link))
    visitor.get("/setup")
    visitor.post("/setup", FORM)

    assert setup_link(core) is None
    late = Visitor(tidings_app)
    assert late.get(path_of(core, link)).location == "/"
    assert late.get("/").location.startswith("/login")


def test_what_is_wrong_stands_beside_the_field_and_nothing_is_lost(tidings_app, core):
    visitor = Visitor(tidings_app)
    visitor.get(path_of(core, setup_link(core)))
    visitor.get("/setup")
    answer = visitor.post("/setup", {**FORM, "password": "short", "email": "nobody"})

    assert answer.status_code == 422
    assert "Reading Room" in answer.text
    assert core.session.scalar(select(Agent)) is None
