"""Promises of the recovery link: opening it changes nothing, its button works once and without signing in, and needs nothing of ours."""

import pytest

from app.services import safe_mode

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def path(core):
    return safe_mode.make_recovery_link(core).removeprefix(core.config.address)


def test_opening_the_link_changes_nothing_however_often(visitor, core, path):
    for method in ("GET", "HEAD", "GET"):
        assert visitor.request(method, path).status_code == 200
    page = visitor.get(path)
    assert "Switch safe mode on?" in page.text
    assert not safe_mode.is_safe_mode(core)


def test_its_button_switches_safe_mode_on_once(visitor, core, path, admin):
    answer = visitor.post(path, csrf=False)
    assert answer.status_code == 200
    assert "Safe mode is on" in answer.text
    assert safe_mode.is_safe_mode(core)

    admin.post("/settings/safe-mode/leave")
    assert visitor.get(path).status_code == 410
    assert visitor.post(path, csrf=False).status_code == 410
    assert not safe_mode.is_safe_mode(core)


def test_it_signs_nobody_in_and_does_not_end_safe_mode(visitor, core, path):
    visitor.post(path, csrf=False)
    assert visitor.get("/").location.startswith("/login")
    assert visitor.post("/settings/safe-mode/leave").location.startswith("/login")
    assert safe_mode.is_safe_mode(core)


def test_the_page_loads_nothing_but_its_own_style(visitor, path):
    page = visitor.get(path)
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    style = visitor.get("/recovery/plain.css")
    assert (style.status_code, style.mimetype) == (200, "text/css")


def test_the_page_opens_although_every_template_is_broken(visitor, core, path, monkeypatch):
    def fail(*arguments, **named):
        raise RuntimeError("no template can be had")

    monkeypatch.setattr(visitor.app.jinja_env, "get_template", fail)
    monkeypatch.setattr(visitor.app.jinja_env, "get_or_select_template", fail)
    assert visitor.get(path).status_code == 200
    assert "Safe mode is on" in visitor.post(path, csrf=False).text


def test_guessing_ends_after_thirty_attempts(visitor, path):
    codes = [visitor.post("/recovery/guess", csrf=False).status_code for _ in range(31)]
    assert codes == [410] * 30 + [429]


def test_guesses_of_others_do_not_keep_the_link_from_working(visitor, path):
    for _ in range(31):
        visitor.post("/recovery/guess", csrf=False)
    assert "Safe mode is on" in visitor.post(path, csrf=False).text


def test_only_who_holds_a_link_learns_whether_safe_mode_is_on(visitor, path):
    visitor.post(path, csrf=False)
    assert "Safe mode is on" in visitor.get(path).text
    assert "Safe mode is on" in visitor.post(path, csrf=False).text
    for answer in (visitor.get("/recovery/guess"), visitor.post("/recovery/guess", csrf=False)):
        assert (answer.status_code, "Safe mode is on" in answer.text) == (410, False)


def test_it_speaks_the_visitors_language(visitor, path):
    assert '<html lang="de"' in visitor.get(path, headers={"Accept-Language": "de"}).text
