"""Promises of captured requests: each way of giving a body, and no way of giving a secret."""

import json
from datetime import UTC, datetime

import pytest

from app.plugin_api.recorded import read_recorded

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a fixture and gives its path."""

    def make(content, name="webhook.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return make


@pytest.mark.parametrize(
    ("given", "body", "kind"),
    [
        ({"body": {"text": "Grüße"}}, '{"text": "Grüße"}'.encode(), "application/json"),
        ({"body": "a=1&b=2"}, b"a=1&b=2", "text/plain; charset=utf-8"),
        ({"body_base64": "AAH/"}, b"\0\1\xff", "application/octet-stream"),
        ({"body_file": "other.json"}, b'{"a": 1}', "application/json"),
        ({"method": "get"}, b"", "text/plain; charset=utf-8"),
    ],
)
def test_a_body_is_given_in_one_of_four_ways(write, given, body, kind):
    write(b'{"a": 1}', "other.json")
    recorded = read_recorded(write(given))
    assert (recorded.body, recorded.headers["content-type"]) == (body, kind)


@pytest.mark.parametrize(
    "content", [b'{"id": 1, "text": "Hello"}', b"From: ada@example.com", b"[1]", b'{"body": 1, "id": 2}']
)
def test_any_other_file_is_the_body_itself(write, content):
    recorded = read_recorded(write(content))
    assert (recorded.body, recorded.method) == (content, "POST")


def test_it_becomes_the_request_a_channel_gets(write):
    given = {"method": "put", "query": {"a": 1}, "headers": {"Content-Type": "application/x-own"}, "body": "x"}
    request = read_recorded(write(given)).asked_at("https://inbox.example.com/hooks/pager/1", NOW)
    assert (request.method, request.url) == ("PUT", "https://inbox.example.com/hooks/pager/1?a=1")
    assert (request.headers, request.query, request.now) == ({"content-type": "application/x-own"}, {"a": "1"}, NOW)


@pytest.mark.parametrize("header", ["Authorization", "COOKIE", "x-api-key"])
def test_secrets_are_refused(write, header):
    with pytest.raises(ValueError, match="secrets have no place"):
        read_recorded(write({"headers": {header: "x"}, "body": ""}))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"body": "x", "body_file": "y"}, "give one of them"), ({"body_base64": "?"}, "is not base64")],
)
def test_what_cannot_be_meant_is_said(write, given, sentence):
    with pytest.raises(ValueError, match=sentence):
        read_recorded(write(given))


def test_a_file_that_is_not_there_is_said(write):
    with pytest.raises(FileNotFoundError):
        read_recorded(write({"body_file": "nowhere.json"}))
