"""A channel with every capability keeps the whole contract; each way of breaking it is noticed by the promise that covers it."""

import hmac
import inspect
import json
import shutil

import pytest
from broken_postboxes import BREAKS, TOKEN
from postbox import channel as channel_module
from postbox import provider as provider_module
from postbox.channel import PostboxChannel, PostboxForm

from app.plugin_api.errors import ManifestError
from tidings import (
    Account,
    BadSignature,
    Capability,
    NeedsReauth,
    OutboundMessage,
    Permanent,
    RawEvent,
    SendReceipt,
    Temporary,
    UnrecognisedPayload,
    WebhookRequest,
)
from tidings.testing import ChannelContract

STATUS = {
    "expired_credential": 401, "server_trouble": 503, "rate_limited": 429, "refused": 422,
    "gone": 404, "cut_connection": 597, "silence": 598, "garbage": 599,
}  # fmt: skip
"""What the provider in memory says in each trouble; there is no wire to cut, so the last three are numbers of its own."""


def letter(**fields: object) -> bytes:
    said = {"kind": "letter", "id": "1", "from": "ada@example.com", "text": "Grüße", "at": 1_700_000_000}
    return json.dumps({**said, **fields}).encode()


class TestPostbox(ChannelContract):
    plugin = "postbox"
    channel_class = PostboxChannel
    plugin_settings = {"office_secret": "a secret of the post office"}
    faults = frozenset(STATUS)
    rate_limit_wait_s = 30

    @pytest.fixture(autouse=True)
    def _fresh_provider(self, monkeypatch):
        monkeypatch.setattr(provider_module, "PROVIDER", provider_module.Provider())

    def create_account(self) -> Account:
        return Account(1, "postbox", "Box", "", {"town": "Ulm"}, secrets={"token": TOKEN})

    def sample_events(self) -> list[RawEvent]:
        files = [{"name": "a.txt", "data": "aGVsbG8="}]
        return [RawEvent(letter()), RawEvent(letter(id="2", html="<p>Grüße</p>", files=files, photo="roof.jpg"))]

    def unsupported_events(self) -> list[RawEvent]:
        return [RawEvent(letter(kind="leaflet"))]

    def update_events(self) -> list[RawEvent]:
        return [
            RawEvent(letter(kind="receipt", word="failed", why="Nobody lives there.")),
            RawEvent(letter(kind="correction", text="Liebe Grüße")),
            RawEvent(letter(kind="recall")),
            RawEvent(letter(kind="stamp", sign="👍")),
            RawEvent(letter(kind="filing", status="resolved")),
        ]

    def exchange_events(self) -> list[RawEvent]:
        return [RawEvent(letter()), RawEvent(letter(id="2", answers="1", text="And how much is it?"))]

    def answer_event(self, message: OutboundMessage, receipt: SendReceipt) -> RawEvent:
        return RawEvent(letter(id="3", answers=receipt.external_id))

    def arrive(self) -> None:
        provider = provider_module.PROVIDER
        provider.arrive(letter(id=f"letter-{len(provider.letters)}"))

    def signed_request(self) -> WebhookRequest:
        body = letter()
        headers = {"x-signature": hmac.new(TOKEN.encode(), body, "sha256").hexdigest()}
        return WebhookRequest("POST", self.host.webhook_url(1), headers, {}, body, self.host.now())

    def shared_webhook_body(self, event: RawEvent) -> bytes:
        return json.dumps({"letters": [{"town": "Ulm", "letter": json.loads(event.payload)}]}).encode()

    def sent_count(self, message: OutboundMessage) -> int:
        return list(provider_module.PROVIDER.sent).count(message.external_id)

    def fault(self, name: str):
        return provider_module.PROVIDER.answering(STATUS[name])


PROMISES = {name for name, _ in inspect.getmembers(ChannelContract, inspect.isfunction) if name.startswith("test_")}


def test_every_promise_of_the_contract_applies_here():
    """But the one of providers whose requests bring nothing."""
    left_out = {name for name in PROMISES if getattr(TestPostbox, name) is None}
    assert left_out == {"test_a_signed_shared_request_wakes_its_account_and_no_other"}


def test_promises_that_do_not_apply_are_not_collected():
    class Mute(PostboxChannel):
        capabilities = frozenset({Capability.FETCH})

    class TestMute(ChannelContract):
        channel_class = Mute

    left_out = {name for name in PROMISES if getattr(TestMute, name) is None}
    assert "test_sending_gives_a_receipt" in left_out
    assert "test_a_request_that_was_changed_is_refused" in left_out
    assert "test_trouble_of_the_server_is_temporary" in left_out
    assert "test_an_interrupted_fetch_loses_nothing" not in left_out


NOTICED = (
    AssertionError,
    pytest.fail.Exception,
    KeyError,
    ValueError,
    NeedsReauth,
    Permanent,
    Temporary,
    UnrecognisedPayload,
    BadSignature,
)
"""What a promise fails with: its own sentence, or what the broken channel raises; not a mistake of this test."""


@pytest.mark.parametrize(
    ("channel", "promise"), BREAKS, ids=[f"{i}-{promise}" for i, (_, promise) in enumerate(BREAKS)]
)
def test_a_broken_channel_is_noticed(channel, promise, monkeypatch, caplog):
    monkeypatch.setattr(provider_module, "PROVIDER", provider_module.Provider())
    monkeypatch.setattr("app.plugin_api.testing.exchange.WATCH_S", 2.0)
    subject = TestPostbox()
    monkeypatch.setattr(TestPostbox, "channel_class", channel)
    monkeypatch.setattr(channel_module, "PostboxChannel", channel)
    monkeypatch.setattr("postbox.PostboxChannel", channel)
    test = getattr(subject, promise)
    arguments = {"caplog": caplog} if "caplog" in inspect.signature(test).parameters else {}
    with pytest.raises(NOTICED):
        test(**arguments)


@pytest.mark.parametrize(
    ("name", "text", "promise"),
    [
        ("manifest.toml", None, "test_the_manifest_is_valid_and_names_the_folder"),
        ("manifest.toml", 'name = "other"', "test_the_manifest_is_valid_and_names_the_folder"),
        ("README.md", None, "test_the_folder_has_a_readme"),
        ("README.md", "# Short", "test_the_folder_has_a_readme"),
        ("quality.toml", None, "test_the_folder_has_a_quality_list"),
        ("quality.toml", 'contract = "exempt"', "test_the_folder_has_a_quality_list"),
        (
            "__init__.py",
            "import socket; socket.socket().bind(('127.0.0.1', 0))",
            "test_importing_the_plugin_does_nothing",
        ),
        ("__init__.py", "open(__file__ + '.log', 'w').close()", "test_importing_the_plugin_does_nothing"),
        (
            "__init__.py",
            "import threading; threading.Timer(1, print).start()",
            "test_importing_the_plugin_does_nothing",
        ),
        ("__init__.py", "import subprocess; subprocess.run(['true'])", "test_importing_the_plugin_does_nothing"),
    ],
)
def test_a_broken_folder_is_noticed(name, text, promise, tmp_path, monkeypatch):
    folder = tmp_path / "postbox"
    shutil.copytree(TestPostbox().folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if text is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(TestPostbox, "folder", folder)
    with pytest.raises((AssertionError, ManifestError, FileNotFoundError)):
        getattr(TestPostbox(), promise)()


def test_the_form_of_the_sample_is_used():
    assert PostboxForm.secret_names() == {"token"}
