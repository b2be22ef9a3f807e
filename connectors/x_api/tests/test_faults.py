"""What goes wrong at X, by the problem's type and never by its words."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connectors.errors import AuthExpired, ConnectorError, RateLimited, Rejected, Unavailable
from connectors.x_api import Refusal, UsageCapped, XClient, XRejected
from connectors.x_api.faults import error_from_answer, limits_from_headers

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)


def answered(status: int, body: object, **headers: str) -> ConnectorError:
    response = requests.Response()
    response.status_code = status
    response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return error_from_answer(response, NOW)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"type": "https://api.twitter.com/2/problems/client-forbidden", "reason": "client-not-enrolled"}, Refusal.PLAN),
        ({"type": "https://api.X.com/2/problems/client-forbidden"}, Refusal.PLAN),
        ({"type": "https://api.x.com/2/problems/oauth1-permissions"}, Refusal.PERMISSIONS),
        ({"type": "https://api.x.com/2/problems/unsupported-authentication"}, Refusal.PERMISSIONS),
        ({"type": "https://api.x.com/2/problems/not-authorized-for-resource"}, Refusal.NOT_ALLOWED),
        ({"errors": [{"code": 453, "message": "You currently have access to a subset"}]}, Refusal.PLAN),
        ({"errors": [{"type": "https://api.x.com/2/problems/resource-not-found"}], "title": "x"}, Refusal.NOT_FOUND),
        ({"type": "about:blank", "title": "Forbidden", "detail": "client-forbidden"}, Refusal.OTHER),
        ([], Refusal.OTHER),
        (b"<html>", Refusal.OTHER),
    ],
)  # fmt: skip
def test_a_refusal_is_read_from_its_type(body: object, refusal: Refusal) -> None:
    error = answered(403, body)
    assert isinstance(error, XRejected)
    assert error.refusal is refusal
    assert isinstance(error, Rejected)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"title": "Unauthorized"}, AuthExpired),
        (400, {"error": "invalid_grant"}, AuthExpired),
        (403, {"errors": [{"code": 89}]}, AuthExpired),
        (500, {}, Unavailable),
        (503, b"", Unavailable),
        (302, b"", XRejected),
        (404, {}, XRejected),
    ],
)
def test_other_answers_are_read_from_status_and_code(status: int, body: object, kind: type[ConnectorError]) -> None:
    assert type(answered(status, body)) is kind


def test_a_rate_limit_ends_when_every_exhausted_window_does() -> None:
    soon, late = str(int(NOW.timestamp()) + 60), str(int(NOW.timestamp()) + 7200)
    plain = answered(429, {}, x_rate_limit_limit="15", x_rate_limit_remaining="0", x_rate_limit_reset=soon)
    assert isinstance(plain, RateLimited)
    assert plain.retry_after_s == 60
    both = answered(
        429, {}, x_rate_limit_remaining="0", x_rate_limit_reset=soon,
        x_app_limit_24hour_remaining="0", x_app_limit_24hour_reset=late,
    )  # fmt: skip
    assert isinstance(both, RateLimited)
    assert both.retry_after_s == 7200
    by_header = answered(429, {}, Retry_After="12")
    assert isinstance(by_header, RateLimited)
    assert by_header.retry_after_s == 12


@pytest.mark.parametrize(
    ("status", "body", "period", "wait"),
    [
        (429, {"type": "https://api.x.com/2/problems/usage-capped", "period": "Monthly"}, "monthly", timedelta(hours=6)),
        (403, {"type": "https://api.x.com/2/problems/usage-capped", "period": "Daily"}, "daily", timedelta(hours=14)),
        (402, {"type": "https://api.x.com/2/problems/credits"}, "credits", timedelta(hours=6)),
        (402, {}, "credits", timedelta(hours=6)),
    ],
)  # fmt: skip
def test_a_used_up_plan_says_for_how_long(status: int, body: object, period: str, wait: timedelta) -> None:
    error = answered(status, body)
    assert isinstance(error, UsageCapped)
    assert (error.period, error.retry_after_s) == (period, wait.total_seconds())


def test_odd_headers_tell_of_no_limit() -> None:
    odd = {"x-rate-limit-remaining": "many", "x-rate-limit-reset": "1e9", "x-user-limit-24hour-remaining": "3"}
    assert not limits_from_headers(odd).every
    assert not limits_from_headers({"x-rate-limit-remaining": "1", "x-rate-limit-reset": "9" * 30}).every


@pytest.mark.parametrize("fault", ["expired_credential", "rate_limited", "server_trouble", "refused", "plan_forbids"])
def test_faults_of_the_server_arrive_as_errors_of_ours(client: XClient, fake_x: Any, fault: str) -> None:
    kinds = {
        "expired_credential": AuthExpired,
        "rate_limited": RateLimited,
        "server_trouble": Unavailable,
        "refused": XRejected,
        "plan_forbids": XRejected,
    }
    with fake_x.fault(fault), pytest.raises(kinds[fault]):
        client.mentions(fake_x.account.id)


def test_whether_a_post_was_made_stays_open_when_the_answer_is_lost(client: XClient, fake_x: Any) -> None:
    for fault in ("cut_connection", "garbage"):
        with fake_x.fault(fault), pytest.raises(Unavailable) as caught:
            client.create_post("Hello")
        assert caught.value.outcome_unknown
    with fake_x.fault("garbage"), pytest.raises(Unavailable) as caught:
        client.me()
    assert not caught.value.outcome_unknown


def test_an_ended_token_is_told_from_a_missing_scope(fake_x: Any, session: Any, clock: Any) -> None:
    from connectors.x_api import UserToken

    token = fake_x.new_token(scopes=("tweet.read", "users.read"))
    client = XClient(UserToken(token.access), base_url=fake_x.address, session=session, now=clock)
    client.mentions(fake_x.account.id)
    with pytest.raises(XRejected):
        client.create_post("Hello")
    clock.pass_by(hours=3)
    with pytest.raises(AuthExpired):
        client.me()


def test_tokens_never_show(
    client: XClient, signing_client: XClient, fake_x: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """tweepy would log headers, bodies and the parts of signatures."""
    caplog.set_level(logging.DEBUG)
    shown: list[str] = [repr(client), repr(vars(client))]
    for one in (client, signing_client):
        one.mentions(fake_x.account.id)
        for fault in fake_x.FAULTS:
            if fault != "silence":
                with fake_x.fault(fault), pytest.raises(ConnectorError) as caught:
                    one.create_post("A secret text")
                shown.append(f"{caught.value} {caught.value!r}")
    told = "\n".join([*shown, caplog.text])
    secrets = [*fake_x.state.tokens, *(secret for _, secret in fake_x.oauth1_keys.values()), fake_x.consumer_secret]
    for secret in secrets:
        assert secret not in told
    assert "A secret text" not in told
