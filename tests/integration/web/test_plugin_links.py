"""Promises of ways to pages of plugins: they stand in the navigation for who may open them, and a plugin that fails has none."""

import re

import pytest

from app.plugin_api.registrations import NavLink
from tests.integration.web.bellboy import bellboy_plugin


@pytest.fixture
def bellboy(core, create_account):
    with bellboy_plugin(core, create_account) as plugin:
        yield plugin


def links_of(page: str) -> dict[str, str]:
    """The links of the rail to pages of the plugin, each by its address, in their order."""
    rail = page[page.index('<nav id="rail-nav"') :]
    rail = rail[: rail.index("</nav>")]
    found = re.findall(r'<a class="rail-link" href="(/plugins/bellboy/[^"]*)"(.*?)</a>', rail, re.DOTALL)
    return dict(found)


def failures_of(core, hook: str) -> int:
    return sum(one.failures for one in core.plugins.health_of("bellboy") if one.hook == hook)


def test_a_plugins_pages_stand_in_the_rail_below_the_cores_in_their_order(admin, bellboy):
    bellboy.store.set("bells", 3)
    page = admin.get("/").text
    links = links_of(page)
    assert list(links) == ["/plugins/bellboy/desk?floor=all", "/plugins/bellboy/safe"]
    desk, safe = links.values()
    assert ".svg#bell" in desk
    assert '<span class="count">3</span>' in desk
    assert ".svg#puzzle" in safe
    assert 'class="count"' not in safe, "0 is not shown"
    assert page.index(">Undelivered<") < page.index(">Desk<") < page.index(">Accounts<")


def test_who_may_not_open_a_page_sees_no_way_there(agent, bellboy):
    assert list(links_of(agent.get("/").text)) == ["/plugins/bellboy/desk?floor=all"]
    assert agent.get("/plugins/bellboy/safe").status_code == 403


def test_the_link_of_the_page_that_is_open_is_marked(agent, bellboy):
    (here,) = links_of(agent.get("/plugins/bellboy/desk").text).values()
    (elsewhere,) = links_of(agent.get("/contacts").text).values()
    assert 'aria-current="page"' in here
    assert "aria-current" not in elsewhere


def test_a_part_of_a_page_brings_the_number_as_it_is_now(agent, bellboy):
    assert 'class="count"' not in links_of(agent.get("/").text)["/plugins/bellboy/desk?floor=all"]
    bellboy.store.set("bells", 2)
    part = agent.get("/", headers={"HX-Request": "true"}).text
    assert '<span class="count">2</span>' in links_of(part)["/plugins/bellboy/desk?floor=all"]


def test_a_link_that_leads_nowhere_is_left_out_and_counted(agent, core, bellboy):
    bellboy.store.set("links", ["/nowhere"])
    assert list(links_of(agent.get("/").text)) == ["/plugins/bellboy/desk?floor=all"]
    assert failures_of(core, "slot navigation_links") == 1


def test_a_plugin_shows_five_links_at_most(agent, core, bellboy):
    bellboy.store.set("links", [f"/desk?floor={number}" for number in range(9)])
    assert len(links_of(agent.get("/").text)) == 4, "five, of which an agent may open four"
    assert failures_of(core, "slot navigation_links") == 1


def test_a_link_that_was_smuggled_past_its_checks_is_left_out_and_counted(agent, core, bellboy, monkeypatch):
    monkeypatch.setattr(NavLink, "__post_init__", lambda link: object.__setattr__(link, "path", "/../../logout"))
    page = agent.get("/")
    assert page.status_code == 200
    assert "logout" not in "".join(links_of(page.text))
    assert failures_of(core, "slot navigation_links") == 2


def test_a_plugin_that_fails_to_give_its_links_has_none_and_harms_nobody(agent, core, bellboy, monkeypatch):
    core.plugins.dispatcher._raise_errors = False
    monkeypatch.setattr(NavLink, "__post_init__", lambda link: 1 / 0)
    page = agent.get("/")
    assert (page.status_code, links_of(page.text)) == (200, {})
    assert failures_of(core, "navigation_links") == 1


def test_nobody_is_asked_where_no_plugin_has_links(agent, core, monkeypatch):
    for plugin in core.plugins.dispatcher.listeners("navigation_links"):
        core.plugins.deactivate(plugin)
    monkeypatch.setattr(core.plugins.dispatcher, "collect", lambda hook, **values: pytest.fail(hook))
    assert agent.get("/contacts").status_code == 200
