"""Promises to plugins and about them: their pages stand in ours, opt-outs are named, and a broken one harms nobody else."""

import re
from dataclasses import replace
from functools import partial

import pytest

from tests.integration.web.guest import guest_plugin


@pytest.fixture
def guest(core, tmp_path):
    with guest_plugin(core, tmp_path):
        yield


def test_a_page_needs_sign_in_unless_it_is_public(visitor, guest):
    assert visitor.get("/plugins/guest/hello/Ada").location.startswith("/login")
    assert visitor.get("/plugins/guest/open").text == "Hello you, GET"


def test_a_page_gets_its_values(agent, guest):
    assert agent.get("/plugins/guest/hello/Ada").text == "Hello Ada, GET"
    assert agent.get("/plugins/guest/nowhere").status_code == 404
    assert agent.get("/plugins/nobody/hello").status_code == 404
    wrong = agent.post("/plugins/guest/hello/Ada")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, HEAD")


def test_a_post_needs_a_token_unless_the_route_says_otherwise(agent, visitor, guest):
    assert agent.post("/plugins/guest/post", csrf=False).status_code == 400
    assert agent.post("/plugins/guest/post").text == "Hello you, POST"
    assert visitor.post("/plugins/guest/take", csrf=False).text == "Hello you, POST"


def test_a_script_posts_json_with_the_token_in_a_header(agent, guest):
    page = agent.get("/plugins/guest/page").text
    token = re.search(r'<meta name="csrf-token" content="([^"]+)"', page).group(1)

    post = partial(agent.request, "POST", "/plugins/guest/spoken", json={"word": "hello"})
    said = post(headers={"X-CSRFToken": token})
    refused = post(headers={"Accept": "application/json"})

    assert said.text == "hello"
    assert refused.status_code == 400
    assert "error" in refused.json


def test_a_page_for_managers_is_not_for_agents(agent, admin, visitor, guest):
    assert visitor.get("/plugins/guest/office").location.startswith("/login")
    assert agent.get("/plugins/guest/office").status_code == 403
    assert admin.get("/plugins/guest/office").text == "Hello you, GET"


def test_a_broken_page_is_its_own_fault_and_counted(agent, core, guest, caplog):
    answer = agent.get("/plugins/guest/broken")

    assert answer.status_code == 500
    assert "The plugin Guest made a mistake" in answer.text
    assert "a fault of the guest" not in answer.text
    assert agent.get("/").status_code == 200
    record = next(r for r in core.plugins.health_of("guest") if r.hook == "page broken")
    assert record.failures == 1


def test_only_an_embeddable_page_may_be_framed_and_only_that_is_its_choice(visitor, guest):
    framed = visitor.get("/plugins/guest/framed").headers
    plain = visitor.get("/plugins/guest/unframed").headers

    assert "frame-ancestors https://shop.example" in framed["Content-Security-Policy"]
    assert "script-src 'self'" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert plain["X-Frame-Options"] == "DENY"


def test_a_page_can_stand_inside_the_shell_and_vanishes_with_its_plugin(agent, core, guest):
    page = agent.get("/plugins/guest/page")
    assert "<p>page &lt;b&gt;</p>" in page.text
    assert 'id="rail-nav"' in page.text

    core.plugins.deactivate("guest")

    assert agent.get("/plugins/guest/page").status_code == 404


def test_panels_show_on_the_dashboard_and_a_broken_one_is_left_out(agent, core, guest):
    core.plugins.health.limits = replace(core.plugins.health.limits, request_s=2.0)  # one of them never ends
    page = agent.get("/dashboard").text

    assert "Rows of the guest" in page
    assert "<p>panel &lt;i&gt;</p>" in page
    assert "Broken" not in page
    assert any(r.failures for r in core.plugins.health_of("guest") if r.hook == "template guest/nowhere.html")


def test_agents_do_not_switch_plugins(agent, guest):
    assert agent.get("/settings/plugins").status_code == 403
    agent.post("/settings/plugins/guest/off")
    assert agent.get("/plugins/guest/hello/x").status_code == 200
