"""The page that tests a form, and what other pages say of its tests."""

import pytest

from plugins import webform
from plugins.webform.building.tests.factories import Admin, create_admin
from plugins.webform.checking import results
from plugins.webform.checking.pages import MOST_TESTS
from plugins.webform.checking.steps import Kind, Step, StepResult, StepState
from plugins.webform.checking.tests.conftest import ADMIN
from tidings import Viewer

TEST = "/forms/1/test"


@pytest.fixture
def admin() -> Admin:
    admin = create_admin()
    admin.host.staff = [type(ADMIN)(7, "Ada Abel", "ada@example.com", "admin")]
    return admin


def begun(admin: Admin, nonce: str, steps: dict[Step, StepResult], kind: Kind = Kind.PRESSED) -> None:
    check = results.begin(admin.host, 1, kind, nonce, address="ada@example.com", began_by="Ada Abel")
    results.note(admin.host, check, steps)


def failed(sentence: str, **data: str) -> StepResult:
    return StepResult(StepState.FAILED, sentence, data)


def test_the_page_says_where_the_mail_goes_before_anything_was_tested(admin):
    html = admin.text(TEST)
    assert "ada@example.com" in html
    assert "Not tested yet" in html
    assert "hx-trigger" not in html


def test_a_test_that_is_under_way_is_asked_for_again_until_it_ends(admin):
    begun(admin, "test-1", {Step.PAGE: StepResult(StepState.OK, "page_ok")})
    html = admin.text(TEST)
    assert 'hx-trigger="every 1500ms"' in html
    assert [step.state for step in admin.host.page.newest.steps] == ["ok", "waiting", "next", "next", "next", "next"]
    admin.host.clock.tick(3600)
    assert "hx-trigger" not in admin.text(TEST)


def test_a_red_step_says_what_to_do_and_those_after_it_were_not_reached(admin):
    ok = StepResult(StepState.OK, "page_ok")
    begun(admin, "test-1", {Step.PAGE: ok, Step.POST: failed("post_refused", reason="<b>No</b>")})
    html = admin.text(TEST)
    assert "Something is wrong" in html
    assert "The form refused it: &lt;b&gt;No&lt;/b&gt;" in html
    assert [step.state for step in admin.host.page.newest.steps] == ["ok", "failed", *["unreached"] * 4]
    assert html.count("not reached") == 4
    assert "hx-trigger" not in html


def test_a_form_whose_answers_nobody_can_guess_is_not_called_broken(admin):
    ok = StepResult(StepState.OK, "page_ok")
    unknown = StepResult(StepState.SKIPPED, "no_example", {"field": "Code"})
    begun(admin, "test-1", {Step.PAGE: ok, Step.POST: unknown}, Kind.NIGHTLY)
    html = admin.text(TEST)
    assert "Not tested to the end" in html
    assert "cannot guess what to type into “Code”" in html
    assert admin.host.notices == {}


def test_earlier_tests_are_folded_under_the_newest(admin):
    begun(admin, "test-1", {Step.PAGE: failed("page_closed")}, Kind.NIGHTLY)
    begun(admin, "test-2", {Step.PAGE: failed("page_missing")})
    html = admin.text(TEST)
    newest, _, earlier = html.partition("Earlier tests")
    assert "There is no form at its address" in newest
    assert "by itself · " in earlier


def test_nobody_sends_more_than_some_tests_an_hour(admin):
    admin.host.paused.add(1)
    most = int(MOST_TESTS.split()[0])
    for _ in range(most):
        assert admin.post(TEST).status_code == 303
    assert admin.host.told == []
    admin.post(TEST)
    assert "many tests within an hour" in admin.host.told[0]
    assert len(results.latest_of(admin.host, 1, limit=99)) == most


def test_the_dashboard_tells_agents_how_forms_do_and_leads_admins_there(admin):
    begun(admin, "test-1", {Step.PAGE: failed("page_closed")})
    (panel,) = webform.dashboard_panels(admin.host, Viewer(7, "Ada", "admin"))
    html = admin.host.render(panel.template, **panel.context)
    assert 'href="/plugins/webform/forms/1/test"' in html
    assert "Something is wrong" in html
    (panel,) = webform.dashboard_panels(admin.host, Viewer(8, "Ben", "agent"))
    assert "<a " not in admin.host.render(panel.template, **panel.context)


def test_cards_get_the_newest_test_that_ended(admin):
    begun(admin, "test-1", {Step.PAGE: failed("page_closed")})
    begun(admin, "test-2", {Step.PAGE: StepResult(StepState.OK, "page_ok")})
    assert results.latest(admin.host)[1].nonce == "test-1"


def test_a_step_that_is_settled_stays_as_it_is(admin):
    begun(admin, "test-1", {Step.PAGE: failed("page_closed")})
    check = results.by_nonce(admin.host, "test-1")
    after, is_end = results.note(admin.host, check, {Step.PAGE: StepResult(StepState.OK, "page_ok")})
    assert after.steps[Step.PAGE].sentence == "page_closed"
    assert not is_end
