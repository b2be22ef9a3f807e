"""Pages about plugins and notices are for those who may manage them, and nothing on them happens without the token of a form."""

import pytest

ADMIN_PAGES = ("/settings/plugins", "/settings/notices", "/settings/safe-mode")
FOR_EVERYBODY = {"/settings/notices/alerts"}
ANSWERED_WITH_A_TOAST = {"/settings/notices/1/dismiss", "/settings/safe-mode/leave"}
"""The verbs refuse here; that they do is proven beside them."""
VALUES = {"name": "echo", "token": "0" * 32, "filename": "echo-1.0-20260101T000000000000.zip", "id": 1}


def addresses(app, method):
    """Each such address that takes this method, with something in place of its variables."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.rule.startswith(ADMIN_PAGES) and rule.rule not in FOR_EVERYBODY:
            yield adapter.build(rule.endpoint, {name: VALUES[name] for name in rule.arguments}, method=method)


@pytest.mark.parametrize("role", ["agent", "lead"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_agents_without_the_permission_see_and_do_nothing(tidings_app, sign_in, admin, role, method):
    browser = sign_in("Ben", role=role)
    found = list(addresses(tidings_app, method))
    assert len(found) >= 8
    for address in found:
        for headers in ({}, {"HX-Request": "true"}):
            answer = (
                browser.get(address, headers=headers) if method == "GET" else browser.post(address, headers=headers)
            )
            assert answer.status_code == (303 if address in ANSWERED_WITH_A_TOAST and method == "POST" else 403), (
                address
            )


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_strangers_are_sent_to_the_sign_in_page(tidings_app, visitor, method):
    for address in addresses(tidings_app, method):
        answer = visitor.get(address) if method == "GET" else visitor.post(address)
        assert (answer.status_code, "/login" in answer.location) == (302, True), address


def test_nothing_happens_without_the_token_of_a_form(tidings_app, admin):
    for address in addresses(tidings_app, "POST"):
        assert admin.post(address, csrf=False).status_code == 400, address
