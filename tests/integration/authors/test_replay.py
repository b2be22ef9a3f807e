"""Promises of `tidings plugin replay`: what is posted is signed and taken, and what became of it is told."""

import json
import threading
from contextlib import contextmanager
from dataclasses import replace as changed

import pytest
from werkzeug.serving import make_server

from app.cli.plugin_replay import replay
from app.errors import Conflict, NotFound
from app.plugin_api.recorded import RecordedRequest
from app.scaffold import write_plugin
from app.services import accounts
from app.services.core import SYSTEM
from app.services.intake import process_event
from tests.integration.web.courier import courier_plugin
from tidings import RawEvent, WebhookReply

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MESSAGE = RecordedRequest(b'{"id": "m1", "from": "ada", "name": "Ada", "text": "Hello"}')


@pytest.fixture
def account_id(core):
    secrets = {"shared_secret": "a long shared secret"}
    return accounts.create_account(core, SYSTEM, plugin="echo", name="Echo", settings={"prefix": ""}, secrets=secrets)


@contextmanager
def served(tidings_app):
    """Where the installation is served, over a real socket."""
    server = make_server("127.0.0.1", 0, tidings_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def address(tidings_app, create_agent):
    """The installation has an admin, so that it is past its first run."""
    create_agent("Root", role="admin")
    with served(tidings_app) as address:
        yield address


def worker(tidings_app, event_id):
    """Processes an event a moment later, as the worker would."""

    def work():
        with tidings_app.app_context():
            process_event(tidings_app.extensions["tidings"], event_id)

    return threading.Timer(0.4, work)


def test_a_request_is_signed_taken_and_followed_to_its_conversation(core, tidings_app, account_id, address):
    timer = worker(tidings_app, 1)
    timer.start()
    done = replay(core, MESSAGE, account_id, address, wait_s=10)
    timer.join()
    assert (done.status, done.is_signed) == (202, True)
    assert done.events == ("event 1: processed, message 1 in conversation #1",)


def test_what_is_not_processed_yet_is_told(core, account_id, address):
    done = replay(core, MESSAGE, account_id, address, wait_s=0)
    assert done.events == ("event 1: stored, and not processed yet; is the worker running?",)


def test_what_cannot_be_read_is_told_with_its_reason(core, tidings_app, account_id, address):
    timer = worker(tidings_app, 1)
    timer.start()
    done = replay(core, RecordedRequest(b"garbage"), account_id, address, wait_s=10)
    timer.join()
    (line,) = done.events
    assert line.startswith("event 1: undelivered. ")


def test_being_sent_elsewhere_is_not_being_taken(core, tidings_app, account_id):
    """Nobody has made the first admin yet: whatever is asked is sent to the first run."""
    with served(tidings_app) as address:
        done = replay(core, MESSAGE, account_id, address, wait_s=0)
    assert (done.status, done.events) == (302, ())


def test_an_account_that_takes_none_is_said(core, create_account, address):
    with pytest.raises(Conflict, match="takes no webhooks"):
        replay(core, MESSAGE, create_account("mailbox"), address, wait_s=0)
    with pytest.raises(NotFound, match="There is no account 99"):
        replay(core, MESSAGE, 99, address, wait_s=0)


def test_a_repeated_request_is_known_already(core, tidings_app, account_id, address):
    for event_id in (1, 2):
        timer = worker(tidings_app, event_id)
        timer.start()
        done = replay(core, MESSAGE, account_id, address, wait_s=10)
        timer.join()
    assert done.events == ("event 2: known already, message 1 in conversation #1",)


def test_a_repeated_request_is_known_already_by_its_place(core, tidings_app, account_id, address, monkeypatch):
    """A channel that names the provider's place of an event: the second one is not even stored."""
    place = WebhookReply((RawEvent(MESSAGE.body, source_key="m1"),), status=202)
    monkeypatch.setattr(type(core.plugins.channels["echo"]), "receive_webhook", lambda *_: place)
    assert replay(core, MESSAGE, account_id, address, wait_s=0).events
    with tidings_app.app_context():
        process_event(tidings_app.extensions["tidings"], 1)
    done = replay(core, MESSAGE, account_id, address, wait_s=10)
    assert done.events == ("known already: event 1: processed, message 1 in conversation #1",)


class TestOneThatDoesNotRunHere:
    """The reason is the one of the list of plugins, such as a drop-in in a shell that does not allow them."""

    @pytest.fixture
    def pager_id(self, core, installation, create_account):
        write_plugin("channel", "pager", installation.home / "plugins")
        core.plugins.rescan()
        return create_account("pager")

    def test_replaying_says_why(self, core, pager_id, address):
        with pytest.raises(NotFound, match=r"no active channel called pager. .*set TIDINGS_ALLOW_DROP_INS=1"):
            replay(core, MESSAGE, pager_id, address, wait_s=0)

    def test_testing_the_connection_says_why(self, core, pager_id):
        with pytest.raises(NotFound, match="set TIDINGS_ALLOW_DROP_INS=1"):
            accounts.test_account(core, SYSTEM, pager_id)

    def test_one_that_is_gone_is_said(self, core, create_account):
        with pytest.raises(NotFound, match="Nothing of that name was found here"):
            accounts.test_account(core, SYSTEM, create_account("gone"))


class TestOneThatIsOff:
    @pytest.fixture
    def installation(self, installation):
        return changed(installation, allow_drop_ins=True)

    def test_that_is_said(self, core, installation, create_account):
        write_plugin("channel", "pager", installation.home / "plugins")
        core.plugins.rescan()
        with pytest.raises(NotFound, match="The plugin is switched off"):
            accounts.test_account(core, SYSTEM, create_account("pager"))


def test_an_installation_that_does_not_run_is_said(core, account_id):
    with pytest.raises(Conflict, match="Nobody answers"):
        replay(core, MESSAGE, account_id, "http://127.0.0.1:9", wait_s=0)


def test_a_request_for_all_accounts_is_followed_to_each_of_them(core, address):
    with courier_plugin(core):
        for name in ("ulm", "bonn"):
            accounts.create_account(
                core, SYSTEM, plugin="courier", name=name, settings={"office": name}, secrets={"token": "token"}
            )
        parcels = [{"office": name, "id": name, "text": "Hello"} for name in ("bonn", "ulm")]
        request = RecordedRequest(json.dumps({"parcels": parcels}).encode())
        done = replay(core, request, 1, address, wait_s=0)
        assert (done.status, done.is_signed, len(done.events)) == (200, True, 2)
        assert len(replay(core, request, 1, address, wait_s=0, is_shared=True).events) == 2, "known already"
