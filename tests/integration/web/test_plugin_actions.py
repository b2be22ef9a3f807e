"""Promises of buttons of plugins: they stand where their plugin puts them, lead nowhere else, and answer on the page they came from."""

import pytest

from app.plugin_api.registrations import Action
from tests.integration.web.bellboy import bellboy_plugin


@pytest.fixture
def bellboy(core, create_account):
    with bellboy_plugin(core, create_account) as plugin:
        yield plugin


def form_of(page: str, path: str) -> str:
    """The form that posts to a path of the plugin, up to its end."""
    start = page.index(f'action="/plugins/bellboy{path}"')
    return page[start : page.index("</form>", start)]


def test_each_place_has_the_buttons_that_plugins_put_there(agent, bellboy):
    bellboy.brings(fields={"Floor": "3"})
    page = agent.get("/conversations/1").text

    assert page.index("Dismiss") < page.index("Ring twice"), "in their order"
    assert ".svg#bell" in form_of(page, "/ring/conversation/1")
    assert 'data-confirm="Really dismiss them?"' in form_of(page, "/dismiss")
    assert 'name="text"' in form_of(page, "/rename/1")
    assert "New name" in form_of(page, "/rename/1")
    assert page.index('id="message-1"') < page.index("/rename/1") < page.index("</article>")
    assert "Ring 12" in form_of(page, "/ring/contact/1")
    assert all("csrf_token" in form_of(page, path) for path in ("/dismiss", "/rename/1", "/ring/contact/1"))
    assert bellboy.store.get("shown") == [[1, "note-1", True, {"Floor": "3"}]]

    contact = agent.get("/contacts/1").text
    assert "Ring 12" in form_of(contact, "/ring/contact/1")
    assert "Rooms" in contact
    assert "<dd>Ada</dd>" in contact


def test_what_was_done_is_told_on_the_page_the_agent_came_from(agent, bellboy):
    bellboy.brings()
    here = {"headers": {"Referer": "http://localhost/conversations/1?before=9~9~9"}}
    answer = agent.post("/plugins/bellboy/ring/conversation/1", **here)
    assert (answer.status_code, answer.location) == (303, "/conversations/1?before=9~9~9")
    assert "Rang for conversation 1." in agent.get("/conversations/1").text

    for referer in ("", "https://elsewhere.test/conversations/1", "http://localhost//elsewhere.test", "nonsense"):
        away = agent.post("/plugins/bellboy/ring/contact/2", headers={"Referer": referer})
        assert away.location == "/", referer


def test_a_route_may_lead_to_a_page_of_its_own_but_nowhere_else(agent, core, bellboy):
    core.plugins.dispatcher._raise_errors = False
    answer = agent.post("/plugins/bellboy/rename/4", {"text": "Lamp <b>"})
    assert answer.location == "/plugins/bellboy/people?of=message"
    assert "Message 4 is called Lamp &lt;b&gt; now." in agent.get("/").text
    for path in ("//elsewhere.test", "/../../logout", "https://elsewhere.test/", "/%2e%2e/settings", "/a\\..\\b"):
        assert agent.post("/plugins/bellboy/lost", {"path": path}).status_code == 500, path


def test_a_button_that_posts_needs_token_and_role(agent, admin, visitor, bellboy):
    assert agent.post("/plugins/bellboy/ring/contact/1", csrf=False).status_code == 400
    assert visitor.post("/plugins/bellboy/ring/contact/1").location.startswith("/login")
    assert agent.post("/plugins/bellboy/dismiss").status_code == 403
    assert admin.post("/plugins/bellboy/dismiss").status_code == 303
    assert "Dismissed by Root." in admin.get("/").text


def test_agents_and_contacts_are_known_to_plugins_that_may_ask(agent, core, create_agent, bellboy):
    create_agent("ben", role="lead")
    bellboy.brings()
    known = "Ada <ada@desk.example.com> agent; ben <ben@desk.example.com> lead; Ada (('room', '12'),)"
    assert agent.get("/plugins/bellboy/people").text == known


def test_a_button_that_was_smuggled_past_its_checks_is_left_out_and_counted(agent, core, bellboy, monkeypatch):
    def smuggle(action: Action) -> None:
        object.__setattr__(action, "path", "//elsewhere.test/steal")

    bellboy.brings()
    monkeypatch.setattr(Action, "__post_init__", smuggle)
    page = agent.get("/contacts/1")
    assert page.status_code == 200
    assert "elsewhere.test" not in page.text
    assert any(one.failures for one in core.plugins.health_of("bellboy") if one.hook == "slot contact_actions")


def test_a_plugin_that_fails_to_give_its_buttons_harms_nobody(agent, core, bellboy, monkeypatch):
    core.plugins.dispatcher._raise_errors = False
    bellboy.brings()
    monkeypatch.setattr(Action, "__post_init__", lambda action: 1 / 0)
    assert agent.get("/conversations/1").status_code == 200
    failed = {one.hook for one in core.plugins.health_of("bellboy") if one.failures}
    assert {"conversation_actions", "message_actions", "contact_actions"} <= failed
