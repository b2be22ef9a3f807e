"""Promises of `verify-webhook` and `parse-webhook`: plugins' own code answers, without an installation, and no line ends the others."""

import base64
import json
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli.webhooks import parse_webhook, verify_webhook
from app.plugin_host import discover
from app.plugin_host.webhook_readers import webhook_readers
from tidings import WebhookReader, signatures

SAMPLES = Path(__file__).parents[1] / "sample_plugins"
PARCELS = {"parcels": [{"office": "ulm", "id": "1", "text": "Grüße"}]}
BODY = json.dumps(PARCELS).encode()


@pytest.fixture(autouse=True)
def courier(monkeypatch):
    """The sample plugin is the only one here, beside one that fails when it is imported."""
    monkeypatch.syspath_prepend(str(SAMPLES))
    monkeypatch.setattr("app.plugin_host.webhook_readers.discover", lambda: found("courier"))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "courier"]:
        del sys.modules[name]


def found(*names: str):
    return discover([EntryPoint(name, name, "tidings.plugins") for name in names])


def run(command, *lines: object) -> list[dict]:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = CliRunner().invoke(command, input=text.encode("utf-8", "surrogatepass"))
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout_bytes.decode().splitlines()]


def asked(secret: str = "s", body: bytes = BODY, **fields: object) -> dict:
    headers = {"X-Courier-Signature": "sha256=" + signatures.sign_body(secret, body)}
    line = {
        "file": "a",
        "provider": "courier",
        "secret": "s",
        "headers": headers,
        "url": "https://x.test/",
        "method": "POST",
    }
    return {**line, "body_b64": base64.b64encode(body).decode(), "now": 1_700_000_000, **fields}


def test_a_request_is_verified_by_the_plugin_of_its_provider():
    assert run(verify_webhook, asked(), asked(secret="other"), asked(secret="")) == [
        {"file": "a", "valid": True},
        {"file": "a", "valid": False},
        {"file": "a", "valid": False},
    ]


def test_what_is_missing_or_odd_is_not_signed():
    for changes in (
        {"headers": {}},
        {"headers": None},
        {"secret": ""},
        {"secret": None},
        {"body_b64": ""},
        {"headers": {"é": 7}},
    ):
        assert run(verify_webhook, {**asked(), **changes}) == [{"file": "a", "valid": False}]


def test_a_question_of_the_provider_is_answered():
    line = {"file": "a", "provider": "courier", "secret": "s", "crc_token": "t", "headers": {}}
    assert run(verify_webhook, line) == [{"file": "a", "valid": True, "response_token": "s+t"}]
    assert run(verify_webhook, {**line, "secret": ""})[0]["valid"] is False
    assert "error" in run(verify_webhook, {**line, "provider": "slack"})[0]


def test_schemes_that_need_no_plugin_are_known():
    body = b"{}"
    line = asked(
        provider="line", body=body, headers={"X-Line-Signature": signatures.sign_body("s", body, encoding="base64")}
    )
    assert run(verify_webhook, line) == [{"file": "a", "valid": True}]
    assert "no plugin here reads" in run(parse_webhook, line)[0]["error"]


def test_what_a_request_tells_is_printed():
    event = {
        "kind": "message", "external_id": "1", "conversation_key": "ulm", "sender": {"id": "", "name": ""}, "text": "Grüße",
        "attachments": 0, "sent_at": None, "is_echo": False,
    }  # fmt: skip
    line = {"file": "b", "provider": "courier", "headers": {}, "body_b64": base64.b64encode(BODY).decode()}
    assert run(parse_webhook, line) == [{"file": "b", "events": [event]}]


@pytest.mark.parametrize("command", [verify_webhook, parse_webhook])
def test_a_bad_line_ends_nothing(command):
    bad = ["no json", "[]", '"text"', "{}", "[" * 100_000, '{"file": "c", "provider": "nobody"}']
    bad += [json.dumps(asked(**changes)) for changes in ({"headers": ["x"]}, {"body_b64": "é"}, {"body_b64": "a"})]
    *answers, last = run(command, *bad, "", asked())
    assert len(answers) == len(bad)
    assert all("error" in answer and "file" in answer for answer in answers)
    assert answers[5] == {"file": "c", "error": answers[5]["error"]}
    assert "error" not in last


@pytest.mark.parametrize("now", ["soon", "1e400", [], 10**30])
def test_a_clock_that_is_none_is_an_error_of_its_line(now):
    assert "error" in run(verify_webhook, asked(now=now))[0]


def test_what_cannot_be_read_is_an_error_of_its_line():
    assert run(parse_webhook, asked(body=b"\xff"))[0] == {"file": "a", "error": "these are no parcels"}


def test_plugins_without_readers_are_not_imported_and_broken_ones_are_left_out(tmp_path, monkeypatch, caplog):
    monkeypatch.syspath_prepend(str(tmp_path))
    codes = {
        "silent_one": "raise RuntimeError('imported')",
        "broken_one": "raise RuntimeError('register_webhook_readers')",
        "asking_one": "from tidings import hookimpl\n@hookimpl\ndef register_webhook_readers(host):\n    return host.accounts()",
    }
    for name, code in codes.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code)
        card = f'name = "{name}"\ntitle = "x"\nsummary = "x"\nkind = "panel"\nversion = "1"\napi = "3"\n'
        (tmp_path / name / "manifest.toml").write_text(card)
    readers = webhook_readers(found(*codes, "courier"))
    assert sorted(readers) == ["courier", "line", "slack", "standard"]
    assert "silent_one" not in sys.modules
    assert "broken_one" in caplog.text
    assert "no installation behind" in caplog.text


@pytest.mark.parametrize("command", [verify_webhook, parse_webhook])
def test_a_reader_that_fails_is_an_error_of_its_line(command, monkeypatch):
    def fail(*_):
        raise RuntimeError("a fault of the plugin")

    reader = WebhookReader("courier", fail, fail)
    monkeypatch.setattr("app.cli.webhooks.webhook_readers", lambda: {"courier": reader})
    first, second = run(command, asked(), asked())
    assert first == second == {"file": "a", "error": "the reader of courier failed (RuntimeError)"}
