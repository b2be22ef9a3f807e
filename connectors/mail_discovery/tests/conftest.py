"""A name server and a web server of the domain example.test on this machine, and searches that use them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.mail_discovery import Discovery, Ports, Reach, Resolver, find_servers
from connectors.mail_discovery.tests.web_server import WebServer

NAMES = ("localhost", "example.test", "autoconfig.example.test", "mail.example.test", "www.example.test", "other.test")


@pytest.fixture(scope="session")
def certificate(create_certificate: Callable[..., Any]) -> Any:
    """A certificate for `NAMES`."""
    return create_certificate(*NAMES)


@pytest.fixture
def web(certificate: Any) -> Iterator[WebServer]:
    """A web server without pages."""
    with WebServer(certificate.server_context()) as server:
        yield server


@pytest.fixture
def reach(dns_server: Any, web: WebServer, certificate: Any) -> Reach:
    """Both servers and nothing else: on the ports of mail, nothing listens."""
    return create_reach(dns_server, web, certificate.client_context())


@pytest.fixture
def find(reach: Reach) -> Callable[..., Discovery]:
    """`find_servers` in that little world; nobody else's list is asked."""

    def find_in_reach(address: str = "ada@example.test", **options: Any) -> Discovery:
        return find_servers(address, **{"reach": reach, "ispdb": "", **options})

    return find_in_reach


def create_reach(dns_server: Any, web: WebServer, tls: ssl.SSLContext, **ports: int) -> Reach:
    """What a search may use, with ports where nothing listens unless one is given."""
    point_here(dns_server, "localhost")
    nothing = {"imap_tls": 1, "imap_starttls": 1, "smtp_tls": 1, "smtp_starttls": 1}
    return Reach(
        Resolver(dns_server.address, timeout_s=1.0), tls, Ports(https=web.port, **{**nothing, **ports}), timeout_s=1.0
    )


def point_here(dns_server: Any, *hosts: str) -> None:
    """Let hosts lead to this machine."""
    for host in hosts:
        dns_server.put(host, "A", "127.0.0.1")
