"""Requests find the page of a plugin, its variables, and why there is none."""

import pytest

from app.plugin_api.registrations import Route
from app.plugin_host import NoRoute, RouteTable, WrongMethod

LIST = Route("/", view=len, name="list")
ITEM = Route("/items/<int:number>", view=len, name="item", methods=("GET", "POST"))
SAVE = Route("/items/<int:number>/save", view=len, name="save", methods=("POST",))


@pytest.fixture
def table() -> RouteTable:
    return RouteTable({"one": [LIST, ITEM, SAVE], "two": [Route("/", view=max, name="other")]})


@pytest.mark.parametrize(
    ("path", "method", "route", "values"),
    [
        ("/", "GET", LIST, {}),
        ("/", "HEAD", LIST, {}),
        ("/items/7", "GET", ITEM, {"number": 7}),
        ("/items/7/", "POST", ITEM, {"number": 7}),
        ("/items/7/save", "POST", SAVE, {"number": 7}),
    ],
)
def test_a_page_is_found_with_its_values(table, path, method, route, values):
    assert table.match("one", path, method) == (route, values)


@pytest.mark.parametrize(
    ("plugin", "path"), [("one", "/items"), ("one", "/items/x"), ("nobody", "/"), ("two", "/items/7")]
)
def test_what_is_not_there_is_no_route(table, plugin, path):
    with pytest.raises(NoRoute):
        table.match(plugin, path, "GET")


def test_a_wrong_method_says_which_there_are(table):
    with pytest.raises(WrongMethod) as caught:
        table.match("one", "/items/7/save", "GET")
    assert caught.value.allowed == ("POST",)


def test_routes_of_a_plugin_are_listed(table):
    assert table.routes("one") == (LIST, ITEM, SAVE)
    assert table.routes("nobody") == ()


def test_one_page_cannot_be_claimed_twice():
    with pytest.raises(ValueError, match="Two of its routes claim POST /items/<int:number>"):
        RouteTable({"one": [ITEM, Route("/items/<int:number>", view=max, name="again", methods=("POST",))]})


def test_one_page_may_have_a_route_for_each_method():
    read, write = (Route("/x", view=len, name=one, methods=(one,)) for one in ("GET", "POST"))
    table = RouteTable({"one": [read, write]})
    assert table.match("one", "/x", "POST")[0] is write
    assert table.match("one", "/x", "GET")[0] is read


@pytest.mark.parametrize(
    "rule", ["/../settings", "/a/../../b", "//other/page", "/./inbox", "/a//b", "inbox", "", 5, "/a\\b"]
)
def test_a_route_outside_of_the_plugins_own_address_is_refused(rule):
    with pytest.raises(ValueError, match="Its route"):
        RouteTable({"one": [Route(rule, view=len, name="claim")]})


@pytest.mark.parametrize("rule", ["/", "/a", "/a/", "/<path:path>", "/a.b/..c", "/<int:n>/x/"])
def test_ordinary_rules_are_accepted(rule):
    RouteTable({"one": [Route(rule, view=len, name="page")]})


@pytest.mark.parametrize(
    "rule", ["/static/<path:file>", "/static", "no-slash", "/../settings", "//host/x", "/a/./b", "/a\\b"]
)
def test_a_rule_that_leads_elsewhere_is_refused(rule):
    with pytest.raises(ValueError, match="Its route"):
        RouteTable({"one": [Route(rule, view=len, name="claim")]})


@pytest.mark.parametrize("rule", ["/", "/x/", "/statics", "/a..b/<int:n>", "/<path:rest>"])
def test_a_rule_below_the_plugins_own_address_is_taken(rule):
    assert RouteTable({"one": [Route(rule, view=len, name="page")]}).routes("one")
