"""What Meta's refusals mean: errors, waits, and nothing secret in them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.meta_graph import GraphClient, GraphRejected, Refusal, TokenRefused, messenger, pages
from connectors.meta_graph.faults import error_from_fields, usage_from_headers
from connectors.transport import create_session


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [
        (190, 463, TokenRefused),
        (190, None, TokenRefused),
        (102, None, TokenRefused),
        (4, None, RateLimited),
        (17, None, RateLimited),
        (32, None, RateLimited),
        (613, 1893016, RateLimited),
        (80006, None, RateLimited),
        (130429, None, RateLimited),
        (131056, None, RateLimited),
        (1, None, Unavailable),
        (2, None, Unavailable),
        (1200, None, Unavailable),
        (131016, None, Unavailable),
        (10, 2018278, GraphRejected),
        (100, None, GraphRejected),
        (4, 2018109, GraphRejected),
        (999_999, None, GraphRejected),
    ],
)
def test_metas_numbers_become_our_errors(code: int, subcode: int | None, kind: type[ConnectorError]) -> None:
    error = error_from_fields({"message": "Because", "code": code, "error_subcode": subcode})

    assert type(error) is kind
    assert error.code == code
    assert "Because" in error.reason


@pytest.mark.parametrize(
    ("code", "subcode", "refusal"),
    [
        (10, 2018278, Refusal.OUTSIDE_WINDOW),
        (10, 2534022, Refusal.OUTSIDE_WINDOW),
        (131047, None, Refusal.OUTSIDE_WINDOW),
        (10, 2018300, Refusal.THREAD_ELSEWHERE),
        (10, None, Refusal.NO_PERMISSION),
        (200, None, Refusal.NO_PERMISSION),
        (299, None, Refusal.NO_PERMISSION),
        (551, 1545041, Refusal.PERSON_UNREACHABLE),
        (200, 1545041, Refusal.PERSON_UNREACHABLE),
        (100, 33, Refusal.NOT_FOUND),
        (100, 2018109, Refusal.TOO_BIG),
        (368, None, Refusal.BLOCKED),
        (100, None, Refusal.OTHER),
    ],
)
def test_refusals_say_what_can_be_done(code: int, subcode: int | None, refusal: Refusal) -> None:
    error = error_from_fields({"message": "No", "code": code, "error_subcode": subcode})

    assert isinstance(error, GraphRejected)
    assert error.refusal is refusal
    assert error.is_outside_window == (refusal is Refusal.OUTSIDE_WINDOW)


def test_metas_word_that_it_will_pass_is_believed() -> None:
    assert isinstance(error_from_fields({"message": "Hm", "code": 5, "is_transient": True}), Unavailable)


def test_an_answer_after_which_messages_were_sent_leaves_the_outcome_unknown() -> None:
    for subcode, is_unknown in ((1357046, True), (None, False)):
        error = error_from_fields({"message": "Invalid JSON reply", "code": 1, "error_subcode": subcode})
        assert isinstance(error, Unavailable)
        assert error.outcome_unknown is is_unknown


@pytest.mark.parametrize(
    ("subcode", "cause"),
    [(458, "app_removed"), (460, "password_changed"), (463, "expired"), (467, "invalid"), (492, "role_lost")],
)
def test_a_dead_token_says_why(client: GraphClient, page: Any, fake_meta_graph: Any, subcode: int, cause: str) -> None:
    fake_meta_graph.kill(page.token, subcode)

    with pytest.raises(AuthExpired) as caught:
        pages.read_page(client)
    assert isinstance(caught.value, TokenRefused)
    assert (caught.value.subcode, caught.value.cause) == (subcode, cause)


def test_a_spent_limit_tells_metas_own_wait(client: GraphClient, fake_meta_graph: Any) -> None:
    with fake_meta_graph.fault("rate_limited"), pytest.raises(RateLimited) as caught:
        pages.read_page(client)

    assert caught.value.retry_after_s == fake_meta_graph.RETRY_AFTER_S
    assert client.usage is not None
    assert client.usage.percent == 100


def test_a_spent_app_limit_has_no_wait_of_metas(client: GraphClient, fake_meta_graph: Any) -> None:
    with fake_meta_graph.fault("app_limit"), pytest.raises(RateLimited) as caught:
        pages.read_page(client)

    assert caught.value.retry_after_s is None
    assert client.usage is not None
    assert client.usage.percent == 101


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("server_trouble", Unavailable), ("garbage", Unavailable), ("cut_connection", Unavailable), ("refused", Rejected)],
)
def test_trouble_at_meta_is_told_apart(
    client: GraphClient, fake_meta_graph: Any, fault: str, kind: type[ConnectorError]
) -> None:
    with fake_meta_graph.fault(fault), pytest.raises(kind):
        pages.read_page(client)


def test_a_message_whose_answer_was_cut_off_may_have_gone_out(
    client: GraphClient, page: Any, fake_meta_graph: Any
) -> None:
    person = fake_meta_graph.add_person(page)
    fake_meta_graph.write(person, "Hello")

    with fake_meta_graph.fault("cut_connection"), pytest.raises(Unavailable) as caught:
        messenger.send_text(client, page.id, person.id, "Hello")
    assert caught.value.outcome_unknown


def test_a_dead_address_is_unavailable(page: Any) -> None:
    client = GraphClient(page.token, base_url="http://127.0.0.1:9", session=create_session(retries=0))

    with pytest.raises(Unavailable) as caught:
        pages.read_page(client)
    assert caught.value.step == "connect"


def test_usage_is_the_highest_of_all_reports() -> None:
    business = {"1": [{"type": "pages", "call_count": 28, "total_cputime": 25, "total_time": 90, "estimated_time_to_regain_access": 0}],
                "2": [{"type": "instagram", "call_count": 3, "estimated_time_to_regain_access": 19}]}  # fmt: skip
    usage = usage_from_headers({"X-App-Usage": '{"call_count": 40}', "X-Business-Use-Case-Usage": json.dumps(business)})

    assert usage is not None
    assert (usage.percent, usage.retry_after_s) == (90, 19 * 60)


@pytest.mark.parametrize("header", ["", "nonsense", "[]", "{}", '{"1": 7}', '{"1": [7]}', "null"])
def test_odd_usage_headers_count_as_none(header: str) -> None:
    assert usage_from_headers({"X-Business-Use-Case-Usage": header}) is None


def test_no_token_stands_in_errors_or_representations(app: Any, fake_meta_graph: Any) -> None:
    client = app.client("EAABsecretsecret")
    with pytest.raises(TokenRefused) as caught:
        pages.read_page(client)
    repeated = error_from_fields({"message": 'Malformed "access_token":"EAABsecretsecret"', "code": 190})

    assert "EAABsecret" not in caught.value.reason + repr(caught.value) + repr(client) + repeated.reason
    assert all("EAAB" not in asked.path + str(asked.query) for asked in fake_meta_graph.asked)
