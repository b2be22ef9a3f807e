"""What plugins may ask of the host: the real one over a backend in memory and the one for tests keep the same promises."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.plugin_api.channel import Account
from app.plugin_api.manifest import PERMISSIONS, Manifest
from app.plugin_api.messages import RawEvent
from app.plugin_api.testing import FakeClock, FakeHost
from app.plugin_host import PluginHostServices
from app.plugin_host.permissions import is_host_declared

OWN = Account(1, "pager", "Own", "", {}, secrets={"token": "first"})


def manifest(*permissions: str, hosts: tuple[str, ...] = ()) -> Manifest:
    return Manifest("pager", "Pager", "A test.", "channel", "1.2", (1, 1), permissions=permissions, hosts=hosts)


@pytest.fixture
def real(backend):
    """Make the real host with the given permissions; without any, with all of them."""
    backend.owned = [OWN, Account(2, "other", "Foreign", "", {})]

    def make(*permissions: str, hosts: tuple[str, ...] = (), clock: FakeClock | None = None) -> PluginHostServices:
        return PluginHostServices(manifest(*permissions, hosts=hosts), backend, clock or FakeClock())

    return make


@pytest.fixture(params=["real", "fake"])
def host_and_clock(request, real):
    clock = FakeClock()
    if request.param == "fake":
        return FakeHost("pager", [OWN], clock=clock), clock
    return real(*PERMISSIONS, clock=clock), clock


class TestHost:
    def test_small_values_are_kept(self, host_and_clock):
        store = host_and_clock[0].store
        assert store.get("missing") is None
        assert store.get("missing", 3) == 3
        store.set("list", [1, 2])
        assert store.get("list") == [1, 2]
        assert [store.increment("n"), store.increment("n", 5), store.increment("n", -1)] == [1, 6, 5]
        store.delete("n")
        store.delete("n")
        assert store.get("n") is None

    def test_own_accounts_only(self, host_and_clock):
        host = host_and_clock[0]
        assert [account.id for account in host.accounts()] == [1]
        assert host.account(1).secret("token") == "first"
        assert host.account(2) is None
        for foreign in (
            lambda: host.receive(2, RawEvent(b"x")),
            lambda: host.save_secret(2, "token", "x"),
            lambda: host.save_settings(2, {"town": "Ulm"}),
            lambda: host.account_stats(2),
            lambda: host.webhook_url(2),
            lambda: host.wake(2),
        ):
            with pytest.raises(RuntimeError, match="pager may not use account 2"):
                foreign()

    def test_events_are_handed_over_and_counted(self, host_and_clock):
        host = host_and_clock[0]
        assert host.receive(1, RawEvent(b"x", source_key="a")).state == "new"
        assert host.account_stats(1).received == 1

    def test_what_the_worker_is_to_process_is_stored_and_queued(self, host_and_clock):
        assert host_and_clock[0].receive(1, RawEvent(b"x", source_key="a"), at_once=False).state == "queued"
        assert host_and_clock[0].account_stats(1).received == 1

    def test_a_word_leads_to_one_path(self, host_and_clock):
        host = host_and_clock[0]
        assert host.short_address("help", "/f/1") == "https://inbox.example.com/s/help"
        assert host.short_address("help", "/f/1") == "https://inbox.example.com/s/help"
        with pytest.raises(ValueError, match="taken"):
            host.short_address("help", "/f/2")
        host.drop_short_address("help")
        assert host.short_address("help", "/f/2")

    @pytest.mark.parametrize("path", ["//elsewhere.test", "/../other", "f/1", "https://elsewhere.test/"])
    def test_only_pages_of_its_own_are_visited_and_get_short_addresses(self, host_and_clock, path):
        with pytest.raises(ValueError, match="no path of a plugin's own"):
            host_and_clock[0].visit(path)
        with pytest.raises(ValueError, match="no path of a plugin's own"):
            host_and_clock[0].short_address("help", path)

    def test_admins_are_told(self, host_and_clock):
        host = host_and_clock[0]
        host.note_change("Published a form", "Orders", version=3)
        host.tell("test", "The form %(name)s fails.", data={"name": "Orders"}, path="/f/1")
        host.over("test")
        host.over("nothing")

    def test_it_knows_the_language_of_the_page(self, host_and_clock):
        assert host_and_clock[0].language == "en"

    def test_an_own_account_can_be_woken(self, host_and_clock):
        assert host_and_clock[0].wake(1) is None

    def test_addresses_stand_below_the_plugin(self, host_and_clock):
        host = host_and_clock[0]
        assert host.url() == "https://inbox.example.com/plugins/pager/"
        assert host.url("/page") == "https://inbox.example.com/plugins/pager/page"
        assert host.webhook_url(1) == "https://inbox.example.com/hooks/pager/1"
        assert host.shared_webhook_url() == "https://inbox.example.com/hooks/pager"

    def test_signed_texts_come_back_until_they_are_old(self, host_and_clock):
        host, clock = host_and_clock
        token = host.sign({"form": 3, "name": "Ada"})
        clock.tick(60)
        assert host.unsign(token, max_age_s=60) == {"form": 3, "name": "Ada"}
        assert host.unsign(token[:-2] + "xx", max_age_s=60) is None
        assert host.unsign("nonsense", max_age_s=60) is None
        clock.tick(1)
        assert host.unsign(token, max_age_s=60) is None

    def test_a_limit_counts_each_use(self, host_and_clock):
        host = host_and_clock[0]
        assert [host.allow("post", "2 per hour") for _ in range(3)] == [True, True, False]
        assert host.allow("other", "2 per hour")

    def test_limits_count_together_and_one_that_is_exceeded_is_enough(self, host_and_clock):
        host = host_and_clock[0]
        asked = [host.allow_each({"address": "2 per hour", "network": "9 per hour"}) for _ in range(3)]
        assert asked == [True, True, False]
        assert host.allow("network", "9 per hour")

    def test_it_has_a_folder_for_files(self, host_and_clock):
        folder = host_and_clock[0].data_folder()
        (folder / "note").write_text("kept")
        assert isinstance(folder, Path)
        assert (host_and_clock[0].data_folder() / "note").read_text() == "kept"


def test_nobody_reads_what_another_plugin_signed(real, backend):
    token = real().sign({"a": 1})
    other = PluginHostServices(Manifest("other", "Other", "A test.", "channel", "1", (1, 1)), backend, FakeClock())
    assert other.unsign(token, max_age_s=60) is None


def test_signed_texts_outlive_a_change_of_keys(real, backend):
    token = real().sign({"a": 1})
    backend.keys = [b"first key", b"second key"]
    assert real().unsign(token, max_age_s=60) == {"a": 1}
    fresh = real().sign({"a": 1})
    backend.keys = [b"second key"]
    assert real().unsign(token, max_age_s=60) is None
    assert real().unsign(fresh, max_age_s=60) == {"a": 1}


@pytest.mark.parametrize(
    ("permission", "use"),
    [
        ("receive_messages", lambda host: host.receive(1, RawEvent(b"x"))),
        ("send_automatic", lambda host: host.send_automatic(1, "Hello")),
        ("read_conversations", lambda host: host.raw_message("abc")),
        ("other_accounts", lambda host: host.sending_accounts("mail")),
        ("agents", lambda host: host.agents()),
        ("agents", lambda host: host.teams()),
        ("public_routes", lambda host: host.short_address("help", "/f")),
        ("public_routes", lambda host: host.drop_short_address("help")),
        ("public_routes", lambda host: host.visit("/f")),
        ("contacts", lambda host: host.contact("phone", "+49301")),
        ("accounts", lambda host: host.save_settings(1, {"town": "Ulm"})),
        ("accounts", lambda host: host.add_account("Ulm", settings={}, secrets={})),
        ("store", lambda host: host.store.get("a")),
        ("store", lambda host: host.store.set("a", 1)),
        ("store", lambda host: host.store.delete("a")),
        ("store", lambda host: host.store.increment("a")),
    ],
)
def test_what_the_manifest_does_not_ask_for_is_refused(real, permission, use):
    use(real(permission))
    others = [one for one in PERMISSIONS if one != permission]
    with pytest.raises(RuntimeError, match=f"pager may not do this.*'{permission}'"):
        use(real(*others))


def test_values_of_the_deployment_are_at_hand(real):
    assert real().config == {"region": "pager-land"}


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(dict(self.headers))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_port}/here")
        else:
            self.send_response(200)
        body = json.dumps({"ok": True}).encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_declared_servers_are_reached_and_told_who_calls(real, provider):
    host = real("network", hosts=("127.0.0.1",))
    assert host.http.get(f"http://127.0.0.1:{provider.server_port}/here").json() == {"ok": True}
    assert provider.asked[0]["User-Agent"] == "Tidings (pager 1.2)"


@pytest.mark.parametrize(
    ("permissions", "hosts", "sentence"),
    [
        ((), ("127.0.0.1",), "does not ask for the permission 'network'"),
        (("network",), (), "its manifest does not name it"),
        (("network",), ("api.example.com",), "its manifest does not name it"),
    ],
)
def test_other_servers_are_not(real, provider, permissions, hosts, sentence):
    host = real(*permissions, hosts=hosts)
    with pytest.raises(RuntimeError, match=sentence):
        host.http.get(f"http://127.0.0.1:{provider.server_port}/here")
    assert provider.asked == []


def test_a_server_that_the_deployment_names_is_reached_and_no_other(real, backend, provider, monkeypatch):
    address = f"http://127.0.0.1:{provider.server_port}"
    monkeypatch.setattr(backend, "deployment_values", lambda plugin: {"api_base": f"{address}/v1", "region": "eu"})
    host = real("network")
    assert host.http.get(f"{address}/here").json() == {"ok": True}
    for other in (f"http://127.0.0.1:{provider.server_port + 1}/", f"http://eu@127.0.0.1:{provider.server_port}/"):
        with pytest.raises(RuntimeError, match="does not name it"):
            host.http.get(other)


def test_a_redirect_cannot_lead_away_from_the_declared_servers(real, provider):
    host = real("network", hosts=("127.0.0.1",))
    with pytest.raises(RuntimeError, match="does not name it"):
        host.http.get(f"http://127.0.0.1:{provider.server_port}/away")
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("declared", "url", "is_declared"),
    [
        ("api.example.com", "https://api.example.com/x", True),
        ("api.example.com", "https://API.example.com:8443/x", True),
        ("api.example.com", "https://example.com/", False),
        ("api.example.com", "https://api.example.com@evil.test/", False),
        ("*.example.com", "https://a.b.example.com/", True),
        ("*.example.com", "https://example.com/", False),
        ("*.example.com", "https://evilexample.com/", False),
        ("*", "https://anything.test/", True),
        ("*", "mailto:ada", False),
    ],
)
def test_servers_are_named_whole_or_by_what_is_below_them(declared, url, is_declared):
    assert is_host_declared(manifest(hosts=(declared,)), url) is is_declared


def test_a_plugin_that_was_stopped_may_finish_and_then_do_nothing_any_more(real, monkeypatch):
    host = real("store", "network", hosts=("*",))
    host.retire()
    host.store.set("last", "words")

    monkeypatch.setattr("app.plugin_host.permissions.LEEWAY_S", -1.0)
    host.retire()

    for use in (lambda: host.store.get("last"), host.accounts, lambda: host.http.get("http://127.0.0.1:9/"), host.url):
        with pytest.raises(RuntimeError, match="switched off or replaced"):
            use()


@pytest.mark.parametrize(
    "path",
    ["//elsewhere.test", "/../other", "/a/../../other", "/%2e%2e/other", "hide/1", "/a\\..", "/a\n", "/a//b", "/a#b"],
)
def test_an_answer_leads_to_no_page_that_is_not_the_plugins_own(real, path):
    with pytest.raises(ValueError, match="no path of a plugin's own"):
        real().done("Hidden.", path)


def test_an_answer_leads_to_a_page_of_the_plugin_or_back(real):
    assert real().done("Hidden.", "/list?of=2") == "Hidden. /plugins/pager/list?of=2"
    assert real().done("Hidden.") == "Hidden. "
