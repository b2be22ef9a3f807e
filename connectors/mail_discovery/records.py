"""Questions to DNS about mail: exchangers, services (RFC 2782), addresses. Nothing there is an empty answer; no answer is `Unavailable`."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.resolver

from connectors.errors import Unavailable

__all__ = ["Resolver", "Service", "is_public"]

SYSTEM, OFF = "system", "off"
TIMEOUT_S = 4.0
_LEADING_ELSEWHERE = tuple(map(ipaddress.IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10")))
"""Networks of IPv6 whose addresses hold one of IPv4 that a gateway goes on to, and the site's own of old."""


@dataclass(frozen=True)
class Service:
    """One SRV record whose target exists."""

    host: str
    port: int
    priority: int
    weight: int


class Resolver:
    """Asks the machine's name servers ("system"), or `nameserver` alone ("192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"), or nobody
    ("off"). One question takes at most `timeout_s`."""

    def __init__(self, nameserver: str = SYSTEM, timeout_s: float = TIMEOUT_S) -> None:
        self._nameserver = nameserver
        self._timeout_s = timeout_s

    def mail_exchangers(self, domain: str) -> tuple[str, ...]:
        """The hosts that take mail for a domain, the preferred one first; empty also for a domain without mail (RFC 7505)."""
        records = sorted(self._ask(domain, "MX"), key=lambda record: record.preference)
        return tuple(name for record in records if (name := _name(record.exchange)))

    def services(self, name: str) -> tuple[Service, ...]:
        """The SRV records of a name, the preferred one first. A target "." says that there is no such service and is left out."""
        records = self._ask(name, "SRV")
        found = [Service(_name(each.target), each.port, each.priority, each.weight) for each in records]
        named = [service for service in found if service.host and service.port]
        return tuple(sorted(named, key=lambda service: (service.priority, -service.weight, service.host)))

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, the strings of each put together."""
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT"))

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of a host, IPv4 first. A name that DNS does not have may be known to this machine alone (its hosts file); where
        nobody is asked, whatever it knows counts."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            if self._nameserver == OFF:
                return _addresses_here(host)
            found = [record.address for kind in ("A", "AAAA") for record in self._ask(host, kind)]
            return tuple(found) or (_addresses_here(host) if self._nameserver == SYSTEM else ())

    def _ask(self, name: str, kind: str) -> list[Any]:
        if self._nameserver == OFF:
            raise Unavailable(f"Nobody is asked about {name}: DNS is switched off here.", step="connect")
        try:
            return list(self._resolver().resolve(name, kind, search=False, lifetime=self._timeout_s))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.resolver.LifetimeTimeout:
            raise Unavailable(f"DNS did not answer in time for {name}.", step="connect") from None
        except (dns.exception.DNSException, OSError, ValueError) as error:
            text = " ".join(str(error).split())[:200]
            raise Unavailable(f"DNS gave no answer for {name}: {text}", step="connect") from None

    def _resolver(self) -> dns.resolver.Resolver:
        if self._nameserver == SYSTEM:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        server, resolver.port = _server(self._nameserver)
        resolver.nameservers = [server]
        return resolver


def _server(text: str) -> tuple[str, int]:
    """Address and port of a name server. Raises ValueError for what is none."""
    address, _, port = text.rpartition(":")
    if port.isdecimal() and (address.startswith("[") or address.count(":") == 0) and address:
        return str(ipaddress.ip_address(address.strip("[]"))), int(port)
    return str(ipaddress.ip_address(text.strip("[]"))), 53


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet: not of this machine, a home or company network, or a tunnel into one."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in _LEADING_ELSEWHERE):
            return False
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    return ip.is_global and not ip.is_multicast


def _addresses_here(host: str) -> tuple[str, ...]:
    try:
        infos = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(str(info[4][0]) for info in infos))


def _name(name: Any) -> str:
    return name.to_text(omit_final_dot=True).lower().removesuffix(".")
