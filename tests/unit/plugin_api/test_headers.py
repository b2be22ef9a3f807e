"""Promises about headers: found however their names are written, in requests of providers and in what a provider of the tests was asked."""

import copy
import pickle
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import requests

from app.plugin_api.headers import Headers
from tidings import WebhookRequest
from tidings.testing import FakeProvider

REQUEST = WebhookRequest("POST", "https://x.test/", {"X-Signature": "abc"}, {}, b"", datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("name", ["X-Signature", "x-signature", "X-SIGNATURE"])
def test_a_header_is_found_however_its_name_is_written(name):
    assert REQUEST.headers[name] == "abc"
    assert REQUEST.headers.get(name) == "abc"
    assert name in REQUEST.headers


def test_names_come_in_small_letters():
    assert dict(REQUEST.headers) == {"x-signature": "abc"}
    assert {**REQUEST.headers, "x": "y"} == {"x-signature": "abc", "x": "y"}
    assert REQUEST.headers.get("other") is None


def test_they_show_nothing_and_survive_being_copied():
    headers = Headers({"Authorization": "Bearer secret"})
    assert "secret" not in repr(headers)
    assert copy.deepcopy(headers) == pickle.loads(pickle.dumps(headers)) == headers
    assert replace(REQUEST, body=b"x").headers["X-Signature"] == "abc"


def test_what_a_provider_was_asked_is_found_in_the_same_way():
    with FakeProvider() as provider:
        provider.on("/")(lambda asked: asked.headers["Authorization"])
        answer = requests.get(provider.address, headers={"authorization": "Bearer t"}, timeout=5)
        assert answer.text == "Bearer t"
        assert provider.asked[0].headers["AUTHORIZATION"] == "Bearer t"
