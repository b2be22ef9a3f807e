"""A plugin reaches the servers of its manifest and no others, whichever way of `requests` it takes."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from app.plugin_api.manifest import Manifest
from app.plugin_host.outgoing import HostSession
from app.plugin_host.permissions import Permit


class _Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture
def provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Provider)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def session():
    declared = {"permissions": ("network",), "hosts": ("api.example.com",)}
    return HostSession(Permit(Manifest("pager", "Pager", "A test.", "channel", "1.2", (1, 1), **declared)))


def test_the_adapter_alone_reaches_no_other_server(session, provider):
    address = f"http://127.0.0.1:{provider.server_port}/"
    request = requests.Request("GET", address).prepare()

    with pytest.raises(RuntimeError, match="its manifest does not name it"):
        session.get_adapter(address).send(request)
    assert provider.seen == []


def test_no_proxy_of_its_own_stands_between(session, provider):
    proxies = {"http": f"http://127.0.0.1:{provider.server_port}"}

    with pytest.raises(RuntimeError, match="talk through this proxy"):
        session.get("http://api.example.com/", proxies=proxies)
    session.proxies = proxies
    with pytest.raises(RuntimeError, match="talk through this proxy"):
        session.get("http://api.example.com/")
    assert provider.seen == []


def test_the_proxy_of_the_machine_is_used(session, provider, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{provider.server_port}")

    assert session.get("http://api.example.com/rows").status_code == 204
    assert provider.seen == ["http://api.example.com/rows"]


@pytest.mark.parametrize(
    "address",
    [
        "http://api.example.com@127.0.0.1:{}/",
        "http://127.0.0.1:{}\\@api.example.com/",
        "http://127.0.0.1:{}/#@api.example.com",
        "http://127.1:{}/",
        "http://2130706433:{}/",
        "http://[::ffff:7f00:1]:{}/",
        "http://api.example.com.:{}/",
    ],
)
def test_other_ways_to_write_an_address_lead_nowhere(session, provider, address):
    with pytest.raises((RuntimeError, requests.RequestException)):
        session.get(address.format(provider.server_port))
    assert provider.seen == []


def test_a_netrc_of_the_machine_overwrites_no_token(session, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine api.example.com login ada password tiger\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = requests.Request("GET", "http://api.example.com/", headers={"Authorization": "Bearer token"})

    assert session.prepare_request(request).headers["Authorization"] == "Bearer token"
